"""Purchases as purchase models count them: one a customer and day; and what peers read of them as of a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Purchases:
    """One entry per customer and day, sorted by both; `customer` counts into `names`."""

    names: tuple[str, ...]
    customer: NDArray[np.intp]
    day: Days
    amount: FloatArray

    def between(self, first: np.datetime64, end: np.datetime64) -> Purchases:
        """Return the purchases of the days [first, end), everyone's names kept."""
        there = (self.day >= first) & (self.day < end)
        return Purchases(self.names, self.customer[there], self.day[there], self.amount[there])

    def of_buyers(self) -> Purchases:
        """Return the same purchases with the names of those alone who made one."""
        there, customer = np.unique(self.customer, return_inverse=True)
        return Purchases(tuple(self.names[i] for i in there), customer, self.day, self.amount)

    @property
    def counts(self) -> FloatArray:
        """Purchases per customer."""
        return np.bincount(self.customer, minlength=len(self.names)).astype(np.float64)

    @property
    def totals(self) -> FloatArray:
        """Amount per customer."""
        return np.bincount(self.customer, weights=self.amount, minlength=len(self.names))

    @property
    def first_days(self) -> Days:
        """Each customer's first purchase day; everyone has one."""
        first = np.searchsorted(self.customer, np.arange(len(self.names)))
        days: Days = self.day[first]
        return days

    @property
    def last_days(self) -> Days:
        """Each customer's last purchase day; everyone has one."""
        last = np.searchsorted(self.customer, np.arange(len(self.names)), side="right") - 1
        days: Days = self.day[last]
        return days


@dataclass(frozen=True, slots=True)
class Histories:
    """What purchase models read, in days: repeat purchases x, the last of them t_x, the age T, their mean amount.

    T runs to the last known day. The mean is that of the repeat purchases, zero for customers without one.
    """

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    mean_amount: FloatArray


def histories(known: Purchases, as_of: np.datetime64) -> Histories:
    """Return the history of every customer of `known`, all of whose purchases lie before `as_of`."""
    first, x = known.first_days, known.counts - 1.0
    repeated = known.day > first[known.customer]
    amount = np.bincount(known.customer, weights=known.amount * repeated, minlength=x.size)
    mean = np.divide(amount, x, out=np.zeros(x.size), where=x > 0)
    return Histories(x, _days(known.last_days - first), _days(as_of - first) - 1.0, mean)


RFM = (
    "days_since_last",
    "days_since_first",
    "purchases",
    "mean_amount",
    "purchases_30d",
    "purchases_90d",
    "amount_90d",
)


def rfm(known: Purchases, as_of: np.datetime64) -> FloatArray:
    """Return the columns `RFM` of every customer, the simple features that a learned peer reads."""
    recent = {days: known.between(as_of - np.timedelta64(days, "D"), as_of) for days in (30, 90)}
    columns = (
        _days(as_of - known.last_days),
        _days(as_of - known.first_days),
        known.counts,
        known.totals / known.counts,
        recent[30].counts,
        recent[90].counts,
        recent[90].totals,
    )
    return np.column_stack(columns)


def _days(span: NDArray[np.timedelta64]) -> FloatArray:
    return span.astype("timedelta64[D]").astype(np.float64)
