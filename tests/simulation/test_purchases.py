"""Order processes have the moments of the published models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from patron.simulation import (
    NO_DIRT,
    DropoutAfterOrder,
    ExponentialDropout,
    Marketing,
    Purchases,
    SimulationSpec,
    Ties,
    simulate,
)
from patron.simulation.methods import purchases

QUIET = Marketing(promotions_per_year=0, campaigns_per_year=0)


def plain_world(tmp_path: Path, dropout: ExponentialDropout | DropoutAfterOrder) -> tuple[np.ndarray, np.ndarray]:
    """Return repeat orders and days since the first order, without seasons, promotions, campaigns or ties."""
    buying = Purchases(orders_per_year=6, rate_shape=0.8, dropout=dropout, yearly_swing=0, weekend_lift=0)
    spec = SimulationSpec(
        customers=30_000,
        dirt=NO_DIRT,
        tables=("products",),
        purchases=buying,
        marketing=QUIET,
        ties=Ties(referral_share=0),
        horizon_days=1,
    )
    truth = simulate(spec, tmp_path / "shop", seed=2).truth().to_pandas()
    age = (np.datetime64("2026-01-01") - truth["acquired_at"].dt.tz_localize(None)).to_numpy() / np.timedelta64(1, "D")
    return truth["order_count"].to_numpy() - 1, age


def assert_mean(sample: np.ndarray, expected: np.ndarray) -> None:
    error = (sample - expected).std() / np.sqrt(len(sample))
    assert abs((sample - expected).mean()) < 4 * error


R, ALPHA = 0.8, 0.8 / (6 / 365.25)


def test_repeat_orders_of_bg_nbd(tmp_path: Path) -> None:
    """E[X(t)], equation (9) of Fader, Hardie and Lee (2005), "Counting your customers" the easy way."""
    repeats, t = plain_world(tmp_path, DropoutAfterOrder(probability=0.3, concentration=5.0))
    a, b = 1.5, 3.5
    power = (ALPHA / (ALPHA + t)) ** R * hyp2f1(R, b, a + b - 1, t / (ALPHA + t))
    assert_mean(repeats, (a + b - 1) / (a - 1) * (1 - power))
    assert_mean(repeats == 0, (ALPHA / (ALPHA + t)) ** R)


def test_repeat_orders_of_pareto_nbd(tmp_path: Path) -> None:
    """E[X(t)], equation (17) of Schmittlein, Morrison and Colombo (1987), Counting Your Customers."""
    repeats, t = plain_world(tmp_path, ExponentialDropout(per_year=0.9, shape=1.4))
    s, beta = 1.4, 1.4 / (0.9 / 365.25)
    assert_mean(repeats, R * beta / (ALPHA * (s - 1)) * (1 - (beta / (beta + t)) ** (s - 1)))


def test_repeat_orders_of_nbd_when_nobody_leaves(tmp_path: Path) -> None:
    repeats, t = plain_world(tmp_path, ExponentialDropout(per_year=0))
    assert_mean(repeats, R / ALPHA * t)
    assert_mean(repeats == 0, (ALPHA / (ALPHA + t)) ** R)


def test_orders_are_sorted_and_numbered_by_customer() -> None:
    first, usual = np.array([0, 1]), np.array([1, 0, 1])
    orders = purchases.in_sequence([(first, np.array([50, 10]), 0), (usual, np.array([30, 60, 20]), 1)])
    assert orders.customer.tolist() == [0, 0, 1, 1, 1]
    assert orders.placed_s.tolist() == [50, 60, 10, 20, 30]
    assert orders.number.tolist() == [0, 1, 0, 1, 2]
    assert purchases.instants_of(orders, np.array([1, 3]), otherwise=-7).tolist() == [60, -7]


def test_the_first_order_stays_first_within_a_second() -> None:
    orders = purchases.in_sequence([(np.array([0]), np.array([5]), 1), (np.array([0]), np.array([5]), 0)])
    assert orders.cause.tolist() == [0, 1]


@settings(deadline=None)
@given(
    placed=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), min_size=1, max_size=25),
    asked=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 45)), min_size=1, max_size=10),
    window=st.integers(1, 30),
)
def test_first_within_finds_what_a_loop_finds(
    placed: list[tuple[int, int]], asked: list[tuple[int, int]], window: int
) -> None:
    customer, at = (np.array(column) for column in zip(*placed, strict=True))
    orders = purchases.in_sequence([(customer, at, 1)])
    who, after = (np.array(column) for column in zip(*asked, strict=True))
    found = purchases.first_within(orders, who, after, window)
    for row, (name, start) in enumerate(asked):
        times = [second for buyer, second in placed if buyer == name and start < second <= start + window]
        assert (found[row] == -1) == (not times)
        if times:
            assert orders.placed_s[found[row]] == min(times)


def test_rates_and_spend_correlate_as_asked(tmp_path: Path) -> None:
    spec = SimulationSpec(customers=20_000, dirt=NO_DIRT, tables=("products",), ties=Ties(referral_share=0))
    spec = spec.model_copy(update={"baskets": spec.baskets.model_copy(update={"rate_spend_correlation": 0.6})})
    truth = simulate(spec, tmp_path / "shop", seed=2).truth().to_pandas()
    # Spearman's rank correlation of a Gaussian copula is 6/pi asin(rho/2).
    expected = 6 / np.pi * np.arcsin(0.3)
    assert truth["rate_per_day"].corr(truth["mean_order_value"], "spearman") == pytest.approx(expected, abs=0.03)
