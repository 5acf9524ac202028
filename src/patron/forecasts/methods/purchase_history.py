"""Reading purchase histories: one row (x, t_x, T) per customer.

x is the number of repeat purchase days, t_x the time from the first to the last of them, T the time from the first
purchase to now; t_x and T in one unit, any unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array

from patron.ground.errors import MissingColumns

FloatArray = NDArray[np.float64]

HISTORY_COLUMNS = (
    ("btyd_frequency",),
    ("btyd_recency", "btyd_recency_days"),
    ("btyd_T", "btyd_T_days"),
)


def named_columns(X: Any, wanted: Sequence[Sequence[str]], where: str, *, missing_allowed: bool = False) -> FloatArray:
    """Return the wanted columns of a dataframe, or the columns of an array in order, as floats.

    Args:
        X: a dataframe (pandas, polars, pyarrow) holding one of each group of names, or an array of
            shape (n_customers, len(wanted)).
        wanted: for each column, the names under which it may come, the first found being taken.
        where: the estimator's name, for messages.
        missing_allowed: whether NaN may come through.

    Returns:
        Shape (n_customers, len(wanted)); the very array that came, if it is one of floats.
    """
    frame = X if isinstance(X, np.ndarray) else nw.from_native(X, eager_only=True, pass_through=True)
    if isinstance(frame, nw.DataFrame):
        chosen = [next((name for name in names if name in frame.columns), names[0]) for names in wanted]
        missing = [name for name in chosen if name not in frame.columns]
        if missing:
            raise MissingColumns.found(f"The table given to {where}", missing, [str(name) for name in frame.columns])
        X = np.stack([frame[name].cast(nw.Float64).to_numpy() for name in chosen]).T
    array: FloatArray = check_array(X, dtype=np.float64, ensure_all_finite="allow-nan" if missing_allowed else True)
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
    if array.min() < 0:
        raise ValueError(f"Negative values in data passed to {where}.fit: x, t_x and T count from the first purchase.")
    impossible = (t_x > T) | ((x == 0) & (t_x > 0))
    if impossible.any():
        row = int(np.argmax(impossible))
        raise ValueError(
            f"{where}: row {row} has x={x[row]:g}, t_x={t_x[row]:g}, T={T[row]:g}.\n"
            "The last purchase cannot lie after T, and without a repeat purchase t_x is 0."
        )
    return array


def weighted_rows(rows: FloatArray, sample_weight: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Return the rows that stand for anyone, and how many customers each stands for: one when no weights are given."""
    n_customers = rows.shape[0]
    if sample_weight is None:
        return rows, np.broadcast_to(1.0, n_customers)
    weight = np.asarray(sample_weight, dtype=np.float64)
    usable = weight.shape == (n_customers,) and bool(np.isfinite(weight).all()) and bool((weight >= 0).all())
    if not usable or weight.sum() <= 0:
        raise ValueError(
            f"sample_weight has shape {weight.shape} and total {weight.sum():g}.\n"
            f"Expected {n_customers} finite weights, none negative and not every weight zero."
        )
    return (rows, weight) if weight.all() else (rows[weight > 0], weight[weight > 0])
