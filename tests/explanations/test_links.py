from __future__ import annotations

import math

import pytest

from patron.explanations import changed
from patron.ground.errors import PlanError

ROW = {
    "days_since_last_order": 63.0,
    "days_since_first_order": 168.0,
    "btyd_T_days": 168.0,
    "btyd_recency_days": 105.0,
    "btyd_frequency": 5.0,
    "btyd_monetary_mean": 60.0,
    "orders_count_lifetime": 6.0,
    "orders_log_lifetime": math.log(7.0),
    "orders_count_30d": 0.0,
    "orders_count_90d": 1.0,
    "orders_count_365d": 6.0,
    "orders_trend_90d_over_365d": 1 / 6 * 365 / 90,
    "net_revenue_sum_30d": 0.0,
    "net_revenue_sum_90d": 50.0,
    "net_revenue_sum_lifetime": 360.0,
    "revenue_sum_lifetime": 360.0,
    "revenue_count_lifetime": 6.0,
    "repeat_revenue_sum_lifetime": 300.0,
    "order_value_mean_lifetime": 60.0,
    "order_gap_days_sum_lifetime": 105.0,
    "order_gap_days_count_lifetime": 5.0,
    "order_gap_days_mean_lifetime": 21.0,
    "order_gap_days_max_lifetime": 40.0,
    "order_overdue_ratio": 3.0,
    "orders_per_year_lifetime": 6 / 168 * 365,
    "items_sum_lifetime": 12.0,
    "items_mean_lifetime": 2.0,
    "age_years": 40.0,
}


def moved(**to):
    after = changed(ROW, to)
    return {name: value for name, value in after.items() if value != ROW[name]}


def test_the_last_order_moves_with_what_hangs_on_its_day():
    found = moved(days_since_last_order=10.0)
    assert found["btyd_recency_days"] == 158.0
    assert found["order_overdue_ratio"] == pytest.approx(10 / 21)
    assert found["orders_count_30d"] == 1.0
    assert found["net_revenue_sum_30d"] == 60.0
    assert "orders_count_90d" not in found
    assert "btyd_T_days" not in found
    assert "age_years" not in found


def test_a_longer_silence_empties_the_windows_inside_it():
    found = moved(days_since_last_order=120.0)
    assert found["orders_count_90d"] == found["net_revenue_sum_90d"] == found["orders_trend_90d_over_365d"] == 0.0
    assert found["btyd_recency_days"] == 48.0


def test_more_orders_move_repeat_orders_and_money_and_leave_the_average_order():
    found = moved(orders_count_lifetime=11.0)
    assert found["btyd_frequency"] == 10.0
    assert found["orders_log_lifetime"] == pytest.approx(math.log(12.0))
    assert found["net_revenue_sum_lifetime"] == pytest.approx(660.0)
    assert found["order_gap_days_mean_lifetime"] == 10.5
    assert found["order_gap_days_max_lifetime"] == 20.0
    assert found["items_sum_lifetime"] == 22.0
    assert {"order_value_mean_lifetime", "items_mean_lifetime", "btyd_monetary_mean"}.isdisjoint(found)


def test_a_dearer_average_order_moves_all_money():
    found = moved(order_value_mean_lifetime=90.0)
    assert found["btyd_monetary_mean"] == 90.0
    assert found["net_revenue_sum_lifetime"] == 540.0
    assert found["net_revenue_sum_90d"] == 75.0
    assert "orders_count_lifetime" not in found


def test_what_is_set_holds_whatever_it_is_tied_to():
    after = changed(ROW, {"days_since_last_order": 10.0, "order_overdue_ratio": 9.0, "btyd_recency_days": 100.0})
    assert (after["order_overdue_ratio"], after["btyd_recency_days"], after["days_since_last_order"]) == (9, 100, 10)


def test_an_unknown_feature_is_refused_with_what_was_meant():
    with pytest.raises(PlanError, match="Did you mean days_since_last_order"):
        changed(ROW, {"days_since_order": 3.0})


def test_a_last_order_before_the_first_is_refused():
    with pytest.raises(PlanError, match="the last order would be 400 days ago and the first 168"):
        changed(ROW, {"days_since_last_order": 400.0})


@pytest.mark.parametrize(("name", "value"), [("days_since_last_order", -1.0), ("orders_count_lifetime", -2.0)])
def test_negative_numbers_are_refused(name, value):
    with pytest.raises(PlanError, match="0 or more was expected"):
        changed(ROW, {name: value})


def test_what_is_not_a_number_is_refused():
    with pytest.raises(PlanError, match="a finite number was expected"):
        changed(ROW, {"age_years": math.nan})


def test_several_orders_on_one_day_stay_one_purchase_when_that_day_moves():
    row = ROW | {"btyd_frequency": 0.0, "btyd_recency_days": 0.0, "orders_count_lifetime": 3.0}
    row |= {"days_since_last_order": 183.0, "days_since_first_order": 183.0, "btyd_T_days": 183.0}
    after = changed(row, {"days_since_last_order": 10.0})
    assert (after["btyd_recency_days"], after["btyd_T_days"], after["days_since_first_order"]) == (0.0, 10.0, 10.0)
