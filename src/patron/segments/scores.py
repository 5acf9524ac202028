"""R, F and M scores: thresholds learned once, by equal shares of the shop's customers, and what M is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from patron.segments.methods.quantile_scores import QuantileScorer
from patron.segments.rows import FloatArray, Rows

IntArray = NDArray[np.int64]

Money = Literal["total", "mean_order", "predicted"]


class Scale(NamedTuple):
    """One way to score: from 1 to `n_scores`, M being `money`."""

    n_scores: int
    money: Money


@dataclass(frozen=True, slots=True)
class Scores:
    """R, F and M scores, from 1, one entry a customer; 0 where there is none (no order, or no money)."""

    r: IntArray
    f: IntArray
    m: IntArray


@dataclass(frozen=True, slots=True)
class Scorers:
    """The learned thresholds of one scale; `m` is None for shops without money."""

    scale: Scale
    r: QuantileScorer
    f: QuantileScorer
    m: QuantileScorer | None


def learn_scorers(rows: Rows, scale: Scale) -> Scorers:
    """Learn a scale's thresholds from all customers with an order."""
    n, money = scale.n_scores, money_of(rows, scale.money)
    return Scorers(
        scale,
        QuantileScorer(n, higher_is_better=False).fit(_column(rows.days_since_last)),
        QuantileScorer(n).fit(_column(ordered(rows.order_count))),
        None if money is None else QuantileScorer(n).fit(_column(money)),
    )


def score(scorers: Scorers, rows: Rows) -> Scores:
    """Score every customer by the learned thresholds; equal values get equal scores."""
    r = _whole(scorers.r.transform(_column(rows.days_since_last)))
    f = _whole(scorers.f.transform(_column(ordered(rows.order_count))))
    known = (r > 0) & (f > 0)
    r, f = np.where(known, r, 0), np.where(known, f, 0)
    money = money_of(rows, scorers.scale.money)
    if scorers.m is None or money is None:
        return Scores(r, f, np.zeros_like(r))
    m = _whole(scorers.m.transform(_column(money)))
    return Scores(r, f, np.where(known, m, 0))


def money_of(rows: Rows, money: Money) -> FloatArray | None:
    """Return what M is read off: revenue so far, the mean order, or the predicted value; None where there is none."""
    return {"total": rows.money, "mean_order": rows.order_value, "predicted": rows.predicted}[money]


def ordered(order_count: FloatArray) -> FloatArray:
    """Return the number of orders, NaN for those who have none."""
    return np.where(order_count > 0, order_count, np.nan)


def to_parts(scorers: Scorers) -> dict[str, Any]:
    """Return the thresholds as JSON-able values."""
    return {
        "scale": list(scorers.scale),
        "r": scorers.r.thresholds_[0].tolist(),
        "f": scorers.f.thresholds_[0].tolist(),
        "m": None if scorers.m is None else scorers.m.thresholds_[0].tolist(),
    }


def from_parts(parts: Mapping[str, Any]) -> Scorers:
    """Rebuild the scorers from `to_parts`."""
    scale = Scale(*parts["scale"])
    m = None if parts["m"] is None else _scorer(parts["m"], scale)
    return Scorers(scale, _scorer(parts["r"], scale, higher_is_better=False), _scorer(parts["f"], scale), m)


def _scorer(thresholds: list[float], scale: Scale, *, higher_is_better: bool = True) -> QuantileScorer:
    return QuantileScorer.from_thresholds(
        [np.asarray(thresholds)], n_scores=scale.n_scores, higher_is_better=higher_is_better
    )


def _column(values: FloatArray) -> FloatArray:
    return values[:, None]


def _whole(scores: FloatArray) -> IntArray:
    return np.nan_to_num(scores[:, 0]).astype(np.int64)
