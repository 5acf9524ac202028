"""The season, from the shop's own totals: what the same window of a year before brought in.

A model that learns from customers knows a season only where customers could be followed through it: a year and a
horizon of history. The shop's total knows it after a year. Where the shop is steady, the total of the same window of
the year before, times the share that customers known at its start had in the latest window, says what the customers
known today will bring in:

    expected per customer = A(t − 365, h) · k / n

with A the amount of all customers over the h days from t − 365, n the customers known at t, and k the share of the
amount over [t − g, t) that came from customers known at t − g, where g is h, or half the history if that is shorter.

Steady is a shop whose latest weeks brought in within a quarter of what the same weeks of the year before did. A young
shop, or a list of customers of one campaign, is not, and there the year before says nothing. docs/why/season.md has
what this was chosen by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from patron.forecasts.contenders import FORMULAS, Prediction
from patron.forecasts.levels import Level, followed, moved_log_odds
from patron.forecasts.rows import FloatArray
from patron.ground.dates import YEAR_DAYS

FOLLOW_YEAR = 0.9
STEADY = 1.25
MOST_WEEKS = 13
_WEEK = 7


@dataclass(frozen=True, slots=True)
class LastYear:
    """The same window of the year before: what it leads to expect of each known customer, and what the shop took.

    Both of a customer, in the mean, and None where the shop is not steady; `shop_*` are totals over everyone then, and
    only told.
    """

    orders: float | None
    net_revenue: float | None = None
    shop_orders: float | None = None
    shop_net_revenue: float | None = None


def taken_a_year_ago(by_day: FloatArray, today: int, horizon_days: int) -> float | None:
    """Return what the same window of the year before brought in; None without a year of history.

    Args:
        by_day: amount of every day from the shop's first one.
        today: the index of the first day that is not known.
        horizon_days: length of the window; beyond a year it is the year's amount, stretched.

    >>> taken_a_year_ago(np.ones(400), 400, 90)
    90.0
    """
    start = today - YEAR_DAYS
    if start < 0:
        return None
    window = by_day[start : min(start + horizon_days, today)]
    return float(window.sum()) * horizon_days / window.size


def is_steady(by_day: FloatArray, today: int) -> bool:
    """Tell whether the latest weeks brought in about what the same weeks of the year before did.

    >>> is_steady(np.ones(400), 400), is_steady(np.linspace(0.0, 1.0, 400), 400)
    (True, False)
    """
    start = today - YEAR_DAYS
    days = min(start // _WEEK, MOST_WEEKS) * _WEEK
    if days <= 0:
        return False
    lately, before = float(by_day[today - days : today].sum()), float(by_day[start - days : start].sum())
    return before > 0 and 1 / STEADY <= lately / before <= STEADY


def in_season(
    levels: Mapping[str, Level], said: Mapping[str, Prediction], expected: LastYear | None
) -> dict[str, Level]:
    """Return the levels that draw each forecast's total to what the year before leads to expect.

    It is followed nine tenths of the way, in logs. The naive formulas are used as they are. The log-odds of ordering
    move by the log of the factor of the orders (`methods.shared_effect`); the shape of the chances is left alone.
    """
    if expected is None or expected.orders is None:
        return dict(levels)
    learned = {name: prediction for name, prediction in said.items() if name not in FORMULAS}
    orders, money = expected.orders, expected.net_revenue
    return {**levels, **{name: _drawn(levels.get(name, Level()), it, orders, money) for name, it in learned.items()}}


def _drawn(level: Level, said: Prediction, expected_orders: float, expected_money: float | None) -> Level:
    orders = followed(expected_orders, float(np.nanmean(said.orders)), FOLLOW_YEAR)
    money = level.net_revenue
    if expected_money is not None and said.net_revenue is not None:
        money = followed(expected_money, float(np.nanmean(said.net_revenue)), FOLLOW_YEAR)
    chances = moved_log_odds(said.active, float(np.log(orders)), level.active_low, level.active_high)
    return replace(level, net_revenue=money, orders=orders, active_log_odds=chances)
