"""What a preparation decided about a column, and why: the rows of the report's preparation table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted, validate_data

FloatArray = NDArray[np.float64]


class Choice(NamedTuple):
    """One decision: the step that took it, the column, what was chosen, and the reason with its numbers."""

    step: str
    column: str
    choice: str
    reason: str


def names_of(estimator: Any) -> list[str]:
    """Return the names of a fitted estimator's input columns: its own, or x0, x1, … for bare arrays."""
    known = getattr(estimator, "feature_names_in_", None)
    return [str(name) for name in known] if known is not None else [f"x{i}" for i in range(estimator.n_features_in_)]


def output_names(estimator: Any, input_features: Sequence[str] | None, kept: Iterable[int]) -> NDArray[np.object_]:
    """Return the names of the `kept` columns, checked against what the estimator was fitted on."""
    check_is_fitted(estimator)
    names = _checked_names(estimator, input_features)
    return np.asarray([names[i] for i in kept], dtype=object)


def read(estimator: Any, X: Any, *, reset: bool, allow_absent: bool = False, least_rows: int = 1) -> FloatArray:
    """Return `X` as a float64 matrix, checked the way scikit-learn checks it; NaN only where absence is allowed."""
    matrix: FloatArray = validate_data(
        estimator,
        X,
        reset=reset,
        dtype=np.float64,
        ensure_all_finite="allow-nan" if allow_absent else True,
        ensure_min_samples=least_rows,
    )
    return matrix


def _checked_names(estimator: Any, input_features: Sequence[str] | None) -> list[str]:
    own = names_of(estimator)
    if input_features is None:
        return own
    given = [str(name) for name in input_features]
    if len(given) != estimator.n_features_in_:
        raise ValueError(
            f"input_features should have length equal to number of features ({len(own)}), got {len(given)}"
        )
    if getattr(estimator, "feature_names_in_", None) is not None and given != own:
        raise ValueError("input_features is not equal to feature_names_in_")
    return given
