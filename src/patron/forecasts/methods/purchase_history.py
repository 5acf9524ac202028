"""Reading purchase histories: one row (x, t_x, T) per customer, and their reduction to distinct weighted rows.

x is the number of repeat purchase days, t_x the time from the first to the last of them, T the time from the first
purchase to now; t_x and T in one unit, any unit. In whole days many customers share a row, and a likelihood over
distinct rows with weights is the same likelihood, faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array

from patron.ground.errors import MissingColumns

FloatArray = NDArray[np.float64]

_COUNTABLE = 1_000_000  # whole numbers below it are told apart by counting

HISTORY_COLUMNS = (
    ("btyd_frequency",),
    ("btyd_recency", "btyd_recency_days"),
    ("btyd_T", "btyd_T_days"),
)


@dataclass(frozen=True, slots=True)
class DistinctHistories:
    """Distinct rows with the total weight of the customers who share them; every array has shape (n_distinct,)."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    weight: FloatArray


def named_columns(X: Any, wanted: Sequence[Sequence[str]], where: str, *, missing_allowed: bool = False) -> FloatArray:
    """Return the wanted columns of a dataframe, or the columns of an array in order, as floats.

    Args:
        X: a dataframe (pandas, polars, pyarrow) holding one of each group of names, or an array of
            shape (n_customers, len(wanted)).
        wanted: for each column, the names under which it may come, the first found being taken.
        where: the estimator's name, for messages.
        missing_allowed: whether NaN may come through.

    Returns:
        Shape (n_customers, len(wanted)), a copy.
    """
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    if isinstance(frame, nw.DataFrame):
        chosen = [next((name for name in names if name in frame.columns), names[0]) for names in wanted]
        missing = [name for name in chosen if name not in frame.columns]
        if missing:
            raise MissingColumns.found(f"The table given to {where}", missing, [str(name) for name in frame.columns])
        X = np.column_stack([frame[name].cast(nw.Float64).to_numpy() for name in chosen])
    array: FloatArray = check_array(
        X, dtype=np.float64, copy=True, ensure_all_finite="allow-nan" if missing_allowed else True
    )
    if array.shape[1] != len(wanted):
        expected = ", ".join(names[0] for names in wanted)
        raise ValueError(
            f"X has {array.shape[1]} features, but {where} is expecting {len(wanted)} features as input: {expected}."
        )
    return array


def purchase_histories(X: Any, where: str) -> FloatArray:
    """Return histories of shape (n_customers, 3) with columns x, t_x, T, refusing impossible ones.

    Raises:
        ValueError: a negative number, t_x above T, or t_x above 0 without a repeat purchase.
    """
    array = named_columns(X, HISTORY_COLUMNS, where)
    x, t_x, T = array.T
    if (array < 0).any():
        raise ValueError(f"Negative values in data passed to {where}.fit: x, t_x and T count from the first purchase.")
    impossible = (t_x > T) | ((x == 0) & (t_x > 0))
    if impossible.any():
        row = int(np.argmax(impossible))
        raise ValueError(
            f"{where}: row {row} has x={x[row]:g}, t_x={t_x[row]:g}, T={T[row]:g}.\n"
            "The last purchase cannot lie after T, and without a repeat purchase t_x is 0."
        )
    return array


def weights_of(sample_weight: ArrayLike | None, n_customers: int) -> FloatArray:
    """Return one non-negative weight per customer, 1 for all when none are given."""
    if sample_weight is None:
        return np.ones(n_customers)
    weight = np.asarray(sample_weight, dtype=np.float64)
    usable = weight.shape == (n_customers,) and bool(np.isfinite(weight).all()) and bool((weight >= 0).all())
    if not usable or weight.sum() <= 0:
        raise ValueError(
            f"sample_weight has shape {weight.shape} and total {weight.sum():g}.\n"
            f"Expected {n_customers} finite weights, none negative and not every weight zero."
        )
    return weight


def distinct_histories(histories: FloatArray, weight: FloatArray) -> DistinctHistories:
    """Collapse equal rows of shape (n_customers, 3), adding up their weights."""
    columns = [distinct_values(column) for column in histories.T]
    sizes = [values.size for values, _ in columns]
    if float(np.prod([float(size) for size in sizes])) >= np.iinfo(np.int64).max:
        return DistinctHistories(*_columns(histories), weight)  # too many kinds of rows to be worth collapsing
    key = np.zeros(histories.shape[0], dtype=np.int64)
    for (_, code), size in zip(columns, sizes, strict=True):
        key = key * size + code
    if (weight == weight[0]).all():
        kinds, count = np.unique(key, return_counts=True)
        total = count * weight[0]
    else:
        kinds, inverse = np.unique(key, return_inverse=True)
        total = np.bincount(inverse, weights=weight).astype(np.float64)
    rest, of_T = np.divmod(kinds, sizes[2])
    of_x, of_t_x = np.divmod(rest, sizes[1])
    return DistinctHistories(columns[0][0][of_x], columns[1][0][of_t_x], columns[2][0][of_T], total)


def distinct_values(values: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return the sorted distinct values and each row's index among them; whole numbers are counted, not sorted."""
    whole = values.astype(np.int64) if values.size and values.min() >= 0 and values.max() < _COUNTABLE else None
    if whole is None or (whole != values).any():
        kinds, code = np.unique(values, return_inverse=True)
        return kinds, code.astype(np.int64)
    present = np.bincount(whole) > 0
    return np.flatnonzero(present).astype(np.float64), (np.cumsum(present) - 1)[whole]


def _columns(histories: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    x, t_x, T = histories.T
    return x, t_x, T
