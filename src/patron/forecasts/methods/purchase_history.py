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


def histories_and_covariates(X: Any, covariates: Sequence[str], where: str) -> FloatArray:
    """Return rows of shape (n_customers, 3 + k) with columns x, t_x, T and the covariates, refusing impossible ones.

    Args:
        X: a dataframe holding the columns by name, or an array with these columns in this order.
        covariates: the names of the covariates.
        where: the estimator's name, for messages.

    Raises:
        MissingColumns: the dataframe lacks a column.
        ValueError: a negative number, t_x above T, t_x above 0 without a repeat purchase, or a covariate that is
            missing for someone or holds words.
    """
    _refuse_words(X, covariates, where)
    wanted = (*HISTORY_COLUMNS, *((name,) for name in covariates))
    array = named_columns(X, wanted, where, missing_allowed=bool(covariates))
    if covariates:
        _refuse_missing(array, [names[0] for names in wanted], where)
    _refuse_impossible(array[:, :3], where)
    return array


def _refuse_words(X: Any, covariates: Sequence[str], where: str) -> None:
    frame = X if isinstance(X, np.ndarray) else nw.from_native(X, eager_only=True, pass_through=True)
    if isinstance(frame, nw.DataFrame):
        there = [name for name in covariates if name in frame.columns]
        words = [name for name in there if frame[name].dtype in (nw.String, nw.Categorical, nw.Enum)]
        if words:
            raise ValueError(
                f"{where}: the covariate(s) {words} hold words.\n"
                "Expected numbers: make a 0/1 column of each value but one, such as with pandas.get_dummies."
            )


def _refuse_missing(array: FloatArray, names: Sequence[str], where: str) -> None:
    missing = np.isnan(array)
    if missing.any():
        column = int(np.argmax(missing.any(axis=0)))
        raise ValueError(
            f"{where}: {names[column]!r} is missing (NaN) for {missing[:, column].sum()} of {array.shape[0]} "
            f"customers, first in row {int(np.argmax(missing[:, column]))}.\n"
            "Expected a number for everyone. Fill it in, or let a 0/1 column of its own say that it is unknown."
        )


def _refuse_impossible(histories: FloatArray, where: str) -> None:
    x, t_x, T = histories.T
    if histories.min() < 0:
        raise ValueError(f"Negative values in data passed to {where}.fit: x, t_x and T count from the first purchase.")
    impossible = (t_x > T) | ((x == 0) & (t_x > 0))
    if impossible.any():
        row = int(np.argmax(impossible))
        raise ValueError(
            f"{where}: row {row} has x={x[row]:g}, t_x={t_x[row]:g}, T={T[row]:g}.\n"
            "The last purchase cannot lie after T, and without a repeat purchase t_x is 0."
        )


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
