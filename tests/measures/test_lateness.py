from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.measures import late_not_lost, lateness_limits

# gaps of 10, 30 and 200 days: the shop's usual gap is 30
ORDER_DAYS = [10, 6, 2, 1, 1, 1]
GAPS = [10.0, 30.0, 200.0, np.nan, np.nan, np.nan]


def test_limits_by_hand():
    """(9·10 + 2·30) / 11 = 13.6; 30; 200 > (200 + 2·30) / 3; one order: the 80 % and 95 % quantiles, 132 and 183."""
    late, lost = lateness_limits(ORDER_DAYS, GAPS)
    assert late == pytest.approx([1.5 * 150 / 11, 45.0, 300.0, 132.0, 132.0, 132.0])
    assert lost == pytest.approx([6.0 * 150 / 11, 180.0, 1200.0, 183.0, 183.0, 183.0])


def test_two_orders_on_neighbouring_days_are_no_rhythm_yet():
    two, many = lateness_limits([2, 40, 5], [1.0, 1.0, 60.0])[0][:2]
    assert two == pytest.approx(1.5 * (1 * 1 + 2 * 1) / 3)
    assert lateness_limits([2, 5, 5], [1.0, 60.0, 60.0])[0][0] == pytest.approx(1.5 * (1 + 2 * 60) / 3)
    assert many == pytest.approx(1.5)


def test_one_order_waits_until_most_of_those_who_came_back_had():
    gaps = [float(days) for days in range(101)]
    late, lost = lateness_limits([3] * 101 + [1], [*gaps, np.nan])
    assert (late[-1], lost[-1]) == (pytest.approx(80.2), pytest.approx(95.05))  # of the 100 gaps above zero


def test_late_is_neither_on_time_nor_lost_by_the_forecast():
    """On-time chances: 0.9, 0.7 and 0.5 (one order). B has 5 of 7 tenths; of one order, 0.3 is 60 %, 0.2 is lost."""
    silence = [5.0, 90.0, 20.0, 10.0, 150.0, 150.0]
    chance = [0.9, 0.5, 0.7, 0.5, 0.3, 0.2]
    late = late_not_lost(ORDER_DAYS, GAPS, silence, chance)
    assert late.tolist() == [False, True, False, False, True, False]


@pytest.mark.parametrize(("chance", "late"), [(0.95, False), (0.89, True), (0.51, True), (0.49, False)])
def test_customers_are_held_against_those_with_as_many_orders(chance, late):
    """The 3-4 orders' on-time chance is 1.0; that of single orders, 0.1, says nothing about them."""
    orders, gaps = [3, 3, 1, 1], [10.0, 10.0, np.nan, np.nan]
    found = late_not_lost(orders, gaps, [1.0, 50.0, 1.0, 1.0], [1.0, chance, 0.1, 0.1])
    assert found.tolist() == [False, late, False, False]


def test_a_long_silence_is_lost_whatever_the_forecast_hopes():
    """The limits are 15 and 60 days, and the chance is 70 % of that of a customer on time."""
    silence = [1.0, 59.0, 61.0]
    assert late_not_lost([5] * 3, [10.0] * 3, silence, [1.0, 0.7, 0.7]).tolist() == [False, True, False]


def test_without_a_forecast_long_silence_is_lost():
    assert late_not_lost([5] * 3, [10.0] * 3, [14.0, 59.0, 61.0], [np.nan] * 3).tolist() == [False, True, False]


def test_where_nobody_came_back_nobody_is_late():
    assert np.isnan(lateness_limits([1, 1], [np.nan, np.nan])).all()
    assert not late_not_lost([1, 1], [np.nan, np.nan], [400.0, 2.0], [0.5, 0.5]).any()


@given(st.lists(st.tuples(st.integers(2, 50), st.floats(0.5, 400), st.floats(0, 800), st.floats(0, 1)), min_size=1))
def test_nobody_is_late_before_one_and_a_half_times_their_own_gap(people):
    orders, gap, silence, chance = (np.array(column, dtype=float) for column in zip(*people, strict=True))
    late = late_not_lost(orders, gap, silence, chance)
    assert (silence[late] >= 1.5 * gap[late] * (1 - 1e-12)).all()
