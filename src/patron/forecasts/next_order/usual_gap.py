"""The naive formula of the next order: the last one, and the usual gap after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from patron.forecasts.contenders import Lesson
from patron.forecasts.rows import HISTORY, FloatArray, Rows

_FREQUENCY, _RECENCY, _AGE = HISTORY


@dataclass(frozen=True, slots=True)
class UsualGap:
    """Last order + the customer's usual gap; with one order so far, the shop's usual gap.

    Who is overdue is expected a usual gap from today. The day is the one by which an order is as likely as not, the
    same chance a day before it and after it: F(d) = 1 − 2^(−d / days until it).
    """

    shop_gap_days: float

    def reached(self, rows: Rows, by_days: FloatArray) -> FloatArray:
        """Return the chances around each customer's due day."""
        gap = usual_gap(rows, self.shop_gap_days)
        left = gap - silence(rows)
        due = np.maximum(np.where(left > 0, left, gap), 1.0)
        chances: FloatArray = -np.expm1(-np.log(2.0) * by_days / due[:, None])
        return chances

    def to_parts(self) -> dict[str, Any]:
        """Return the shop's usual gap."""
        return {"shop_gap_days": self.shop_gap_days}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the formula that `to_parts` described."""
        return cls(float(parts["shop_gap_days"]))


def learn_usual_gap(lesson: Lesson) -> UsualGap:
    """Return the formula with the median gap of those who came back; where nobody has, the horizon is the gap."""
    gaps = usual_gap(lesson.now, float("nan"))
    known = gaps[np.isfinite(gaps)]
    return UsualGap(float(np.median(known)) if known.size else float(lesson.horizon_days))


def usual_gap(rows: Rows, absent: float) -> FloatArray:
    """Return the mean days between a customer's orders, and `absent` for those with one order."""
    repeats = rows.column(_FREQUENCY, absent=0.0)
    days: FloatArray = rows.column(_RECENCY, absent=0.0) / np.maximum(repeats, 1.0)
    return np.where(repeats > 0, days, absent)


def silence(rows: Rows) -> FloatArray:
    """Return the days since the last order."""
    days: FloatArray = np.maximum(rows.column(_AGE, absent=0.0) - rows.column(_RECENCY, absent=0.0), 0.0)
    return days
