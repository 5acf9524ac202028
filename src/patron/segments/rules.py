"""The rule schemes at work: learn score thresholds once, then read every customer's segment off the scheme's table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.segments import schemes
from patron.segments.methods.quantile_scores import QuantileScorer
from patron.segments.rows import FloatArray, Rows
from patron.segments.schemes import SCHEMES, Scheme
from patron.segments.spec import SegmentSpec

IntArray = NDArray[np.int64]

PROSPECT = SegmentCard(
    "prospects", "Prospects", "潜客", "Known to the shop, without an order.", "已知但尚未下单。", "#d9d9d9", 99
)
N_SCORES = 5


@dataclass(frozen=True, slots=True)
class Scores:
    """R, F and M scores, 1-5, one entry a customer; 0 where there is none (no order, or no money)."""

    r: IntArray
    f: IntArray
    m: IntArray


@dataclass(frozen=True, slots=True)
class HighLow:
    """cn8's thresholds: R is high up to so many days, F from so many orders, M from so much net revenue."""

    days: float
    orders: float
    money: float
    how: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything learned that the rule schemes need; `m` and `high_low` are None for shops without money."""

    r: QuantileScorer
    f: QuantileScorer
    m: QuantileScorer | None
    high_low: HighLow | None
    one_order_cap: bool

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        """The schemes that can be read: all of them, without cn8 where there is no money to call high or low."""
        return tuple(schemes.read(name) for name in SCHEMES if name != "cn8" or self.high_low is not None)

    @property
    def cards(self) -> tuple[SchemeCard, ...]:
        """The schemes as people see them, each with its prospects."""
        return tuple(card_of(scheme.card) for scheme in self.schemes)


def card_of(card: SchemeCard) -> SchemeCard:
    """Return a scheme's card with the segment of those who never ordered."""
    return replace(card, segments=(*card.segments, PROSPECT))


def learn_rules(rows: Rows, spec: SegmentSpec) -> Rules:
    """Learn score thresholds and cn8's thresholds from all customers with an order."""
    scorers = {
        "r": QuantileScorer(N_SCORES, higher_is_better=False).fit(_column(rows.days_since_last)),
        "f": QuantileScorer(N_SCORES).fit(_column(_ordered(rows.order_count))),
    }
    money = None if rows.money is None else QuantileScorer(N_SCORES).fit(_column(rows.money))
    return Rules(scorers["r"], scorers["f"], money, _high_low(rows, spec), spec.one_order_cap)


def score(rules: Rules, rows: Rows) -> Scores:
    """Score every customer by the learned thresholds; equal values get equal scores."""
    r = _whole(rules.r.transform(_column(rows.days_since_last)))
    f = _whole(rules.f.transform(_column(_ordered(rows.order_count))))
    known = (r > 0) & (f > 0)
    r, f = np.where(known, r, 0), np.where(known, f, 0)
    if rules.m is None or rows.money is None:
        return Scores(r, f, np.zeros_like(r))
    m = _whole(rules.m.transform(_column(rows.money)))
    return Scores(r, f, np.where(known, m, 0))


def assign(rules: Rules, rows: Rows, scores: Scores) -> Iterator[tuple[Scheme, IntArray]]:
    """Yield each scheme with every customer's position in its card; prospects are the last position."""
    for scheme in rules.schemes:
        limits = rules.high_low if scheme.reads == "high_low" else None
        found = _by_scores(rules, rows, scores, scheme) if limits is None else _by_high_low(limits, rows, scheme)
        yield scheme, np.where(scores.r > 0, found, len(scheme.card.segments))


def _by_scores(rules: Rules, rows: Rows, scores: Scores, scheme: Scheme) -> IntArray:
    r, f = np.maximum(scores.r, 1), np.maximum(scores.f, 1)
    m = np.where(scores.m > 0, scores.m, f)  # without money FM is F
    if rules.one_order_cap and scheme.has_one_order_cap:
        once = rows.order_count == 1
        f, m = np.where(once, 1, f), np.where(once, 1, m)
    return scheme.table.look_up(r, f, m)


def _by_high_low(limits: HighLow, rows: Rows, scheme: Scheme) -> IntArray:
    money = np.full(rows.n, np.nan) if rows.money is None else rows.money
    r = (rows.days_since_last <= limits.days).astype(np.int64)
    f = (rows.order_count >= limits.orders).astype(np.int64)
    m = (money >= limits.money).astype(np.int64)
    return scheme.table.look_up(r, f, m, lowest=0)


def _high_low(rows: Rows, spec: SegmentSpec) -> HighLow | None:
    if rows.money is None:
        return None
    if isinstance(spec.cn8_threshold, tuple):
        return HighLow(*spec.cn8_threshold, how="fixed")
    typical: Callable[[FloatArray], Any] = np.nanmean if spec.cn8_threshold == "mean" else np.nanmedian
    return HighLow(
        days=float(typical(rows.days_since_last)),
        orders=_next_above(_ordered(rows.order_count), typical),
        money=_next_above(rows.money, typical),
        how=spec.cn8_threshold,
    )


def _next_above(values: FloatArray, typical: Callable[[FloatArray], Any]) -> float:
    """Return the smallest value above the typical one: high means more than typical, ties with it do not count."""
    above = values[values > typical(values)]
    return float(above.min()) if above.size else float(np.nextafter(np.nanmax(values), np.inf))


def _ordered(order_count: FloatArray) -> FloatArray:
    return np.where(order_count > 0, order_count, np.nan)


def _column(values: FloatArray) -> FloatArray:
    return values[:, None]


def _whole(scores: FloatArray) -> IntArray:
    return np.nan_to_num(scores[:, 0]).astype(np.int64)


def to_parts(rules: Rules) -> dict[str, Any]:
    """Return the rules as JSON-able values."""
    high_low = rules.high_low
    return {
        "r": rules.r.thresholds_[0].tolist(),
        "f": rules.f.thresholds_[0].tolist(),
        "m": None if rules.m is None else rules.m.thresholds_[0].tolist(),
        "high_low": None if high_low is None else [high_low.days, high_low.orders, high_low.money, high_low.how],
        "one_order_cap": rules.one_order_cap,
    }


def from_parts(parts: Mapping[str, Any]) -> Rules:
    """Rebuild the rules from `to_parts`."""
    return Rules(
        _scorer(parts["r"], higher_is_better=False),
        _scorer(parts["f"]),
        None if parts["m"] is None else _scorer(parts["m"]),
        None if parts["high_low"] is None else HighLow(*parts["high_low"]),
        bool(parts["one_order_cap"]),
    )


def _scorer(thresholds: list[float], *, higher_is_better: bool = True) -> QuantileScorer:
    return QuantileScorer.from_thresholds(
        [np.asarray(thresholds)], n_scores=N_SCORES, higher_is_better=higher_is_better
    )
