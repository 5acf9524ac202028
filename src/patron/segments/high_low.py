"""What is high and what is low, for cn8: the shop's median or mean, or thresholds of one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from patron.segments.rows import FloatArray, Rows
from patron.segments.scores import IntArray, Money, money_of, ordered


@dataclass(frozen=True, slots=True)
class HighLow:
    """cn8's thresholds: R is high up to so many days, F from so many orders, M from so much money."""

    days: float
    orders: float
    money: float
    how: str


def learn_high_low(
    rows: Rows, threshold: Literal["median", "mean"] | tuple[float, float, float], money: Money
) -> HighLow | None:
    """Return what is high in this shop; None where it has no money."""
    worth = money_of(rows, money)
    if worth is None:
        return None
    if isinstance(threshold, tuple):
        return HighLow(*threshold, how="fixed")
    typical: Callable[[FloatArray], Any] = np.nanmean if threshold == "mean" else np.nanmedian
    return HighLow(
        days=float(typical(rows.days_since_last)),
        orders=_next_above(ordered(rows.order_count), typical),
        money=_next_above(worth, typical),
        how=threshold,
    )


def high_or_low(limits: HighLow, rows: Rows, money: Money) -> tuple[IntArray, IntArray, IntArray]:
    """Return R, F and M as 1 (high) or 0 (low); what is not known is low."""
    worth = money_of(rows, money)
    return (
        (rows.days_since_last <= limits.days).astype(np.int64),
        (rows.order_count >= limits.orders).astype(np.int64),
        np.zeros(rows.n, dtype=np.int64) if worth is None else (worth >= limits.money).astype(np.int64),
    )


def _next_above(values: FloatArray, typical: Callable[[FloatArray], Any]) -> float:
    """Return the smallest value above the typical one: high means more than typical, ties with it do not count."""
    above = values[values > typical(values)]
    return float(above.min()) if above.size else float(np.nextafter(np.nanmax(values), np.inf))
