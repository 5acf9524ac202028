from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.simulation import World
from patron.simulation.methods import baskets, catalogue, people, returns

SHELVES = catalogue.build(np.random.default_rng(1))


@settings(deadline=None)
@given(cents=st.floats(99, 3900), category=st.integers(0, 11))
def test_the_expected_list_price_is_the_target(cents: float, category: int) -> None:
    size = 4000
    rng, many = np.random.default_rng(1), np.full(size, cents)
    product = catalogue.at_price(rng, SHELVES, np.full(size, category), many, np.zeros(size, np.int64))
    price = SHELVES.list_price_cents[product]
    assert len(np.unique(price)) <= 2
    assert price.mean() == pytest.approx(cents, abs=5 * price.std() / np.sqrt(size) + 1e-9)
    assert (catalogue.category_of(product) == category).all()


def test_prices_rise_within_a_category_and_exceed_costs() -> None:
    assert (np.diff(SHELVES.ladder_cents, axis=1) > 0).all()
    assert (SHELVES.unit_cost_cents < SHELVES.list_price_cents).all()
    assert len({*catalogue.titles(len(SHELVES))}) == len(SHELVES)


def test_filled_orders_are_worth_what_was_drawn() -> None:
    rng = np.random.default_rng(2)
    tastes = people.tastes(rng, 50, 12, 6, 0.1, 0.05)
    customer, value = rng.integers(0, 50, 40_000), rng.gamma(4, 1500, 40_000) + 100
    counts = baskets.line_counts(rng, value, 3.1)
    order, product, quantity = baskets.fill(rng, SHELVES, tastes, customer, value, counts)
    gross = np.bincount(order, quantity * SHELVES.list_price_cents[product])
    assert (quantity >= 1).all()
    assert gross.mean() == pytest.approx(value.mean(), rel=0.002)
    assert np.corrcoef(gross, value)[0, 1] > 0.98


def test_order_values_are_gamma_gamma() -> None:
    """Mean and squared coefficient of variation: across customers 1/(q-2), within a customer 1/p."""
    rng = np.random.default_rng(3)
    mean = people.mean_order_values(rng.standard_normal(400_000), order_shape=5, spend_shape=6, mean=60)
    assert mean.mean() == pytest.approx(60, rel=0.01)
    assert (mean.std() / mean.mean()) ** 2 == pytest.approx(1 / 4, rel=0.1)
    same = baskets.order_values_cents(rng, np.full(200_000, 60.0), 5)
    assert same.mean() == pytest.approx(6000, rel=0.01)
    assert (same.std() / same.mean()) ** 2 == pytest.approx(1 / 5, rel=0.03)


def test_baskets_are_heavy_tailed_around_three_lines(clean_world: World) -> None:
    lines = clean_world.table("order_lines").to_pandas().groupby("order_id").size()
    assert lines.mean() == pytest.approx(2.9, abs=0.2)
    assert lines.quantile(0.99) > 3 * lines.mean()


def test_promotions_and_coupons_cut_the_price_as_said(clean_world: World) -> None:
    lines = clean_world.table("order_lines").to_pandas()
    share = lines["line_discount"].astype(float) / (lines["quantity"] * lines["unit_price"].astype(float))
    # A cent of rounding on the cheapest line is half a percent.
    assert {*share.round(1)} <= {0.0, 0.1, 0.2, 0.3, 0.4}
    assert (share - share.round(1)).abs().max() <= 0.0051


def test_units_come_back_as_often_as_said_and_at_most_once() -> None:
    rng = np.random.default_rng(4)
    size = 60_000
    ones = np.ones(size, np.int64)
    lines = baskets.Lines(np.arange(size), ones, ones, 3 * ones, 1000 * ones, 300 * ones)
    back = returns.draw(rng, lines, np.full(size, 0.1), ones * 0)
    assert back.quantity.sum() / (3 * size) == pytest.approx(0.1, abs=0.003)
    assert back.amount_cents.tolist() == (back.quantity * 900).tolist()
    days = back.returned_s / 86_400
    assert days.min() >= 2
    assert days.max() <= 30
    assert np.mean(days <= 16) == pytest.approx(float(returns.share_refunded_within(np.array([16.0]))[0]), abs=0.02)
