"""Read customers as rows of numbers; a column of text is refused by name, with what to make of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data

FloatArray = NDArray[np.float64]


def numeric_rows(model: Any, X: Any, *, reset: bool = False) -> FloatArray:
    """Return prepared customers as a matrix, shape (n_rows, n_features).

    Args:
        model: the segmenter that asks; errors carry its name.
        X: what came for customers.
        reset: whether the segmenter learns from them; else they must have the columns that it learned from.

    Raises:
        ValueError: text, NaN or infinity, no row or no column, or other columns than those learned from.
    """
    with _text_refused(model, X):
        matrix: FloatArray = validate_data(model, X, reset=reset, dtype=np.float64)
    return matrix


def rows_and_value(model: Any, X: Any, y: Any) -> tuple[FloatArray, FloatArray]:
    """Return customers to learn from as `numeric_rows` does, and what each brought, shape (n_rows,).

    Raises:
        ValueError: as `numeric_rows`; or no `y`, or one of another length.
    """
    with _text_refused(model, X):
        matrix, value = validate_data(model, X, y, dtype=np.float64, y_numeric=True)
    return matrix, np.asarray(value, dtype=np.float64)


@contextmanager
def _text_refused(model: Any, X: Any) -> Iterator[None]:
    try:
        yield
    except (TypeError, ValueError) as error:
        if (found := _text(X)) is None:
            raise
        raise ValueError(_told(model, X, *found)) from error


def _told(model: Any, X: Any, at: int, text: str) -> str:
    names = list(getattr(X, "columns", ()))
    column = f"column {at} ({names[at]!r})" if names else f"column {at}"
    takes_codes = hasattr(model, "categorical")
    then = f"name {at} in `categorical`" if takes_codes else f"use KPrototypesSegmenter(categorical=[{at}])"
    return (
        f"{type(model).__name__}: {column} of X holds text, such as {text!r}; expected numbers.\n"
        f"Next: make whole-number codes of it (sklearn.preprocessing.OrdinalEncoder) and {then}, "
        "or make a column of 0 and 1 of each category (OneHotEncoder)."
    )


def _text(X: Any) -> tuple[int, str] | None:
    """Return the first column with a cell of text that is no number, and that cell."""
    cells = np.asarray(X, dtype=object)
    if cells.ndim != 2:
        return None
    found = ((at, str(cell)) for at, column in enumerate(cells.T) for cell in column if _is_text(cell))
    return next(found, None)


def _is_text(cell: Any) -> bool:
    if not isinstance(cell, str):
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False
