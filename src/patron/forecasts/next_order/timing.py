"""What every forecast of the next order's day looks like: the chance that it has come, day by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from patron.forecasts.contenders import Lesson
from patron.forecasts.rows import FloatArray, Rows

# Days at which chances are stated: narrow at first, where frequent buyers differ, then wide.
_DAYS = (1, 3, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 545, 730, 1095, 1825, 2555)


def stated_days(horizon_days: int) -> FloatArray:
    """Return the days at which chances are stated, the last being the horizon.

    >>> stated_days(30).tolist()
    [1.0, 3.0, 7.0, 14.0, 21.0, 30.0]
    """
    return np.asarray([*(day for day in _DAYS if day < horizon_days), horizon_days], dtype=np.float64)


class Timing(Protocol):
    """A fitted forecast of when the next order comes."""

    def reached(self, rows: Rows, by_days: FloatArray) -> FloatArray:
        """Return the chance that an order came within the first d days, for each d: shape (n_rows, n_days)."""
        ...

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as JSON-ready numbers and text."""
        ...


LearnTiming = Callable[[Lesson], Timing]
RestoreTiming = Callable[[Mapping[str, Any]], Timing]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The chance of an order within the first `by_days` days, of each customer; it rises to the chance of any."""

    by_days: FloatArray  # shape (n_days,)
    reached: FloatArray  # shape (n_rows, n_days)

    def at_chance(self, chance: FloatArray) -> Waiting:
        """Return the same timing of another chance of any order: whether is one forecast, when is another."""
        whole = self.reached[:, -1:]
        share = np.where(whole > 0, self.reached / np.where(whole > 0, whole, 1.0), self.by_days / self.by_days[-1])
        return Waiting(self.by_days, np.minimum(share, 1.0) * chance[:, None])

    def days_until(self, chance: float) -> FloatArray:
        """Return whole days to the day by whose end an order has come with that chance; NaN beyond the horizon.

        Between stated days the chance that none has come falls by the same share a day.
        """
        done = np.column_stack([np.zeros(len(self.reached)), self.reached])
        days = np.concatenate(([0.0], self.by_days))
        there = done >= chance
        last = np.maximum(there.argmax(axis=1), 1)
        row = np.arange(len(done))
        low, high = (-np.log1p(-np.minimum(done[row, k], 1.0 - 1e-12)) for k in (last - 1, last))
        part = (-np.log1p(-chance) - low) / np.maximum(high - low, 1e-12)
        found = days[last - 1] + np.clip(part, 0.0, 1.0) * (days[last] - days[last - 1])
        whole = np.ceil(np.round(found, 9))  # the last digits of a logarithm differ between processors
        return np.where(there.any(axis=1), np.maximum(whole - 1.0, 0.0), np.nan)

    @property
    def expected_days(self) -> FloatArray:
        """Days to the order or to the end of the horizon, whichever is sooner, on average."""
        before = np.column_stack([np.zeros(len(self.reached)), self.reached[:, :-1]])
        waiting: FloatArray = (1.0 - (before + self.reached) / 2.0) @ np.diff(self.by_days, prepend=0.0)
        return waiting
