"""The shop's calendar: how busy each hour is, when promotions run, and the clock that runs faster in busy hours.

Orders are a Poisson process of constant rate in *busy days*, ``B(t) = ∫ w(u) du`` with ``w`` the seasonal weight of
mean 1 (time change of a non-homogeneous Poisson process; Çinlar, Introduction to Stochastic Processes, 1975, ch. 4.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from patron.simulation.methods.arrays import FloatArray, IntArray

HOUR_S = 3600
DAY_S = 86_400
_DAY_PART = np.array(
    [2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 13, 12, 12, 12, 12, 13, 15, 18, 20, 18, 12, 6], np.float64
)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A shop-wide discount on some local days; `first` counts from the calendar's first day."""

    first: int
    days: int
    depth: float


@dataclass(frozen=True, slots=True)
class Calendar:
    """Hours from the first local day on, and the busy days that have passed at each."""

    opens_s: int  # epoch second of the first local midnight
    busy: FloatArray  # (hours + 1,) busy days passed
    promoted: FloatArray  # (hours + 1,) busy days passed within promotions
    depth: FloatArray  # (hours,) discount of the promotion running, 0 outside
    local_day: IntArray  # (hours,) days since the calendar's first local day

    @property
    def closes_s(self) -> int:
        """The epoch second at which the calendar ends."""
        return self.opens_s + (len(self.busy) - 1) * HOUR_S

    def busy_at(self, instant_s: FloatArray | IntArray) -> FloatArray:
        """Return the busy days passed at each epoch second."""
        return self._read(self.busy, instant_s)

    def promoted_at(self, instant_s: FloatArray | IntArray) -> FloatArray:
        """Return the busy days passed within promotions at each epoch second."""
        return self._read(self.promoted, instant_s)

    def _read(self, curve: FloatArray, instant_s: FloatArray | IntArray) -> FloatArray:
        hours = np.clip((instant_s - self.opens_s) / HOUR_S, 0, len(curve) - 1)
        below = np.minimum(hours.astype(np.int64), len(curve) - 2)
        return np.asarray(curve[below] + (hours - below) * (curve[below + 1] - curve[below]), np.float64)

    def when_busy(self, busy: FloatArray) -> IntArray:
        """Return the epoch second at which so many busy days have passed."""
        return self._invert(self.busy, busy)

    def when_promoted(self, promoted: FloatArray) -> IntArray:
        """Return the epoch second at which so many promoted busy days have passed."""
        return self._invert(self.promoted, promoted)

    def _invert(self, curve: FloatArray, value: FloatArray) -> IntArray:
        hours = np.interp(value, curve, np.arange(len(curve), dtype=np.float64))
        return self.opens_s + np.minimum((hours * HOUR_S).astype(np.int64), (len(curve) - 1) * HOUR_S - 1)

    def depth_at(self, instant_s: IntArray) -> FloatArray:
        """Return the promotion's discount at each epoch second, 0 outside promotions."""
        hour = np.clip((instant_s - self.opens_s) // HOUR_S, 0, len(self.depth) - 1)
        return self.depth[hour]


def build(
    first_day: date,
    days: int,
    zone: ZoneInfo,
    yearly_swing: float,
    weekend_lift: float,
    promotions: Sequence[Promotion] = (),
) -> Calendar:
    """Weigh every hour of `days` local days from `first_day` on.

    The weight is the product of a yearly cosine that peaks on 5 December, a weekday factor and a time-of-day curve,
    each of mean 1, so that a rate per busy day is a rate per day over whole years.
    """
    opens_s, closes_s = midnight_s(first_day, zone), midnight_s(first_day + timedelta(days=days), zone)
    hours = [datetime.fromtimestamp(second, zone) for second in range(opens_s, closes_s, HOUR_S)]
    local_day = np.array([(hour.date() - first_day).days for hour in hours], np.int64)
    weight = _weights(hours, yearly_swing, weekend_lift) / 24
    depth = np.zeros(days + 1)
    for promotion in promotions:
        depth[promotion.first : promotion.first + promotion.days] = promotion.depth
    running = depth[local_day]
    return Calendar(opens_s, _cumulative(weight), _cumulative(weight * (running > 0)), running, local_day)


def _weights(hours: Sequence[datetime], yearly_swing: float, weekend_lift: float) -> FloatArray:
    day_of_year = np.array([hour.timetuple().tm_yday for hour in hours])
    weekend = np.array([hour.weekday() >= 5 for hour in hours])
    yearly = 1 + yearly_swing * np.cos(2 * np.pi * (day_of_year - 339) / 365.25)
    weekly = np.where(weekend, 1 + weekend_lift, 1.0) / (1 + weekend_lift * 2 / 7)
    day_part = (_DAY_PART / _DAY_PART.mean())[[hour.hour for hour in hours]]
    return np.asarray(yearly * weekly * day_part, np.float64)


def _cumulative(weight: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], np.cumsum(weight)])


def midnight_s(day: date, zone: ZoneInfo) -> int:
    """Return the epoch second at which the local day begins.

    >>> midnight_s(date(1970, 1, 2), ZoneInfo("UTC"))
    86400
    """
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def evenly(per_year: int, days: int, first: int = 0) -> IntArray:
    """Return the days, counted from 0, on which something that happens `per_year` times a year happens.

    >>> evenly(4, 365).tolist()
    [45, 136, 228, 319]
    """
    count = int(np.ceil(per_year * days / 365.25)) + 1 if per_year else 0
    spread = np.floor((np.arange(count) + 0.5) * 365.25 / max(per_year, 1)).astype(np.int64) + first
    return spread[spread < days]
