"""What each customer will do next, given the truth about them as of a date.

With λ the customer's rate, u the promotion uplift, w(d) and p(d) the busy and promoted days that pass on day d of the
horizon, the orders expected on day d are

- exponential lifetime:  λ (w(d) + u p(d)) (e^{-μ(d-1)} - e^{-μd}) / μ, survival averaged over the day;
- leaving after orders:  (e^{-qΛ(d-1)} - e^{-qΛ(d)}) / q with Λ(d) = λ Σ_{k≤d} (w(k) + u p(k)), since the orders of a
  customer who leaves with probability q after each are a Poisson process stopped at a geometric count.

Touches are not assumed: the horizon is business without campaigns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.simulation.methods.arrays import BoolArray, FloatArray, IntArray
from patron.simulation.methods.calendar import Calendar
from patron.simulation.methods.people import Tastes
from patron.simulation.methods.returns import share_refunded_within

_ROWS = 4096  # customers at a time: a (customers, days) matrix must stay small


@dataclass(frozen=True, slots=True)
class Horizon:
    """The days ahead; every array has one row per day of the horizon."""

    busy: FloatArray
    promoted: FloatArray
    depth: FloatArray  # promotion's discount
    refunded: FloatArray  # share of the refunds of that day's orders that fall within the horizon


@dataclass(frozen=True, slots=True)
class Expectation:
    """Expected orders and net revenue of each customer in the horizon."""

    orders: FloatArray
    net_revenue: FloatArray


def horizon(calendar: Calendar, first_day: int, days: int) -> Horizon:
    """Cut the horizon out of the calendar, by local day."""
    inside = (calendar.local_day >= first_day) & (calendar.local_day < first_day + days)
    day = calendar.local_day[inside] - first_day
    depth = np.zeros(days)
    depth[day] = calendar.depth[inside]
    # A day's orders lie half a day before its end on average.
    left = np.asarray(days - np.arange(days) - 0.5, np.float64)
    return Horizon(
        _sum_by(day, np.diff(calendar.busy)[inside], days),
        _sum_by(day, np.diff(calendar.promoted)[inside], days),
        depth,
        share_refunded_within(left),
    )


def _sum_by(day: IntArray, weight: FloatArray, days: int) -> FloatArray:
    return np.bincount(day, weight, days).astype(np.float64)


def orders_by_day(
    ahead: Horizon, rate: FloatArray, uplift: FloatArray, hazard: FloatArray, leave_probability: FloatArray
) -> FloatArray:
    """Expect orders of staying customers, shape (customers, days); at most one of the dropout arrays is non-zero."""
    mean = rate[:, None] * (ahead.busy + uplift[:, None] * ahead.promoted)
    if leave_probability.any():
        q = np.maximum(leave_probability, 1e-9)[:, None]
        total = np.cumsum(mean, axis=1)
        return np.asarray(np.exp(-q * (total - mean)) * -np.expm1(-q * mean) / q, np.float64)
    mu = np.maximum(hazard, 1e-12)[:, None]
    day = np.arange(mean.shape[1])
    return np.asarray(mean * np.exp(-mu * day) * (-np.expm1(-mu) / mu), np.float64)


@dataclass(frozen=True, slots=True)
class Latent:
    """The truth about each customer that the shop never sees."""

    rate: FloatArray  # orders per busy day
    mean_order_value: FloatArray
    promo_uplift: FloatArray
    hazard: FloatArray  # of leaving, per day; 0 where customers leave after orders
    leave_probability: FloatArray  # after a repeat order; 0 where lifetimes are exponential


def expect(ahead: Horizon, latent: Latent, tastes: Tastes, alive: BoolArray, coupon_discount: float) -> Expectation:
    """Expect orders placed in the horizon, and their revenue net of discounts and of refunds paid in the horizon."""
    size = len(alive)
    orders, revenue = np.zeros(size), np.zeros(size)
    curves = np.column_stack([np.ones_like(ahead.busy), ahead.depth, ahead.refunded, ahead.depth * ahead.refunded])
    staying: IntArray = np.flatnonzero(alive)
    for start in range(0, len(staying), _ROWS):
        who = staying[start : start + _ROWS]
        daily = orders_by_day(
            ahead, latent.rate[who], latent.promo_uplift[who], latent.hazard[who], latent.leave_probability[who]
        )
        plain, cut, back, cut_back = (daily @ curves).T
        paid_share = 1 - coupon_discount * tastes.coupon_share[who]
        kept = paid_share * plain - cut - tastes.return_share[who] * (paid_share * back - cut_back)
        orders[who], revenue[who] = plain, latent.mean_order_value[who] * kept
    return Expectation(orders, revenue)
