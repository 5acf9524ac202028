"""The chance of each number of purchases against brute-force integration, simulation and the expectation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from patron.forecasts.methods import BetaGeoNBD, GammaGamma, ModifiedBetaGeoNBD, ParetoNBD
from patron.forecasts.methods.count_distribution import chance_of_spend_below, quantiles_of_spend

HISTORIES = np.array([[2.0, 30.43, 38.86], [0.0, 0.0, 38.86], [7.0, 35.0, 36.0], [1.0, 1.71, 38.86]])
MODELS = [
    BetaGeoNBD.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426),
    ModifiedBetaGeoNBD.from_params(r=0.525, alpha=6.183, a=0.891, b=1.614),
    ParetoNBD.from_params(r=0.553, alpha=10.578, s=0.606, beta=11.669),
]
HORIZON = 26.0


def named(model):
    return type(model).__name__


def chances(model, most=600, histories=HISTORIES):
    return np.column_stack([model.probability_of_count(histories, HORIZON, k) for k in range(most + 1)])


@pytest.mark.parametrize("model", MODELS, ids=named)
def test_the_chances_add_up_to_one_and_their_mean_is_the_expectation(model):
    found = chances(model)
    assert found.sum(axis=1) == pytest.approx(1.0, abs=1e-9)
    assert found @ np.arange(found.shape[1]) == pytest.approx(model.expected_purchases(HISTORIES, HORIZON), rel=1e-7)
    assert 1.0 - found[:, 0] == pytest.approx(model.probability_of_purchase(HISTORIES, HORIZON), rel=1e-9)


@pytest.mark.parametrize("throws", [0, 1])
def test_leaving_at_a_purchase_is_the_integral_over_rates_and_chances_of_leaving(throws):
    model = MODELS[throws]
    r, alpha, a, b = (model.params_[name] for name in ("r", "alpha", "a", "b"))
    x, _, T = HISTORIES[0]
    middles = (np.arange(2000) + 0.5) / 2000
    lam = stats.gamma(r + x, scale=1 / (alpha + T)).ppf(middles)[:, None]
    p = stats.beta(a, b + x + throws).ppf(middles)
    alive = model.probability_alive(HISTORIES)[0]
    for k in (0, 1, 3):
        came, more = stats.poisson.pmf(k, lam * HORIZON), stats.poisson.sf(k - 1, lam * HORIZON)
        given = (1 - p) ** k * came + (p * (1 - p) ** (k - 1) * more if k else 0.0)
        expected = alive * given.mean() + (1 - alive) * (k == 0)
        assert model.probability_of_count(HISTORIES, HORIZON, k)[0] == pytest.approx(expected, rel=1e-3)


def test_leaving_at_a_time_is_the_integral_over_the_day_of_leaving():
    model, (x, _, T) = MODELS[2], HISTORIES[0]
    r, alpha, s, beta = (model.params_[name] for name in ("r", "alpha", "s", "beta"))
    alive = model.probability_alive(HISTORIES)[0]

    def came(k, u):
        return stats.nbinom.pmf(k, r + x, (alpha + T) / (alpha + T + u))

    for k in (0, 1, 2, 8):
        gone = quad(lambda u, k=k: came(k, u) * s * (beta + T) ** s / (beta + T + u) ** (s + 1), 0, HORIZON)[0]
        stay = came(k, HORIZON) * ((beta + T) / (beta + T + HORIZON)) ** s
        expected = alive * (gone + stay) + (1 - alive) * (k == 0)
        assert model.probability_of_count(HISTORIES, HORIZON, k)[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=named)
def test_quantiles_are_the_smallest_numbers_that_reach_their_share(model):
    shares = np.array([0.1, 0.5, 0.9, 0.99])
    reached = np.cumsum(chances(model), axis=1)
    expected = np.argmax(reached[:, :, None] >= shares, axis=1)
    assert model.predictive_quantiles(HISTORIES, HORIZON, shares).tolist() == expected.tolist()
    assert model.predictive_quantiles(HISTORIES, HORIZON, 0.9).shape == (4, 1)


def test_covariates_move_the_chances_of_their_own_customers():
    model = BetaGeoNBD.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426, rate_coefficients={"vip": 0.7})
    rows = np.column_stack([np.repeat(HISTORIES[:1], 2, axis=0), [0.0, 1.0]])
    plain = MODELS[0].probability_of_count(HISTORIES[:1], HORIZON, 2)
    own = BetaGeoNBD.from_params(r=0.243, alpha=4.414 * np.exp(-0.7), a=0.793, b=2.426)
    assert model.probability_of_count(rows, HORIZON, 2) == pytest.approx(
        [plain[0], own.probability_of_count(HISTORIES[:1], HORIZON, 2)[0]]
    )


def test_impossible_questions_are_refused():
    with pytest.raises(ValueError, match="count is -1"):
        MODELS[0].probability_of_count(HISTORIES, HORIZON, -1)
    with pytest.raises(ValueError, match=r"shares are \[0.5, 1.0\]"):
        MODELS[0].predictive_quantiles(HISTORIES, HORIZON, (0.5, 1.0))


def test_the_quantiles_of_spend_are_those_of_simulated_customers():
    random, n = np.random.default_rng(11), 400_000
    value = GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
    spending = np.array([[2.0, 22.35], [0.0, 0.0], [7.0, 60.0], [1.0, 30.0]])
    found = chances(MODELS[1], most=60)
    shares = np.array([0.5, 0.8, 0.95])
    said = quantiles_of_spend(found, value, spending, shares)
    for i, (x, m) in enumerate(spending):
        bought = random.choice(61, size=n, p=found[i] / found[i].sum())
        nu = random.gamma(6.25 * x + 3.74, 1.0 / (15.44 + m * x), n)
        spent = np.where(bought > 0, random.gamma(np.maximum(6.25 * bought, 1.0)) / nu, 0.0)
        assert said[i] == pytest.approx(np.quantile(spent, shares), rel=0.02)
        below = chance_of_spend_below(found[i : i + 1], value, spending[i : i + 1], np.array([40.0]))
        assert below[0] == pytest.approx((spent <= 40.0).mean(), abs=0.003)


def test_the_mean_of_a_total_is_the_number_times_the_expected_value():
    value, spending = GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44), np.array([[2.0, 22.35]])
    above = quad(lambda y: 1.0 - value.probability_of_total_below(spending, 3, np.array([y]))[0], 0, np.inf)[0]
    assert above == pytest.approx(3 * value.expected_value(spending)[0], rel=1e-6)


@pytest.mark.parametrize("horizon", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("ask", ["expected_purchases", "probability_of_purchase", "probability_of_count"])
@pytest.mark.parametrize(
    "model",
    [
        BetaGeoNBD.from_params(r=0.24, alpha=4.4, a=0.8, b=2.4),
        ParetoNBD.from_params(r=0.55, alpha=10.6, s=0.61, beta=11.7),
    ],
    ids=lambda it: type(it).__name__,
)
def test_a_horizon_that_no_forecast_can_have_is_refused(model, ask, horizon):
    more = (1,) if ask == "probability_of_count" else ()
    with pytest.raises(ValueError, match=r"horizon is .*\nExpected a length of time, 0 or more, in the unit of T"):
        getattr(model, ask)([[2.0, 10.0, 20.0]], horizon, *more)
