"""Value tiers by cumulative value, and lifecycle stages by the shop's own rhythm."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.segments.methods import CumulativeValueTiers, PercentileValueTiers
from patron.segments.methods.lifecycle import STAGES, LifecycleDays, OrderTimes, lifecycle_stages

NAN = float("nan")
values = st.lists(st.integers(-5, 50), min_size=1, max_size=40).map(lambda v: np.array(v, dtype=float)[:, None])


@pytest.mark.parametrize("way", [CumulativeValueTiers, PercentileValueTiers])
@given(column=values)
def test_equal_values_share_a_tier_and_more_value_is_never_a_worse_tier(way, column):
    tiers = way().fit_transform(column).ravel()
    order = np.argsort(-column.ravel(), kind="stable")
    assert (np.diff(tiers[order]) >= 0).all()
    for value in np.unique(column):
        assert np.unique(tiers[column.ravel() == value]).size == 1


def test_platinum_holds_the_first_half_of_all_value():
    column = np.array([[40.0], [20.0], [15.0], [10.0], [8.0], [4.0], [3.0], [0.0], [-9.0]])  # sum of positives 100
    assert CumulativeValueTiers().fit_transform(column).ravel().tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 3]


@pytest.mark.parametrize("way", [CumulativeValueTiers, PercentileValueTiers])
def test_where_nobody_is_worth_anything_everyone_is_bronze(way):
    assert way().fit_transform(np.zeros((3, 1))).ravel().tolist() == [3, 3, 3]


def test_percentiles_count_customers_whatever_they_hold():
    column = np.arange(1.0, 101.0)[::-1, None] ** 3  # a hundred customers, best first
    tiers = PercentileValueTiers().fit_transform(column).ravel().tolist()
    assert tiers == [0] * 5 + [1] * 15 + [2] * 30 + [3] * 50


def test_percentiles_do_not_split_a_tie_at_an_edge():
    column = np.array(
        [[9.0], *[[5.0]] * 9, *[[1.0]] * 10]
    )  # ranks 2 to 10 are alike, and the second is in the first 20 %
    tiers = PercentileValueTiers((0.2, 0.5)).fit_transform(column).ravel().tolist()
    assert tiers == [0.0] * 10 + [2.0] * 10


def test_whoever_has_no_value_is_in_the_last_percentile_tier():
    column = np.array([[7.0], *[[0.0]] * 9])
    assert PercentileValueTiers().fit_transform(column).ravel().tolist() == [0] + [3] * 9


def stage(last, first, orders, gap=NAN):
    times = OrderTimes(*(np.array([value], dtype=float) for value in (last, first, orders, gap)))
    return STAGES[lifecycle_stages(times, LifecycleDays(70, 155, 310))[0]]


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ((NAN, NAN, 0), "prospect"),
        ((5, 5, 1), "new"),
        ((70, 70, 1), "new"),
        ((5, 60, 3, 20), "new"),
        ((5, 300, 2, 295), "reactivated"),
        ((5, 100, 2, 95), "active"),
        ((70, 400, 9), "active"),
        ((71, 400, 9), "at_risk"),
        ((155, 400, 9), "at_risk"),
        ((156, 400, 9), "dormant"),
        ((310, 400, 1), "dormant"),
        ((311, 400, 1), "churned"),
    ],
)
def test_stages_at_their_borders(customer, expected):
    assert stage(*customer) == expected


def test_thresholds_of_a_shop_with_daily_orders_still_ascend():
    days = LifecycleDays.from_gaps(0.0, 0.0)
    assert 0 < days.at_risk_after_days < days.dormant_after_days < days.churned_after_days
