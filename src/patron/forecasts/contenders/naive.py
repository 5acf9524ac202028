"""The naive formulas as contenders: the rate so far, and the last period again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from patron.forecasts.contenders.contender import Lesson, Prediction, Target, chance_of_any
from patron.forecasts.methods.naive import LastPeriod, NaiveRate
from patron.forecasts.rows import HISTORY, MONEY, ORDERS, FloatArray, Rows
from patron.ground.errors import NotEnoughData

_WINDOWS_DAYS = (7, 30, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class RateSoFar:
    """Average order value × orders per year so far × the horizon's share of a year."""

    horizon_days: int

    def predict(self, rows: Rows) -> Prediction:
        """Extend each customer's rate so far."""
        orders = self._extend(rows, ORDERS)
        return Prediction(self._extend(rows, MONEY) if rows.has_money else None, orders, chance_of_any(orders))

    def reads(self, target: Target) -> tuple[str, ...]:
        """Return the amount so far and the days it took."""
        return (MONEY if target == "net_revenue" else ORDERS, HISTORY[2])

    def to_parts(self) -> dict[str, Any]:
        """Return the horizon."""
        return {"horizon_days": self.horizon_days}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the contender that `to_parts` described."""
        return cls(int(parts["horizon_days"]))

    def _extend(self, rows: Rows, name: str) -> FloatArray:
        amounts = np.column_stack([rows.column(name, absent=0.0), rows.column(HISTORY[2], absent=0.0)])
        predicted: FloatArray = NaiveRate(horizon_days=self.horizon_days).fit(amounts).predict(amounts)
        return np.maximum(predicted, 0.0)


@dataclass(frozen=True, slots=True)
class LastWindow:
    """The next horizon will be like the last window, scaled to its length."""

    horizon_days: int
    window_days: int

    def predict(self, rows: Rows) -> Prediction:
        """Repeat each customer's last window."""
        orders = self._repeat(rows, f"orders_count_{self.window_days}d")
        money = self._repeat(rows, f"net_revenue_sum_{self.window_days}d") if rows.has_money else None
        return Prediction(money, orders, chance_of_any(orders))

    def reads(self, target: Target) -> tuple[str, ...]:
        """Return the amount of the window."""
        if target == "net_revenue":
            return (MONEY, f"net_revenue_sum_{self.window_days}d")
        return (f"orders_count_{self.window_days}d",)

    def to_parts(self) -> dict[str, Any]:
        """Return the horizon and the window."""
        return {"horizon_days": self.horizon_days, "window_days": self.window_days}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the contender that `to_parts` described."""
        return cls(int(parts["horizon_days"]), int(parts["window_days"]))

    def _repeat(self, rows: Rows, name: str) -> FloatArray:
        amounts = rows.column(name, absent=0.0)[:, None]
        method = LastPeriod(horizon_days=self.horizon_days, window_days=self.window_days)
        predicted: FloatArray = method.fit(amounts).predict(amounts)
        return np.maximum(predicted, 0.0)


def learn_rate(lesson: Lesson) -> RateSoFar:
    """Return the formula for the lesson's horizon; there is nothing to learn."""
    return RateSoFar(lesson.horizon_days)


def learn_last_window(lesson: Lesson) -> LastWindow:
    """Return the formula over the window nearest to the horizon in length, of those the features have."""
    present = [days for days in _WINDOWS_DAYS if f"orders_count_{days}d" in lesson.now.names]
    if not present:
        raise NotEnoughData(
            "last_period needs a feature such as orders_count_90d, and the table has none.", "no_window"
        )
    return LastWindow(lesson.horizon_days, min(present, key=lambda days: abs(np.log(days / lesson.horizon_days))))
