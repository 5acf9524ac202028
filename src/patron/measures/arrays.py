"""What every measure asks of its arrays: one dimension, equal lengths, finite numbers, at least one row."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patron.ground.errors import InputError

FloatArray = NDArray[np.float64]


def vector(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as a float vector, or refuse it by name.

    >>> vector("actual", [1, 2]).tolist()
    [1.0, 2.0]
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise InputError(f"'{name}' has shape {array.shape}.\nA measure needs a vector of at least one number.")
    if not np.isfinite(array).all():
        bad = int(np.count_nonzero(~np.isfinite(array)))
        raise InputError(f"'{name}' holds {bad} NaN or infinite value(s) of {array.size}.\nDrop or fill them first.")
    return array


def pair(first: tuple[str, ArrayLike], second: tuple[str, ArrayLike]) -> tuple[FloatArray, FloatArray]:
    """Return two named vectors of equal length, or refuse them by name."""
    a, b = vector(*first), vector(*second)
    if a.size != b.size:
        raise InputError(
            f"'{first[0]}' has {a.size} rows, '{second[0]}' has {b.size}.\nBoth must describe the same customers."
        )
    return a, b


def outcomes(actual: ArrayLike, predicted: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return what happened and what was predicted, checked as a pair."""
    return pair(("actual", actual), ("predicted", predicted))
