from __future__ import annotations

import numpy as np
import pytest

from patron.simulation.methods import expectation, people

DAYS = 40


def ahead(busy: float, promoted: float = 0.0, depth: float = 0.0) -> expectation.Horizon:
    return expectation.Horizon(np.full(DAYS, busy), np.full(DAYS, promoted), np.full(DAYS, depth), np.zeros(DAYS))


def one(rate: float, hazard: float = 0.0, leave: float = 0.0, uplift: float = 0.0) -> expectation.Latent:
    return expectation.Latent(*(np.array([value]) for value in (rate, 50.0, uplift, hazard, leave)))


def tastes(coupon: float = 0.0, back: float = 0.0) -> people.Tastes:
    none = np.zeros(1, np.int64)
    return people.Tastes(np.array([0.4]), np.array([coupon]), np.array([back]), none, none, none, none)


def expected(days: expectation.Horizon, latent: expectation.Latent, taste: people.Tastes) -> tuple[float, float]:
    found = expectation.expect(days, latent, taste, np.array([True]), coupon_discount=0.1)
    return float(found.orders[0]), float(found.net_revenue[0])


def test_without_leaving_it_is_rate_times_busy_days() -> None:
    assert expected(ahead(1.5), one(0.1), tastes()) == pytest.approx((0.1 * 1.5 * DAYS, 50 * 0.1 * 1.5 * DAYS))


def test_an_exponential_lifetime_shortens_it() -> None:
    """The integral of 0.1 e^{-0.02 t} over 40 days."""
    assert expected(ahead(1), one(0.1, hazard=0.02), tastes())[0] == pytest.approx(0.1 * (1 - np.exp(-0.8)) / 0.02)


def test_leaving_after_orders_agrees_with_a_simulation() -> None:
    rng = np.random.default_rng(1)
    orders = np.minimum(rng.poisson(0.1 * DAYS, 200_000), rng.geometric(0.2, 200_000))
    assert expected(ahead(1), one(0.1, leave=0.2), tastes())[0] == pytest.approx(orders.mean(), rel=0.01)


def test_promotions_bring_orders_and_cost_margin() -> None:
    orders, revenue = expected(ahead(1, promoted=1, depth=0.2), one(0.1, uplift=0.5), tastes())
    assert orders == pytest.approx(0.1 * 1.5 * DAYS)
    assert revenue == pytest.approx(orders * 50 * 0.8)


def test_coupons_and_refunds_reduce_revenue() -> None:
    days = expectation.Horizon(np.ones(DAYS), np.zeros(DAYS), np.zeros(DAYS), np.full(DAYS, 0.5))
    orders, revenue = expected(days, one(0.1), tastes(coupon=0.3, back=0.2))
    # 3 % by coupons, then half of the 20 % that come back is refunded within the horizon.
    assert revenue == pytest.approx(orders * 50 * 0.97 * 0.9)


def test_those_who_left_bring_nothing() -> None:
    found = expectation.expect(ahead(1), one(0.1), tastes(), np.array([False]), 0.1)
    assert (found.orders[0], found.net_revenue[0]) == (0, 0)
