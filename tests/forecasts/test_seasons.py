"""The same window of the year before: when it speaks, and how a forecast is drawn to it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from patron.forecasts import LastYear, is_steady, taken_a_year_ago
from patron.forecasts.contenders import Prediction
from patron.forecasts.levels import Level
from patron.forecasts.seasons import in_season


def seasonal(days=420):
    """Ten a day, but thirty on the 20 days that follow day 35."""
    return np.where((np.arange(days) % 365 >= 35) & (np.arange(days) % 365 < 55), 30.0, 10.0)


def test_the_same_window_of_the_year_before_is_added_up():
    assert taken_a_year_ago(seasonal(), 400, 90) == 20 * 30 + 70 * 10
    assert taken_a_year_ago(seasonal(), 365, 10) == 100
    assert taken_a_year_ago(seasonal(), 364, 10) is None
    assert taken_a_year_ago(seasonal(), 400, 730) == pytest.approx(2 * (345 * 10 + 20 * 30))


def test_one_week_to_compare_by_is_enough_and_six_days_are_not():
    assert is_steady(seasonal(), 372)
    assert not is_steady(seasonal(), 371)


def test_what_lies_ahead_is_not_looked_at():
    changed = seasonal()
    changed[400:] = 1e6
    assert taken_a_year_ago(changed, 400, 90) == taken_a_year_ago(seasonal(), 400, 90)
    assert is_steady(changed, 400)


@pytest.mark.parametrize(("factor", "steady"), [(0.7, False), (0.85, True), (1.2, True), (1.3, False)])
def test_a_shop_that_grows_or_shrinks_is_not_steady(factor, steady):
    days = seasonal()
    days[365:400] *= factor
    assert is_steady(days, 400) == steady


def test_a_shop_without_sales_a_year_ago_is_not_steady():
    days = seasonal()
    days[:35] = 0.0
    assert not is_steady(days, 400)


def test_totals_are_drawn_nine_tenths_of_the_way_and_formulas_not_at_all():
    said = Prediction(np.array([10.0, 30.0]), np.array([0.5, 1.5]), np.array([0.3, 0.6]))
    shaped = Level(net_revenue=1.1, orders=0.9, active_log_odds=0.4, active_low=0.8, active_high=1.3)
    levels = in_season({"stack": shaped}, {"stack": said, "naive": said}, LastYear(orders=0.5, net_revenue=5.0))
    assert set(levels) == {"stack"}
    drawn = levels["stack"].apply(said)
    assert drawn.orders.mean() == pytest.approx(0.5**0.9)
    assert drawn.net_revenue.mean() == pytest.approx(20.0 * 0.25**0.9)
    assert drawn.active.mean() == pytest.approx(expit(logit(said.active) + 0.9 * np.log(0.5)).mean())
    assert (levels["stack"].active_low, levels["stack"].active_high) == (0.8, 1.3)


def test_money_keeps_its_own_level_where_only_orders_are_steady():
    said = Prediction(np.array([10.0]), np.array([1.0]), np.array([0.5]))
    [level] = in_season({"stack": Level(net_revenue=1.1)}, {"stack": said}, LastYear(orders=2.0)).values()
    assert level.net_revenue == 1.1
    assert level.orders == pytest.approx(2.0**0.9)


def test_without_a_year_before_levels_stay():
    said = Prediction(None, np.array([1.0]), np.array([0.5]))
    levels = {"stack": Level(orders=0.9)}
    assert in_season(levels, {"stack": said}, None) == levels
    assert in_season(levels, {"stack": said}, LastYear(None, shop_orders=700.0)) == levels
