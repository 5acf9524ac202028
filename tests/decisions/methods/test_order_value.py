"""What an extra order is worth and how likely an order is anyway: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from patron.decisions.methods.experiment import minimum_detectable_effect, share_interval
from patron.decisions.methods.order_value import naive_probability, probability_in_window, value_given_order

NAN = np.nan


def test_a_mean_of_few_orders_leans_on_the_shop():
    # the shop's mean order is (100 + 900) / (1 + 9) = 100; (300 + 2 x 100) / ... by hand:
    net, orders = np.array([300.0, 700.0, NAN]), np.array([1.0, 9.0, 0.0])
    no = np.full(3, NAN)
    assert value_given_order(net, orders, no, no).tolist() == pytest.approx([500 / 3, 900 / 11, 100.0])


def test_refunds_beyond_purchases_count_as_nothing_spent():
    no = np.full(2, NAN)
    assert value_given_order(np.array([-50.0, 100.0]), np.array([1.0, 1.0]), no, no)[0] == pytest.approx(100 / 3)


def test_without_past_amounts_forecasts_serve_and_without_both_nothing_is_known():
    no = np.full(3, NAN)
    said = value_given_order(no, np.ones(3), np.array([50.0, 10.0, NAN]), np.array([0.5, 0.0, 1.0]))
    assert said[0] == 100.0
    assert np.isnan(said[1:]).all()
    assert np.isnan(value_given_order(no, no, no, no)).all()


def test_a_window_as_long_as_the_horizon_changes_nothing():
    p, horizon = np.array([0.0, 0.3, 1.0]), np.full(3, 90.0)
    assert probability_in_window(p, horizon, 90.0).tolist() == pytest.approx([0.0, 0.3, 1.0])
    assert probability_in_window(p, horizon, 180.0)[1] == pytest.approx(1 - 0.7**2)


def test_the_naive_rate_counts_at_least_one_window_of_life():
    # 2 orders in 10 days of life, window 30: two per 30 days, not six
    assert naive_probability(np.array([2.0]), np.array([10.0]), 30.0)[0] == pytest.approx(1 - np.exp(-2))
    assert np.isnan(naive_probability(np.array([NAN]), np.array([10.0]), 30.0)[0])


def test_the_interval_of_a_share_is_wilsons():
    """Newcombe (1998), Table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611."""
    assert share_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert share_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_nothing_can_be_seen_without_a_holdout():
    assert minimum_detectable_effect(np.array([0.5]), 100, 0) == float("inf")
    small, large = (minimum_detectable_effect(np.array([0.1]), 9 * n, n) for n in (100, 400))
    assert small == pytest.approx(2 * large)
