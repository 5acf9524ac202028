from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import loggamma

from patron.forecasts.methods import GammaGamma
from patron.forecasts.methods.gamma_gamma import _MeanLogLikelihood


def simulate(n=8000, seed=0, *, p=4.0, q=5.0, gamma=60.0):
    random = np.random.default_rng(seed)
    x = random.integers(0, 8, n).astype(float)
    nu = random.gamma(q, 1 / gamma, n)
    mean = random.gamma(p * np.maximum(x, 1), 1.0) / (nu * np.maximum(x, 1))
    return np.column_stack([x, np.where(x > 0, mean, 0.0)])


def test_recovers_the_parameters_it_was_simulated_from():
    model = GammaGamma().fit(simulate())
    assert model.converged_
    assert list(model.params_.values()) == pytest.approx([4.0, 5.0, 60.0], rel=0.15)


def plain(logs, x, m, weight):
    """The mean log-likelihood row by row, as the paper writes it; takes complex numbers."""
    p, q, gamma = np.exp(logs)
    values = loggamma(p * x + q) - loggamma(p * x) - loggamma(q) + q * np.log(gamma) + (p * x - 1) * np.log(m)
    return (values + p * x * np.log(x) - (p * x + q) * np.log(gamma + m * x)) @ weight / weight.sum()


def slope_of(function, at, step=1e-30):
    """The gradient by complex steps (Squire and Trapp 1998): exact to rounding, with no difference taken."""
    return np.array([function(at + 1j * step * one).imag / step for one in np.eye(at.size)])


def bend_of(function, at, step=1e-4):
    """The Hessian, by central differences of exact gradients."""
    ahead, behind = (np.array([slope_of(function, at + way * one) for one in np.eye(at.size)]) for way in (step, -step))
    return (ahead - behind) / (2 * step)


@pytest.mark.parametrize("seed", range(8))
def test_gradient_and_hessian_are_those_of_the_likelihood(seed):
    random = np.random.default_rng(seed)
    spend = simulate(50, seed)
    x, m = spend[spend[:, 0] > 0].T
    x = x + 0.5 if seed % 2 else x  # numbers that cannot be counted
    weight = random.uniform(0.5, 3.0, x.size)
    logs = random.normal([1.4, 1.6, 4.0], 1.5)
    here = _MeanLogLikelihood(x, m, weight)(np.exp(logs)).by_logarithms(np.exp(logs))

    def function(at):
        return plain(at, x, m, weight)

    assert here.value == pytest.approx(function(logs), rel=1e-12)
    assert here.gradient == pytest.approx(slope_of(function, logs), rel=1e-9, abs=1e-11)
    assert here.hessian == pytest.approx(bend_of(function, logs), rel=1e-6, abs=1e-6)


def test_the_optimum_is_that_of_the_plain_route():
    spend = simulate(6000, seed=4)
    x, m = spend[spend[:, 0] > 0].T

    def function(at):
        return plain(at, x, m, np.ones(x.size))

    found = minimize(
        lambda at: -function(at),
        np.log([4.0, 5.0, 60.0]),
        jac=lambda at: -slope_of(function, at),
        method="BFGS",
        options={"gtol": 1e-9},
    )
    model = GammaGamma().fit(spend)
    assert list(model.params_.values()) == pytest.approx(list(np.exp(found.x)), rel=1e-6)
    errors = np.exp(found.x) * np.sqrt(np.diag(np.linalg.inv(-x.size * bend_of(function, found.x))))
    assert list(model.standard_errors_.values()) == pytest.approx(list(errors), rel=1e-3)


def test_standard_errors_are_the_spread_of_estimates_over_many_shops():
    models = [GammaGamma().fit(simulate(3000, seed)) for seed in range(100, 160)]
    for name, truth in (("p", 4.0), ("q", 5.0), ("gamma", 60.0)):
        misses = [(model.params_[name] - truth) / model.standard_errors_[name] for model in models]
        assert np.std(misses) == pytest.approx(1.0, abs=0.3), name
        assert np.mean(misses) == pytest.approx(0.0, abs=0.5), name


def test_the_order_of_rows_does_not_matter():
    spend = simulate(30_000, seed=6)
    model = GammaGamma().fit(spend)
    for order in (np.lexsort(spend.T), np.random.default_rng(0).permutation(len(spend))):
        other = GammaGamma().fit(spend[order])
        assert list(other.params_.values()) == pytest.approx(list(model.params_.values()), rel=1e-6)
        assert other.log_likelihood_ == pytest.approx(model.log_likelihood_, rel=1e-12)


def test_the_same_rows_give_the_same_numbers_however_they_lie_in_memory():
    spend = simulate(20_000, seed=7)
    numbers = [GammaGamma().fit(rows).params_ for rows in (spend, spend, np.asfortranarray(spend), spend[::1])]
    assert all(one == numbers[0] for one in numbers)


def test_a_large_table_is_climbed_on_every_row():
    spend = simulate(240_000, seed=5)
    model = GammaGamma().fit(spend)
    assert model.converged_
    assert model.log_likelihood_ == pytest.approx(model.log_likelihood(spend).sum(), rel=1e-11)
    for name, value in model.params_.items():
        for nearby in (value * 0.999, value * 1.001):
            other = GammaGamma.from_params(**{**model.params_, name: nearby})
            assert other.log_likelihood(spend).sum() < model.log_likelihood_


def test_the_currency_only_scales_gamma():
    spend = simulate(2000)
    pounds, pence = GammaGamma().fit(spend), GammaGamma().fit(spend * [1, 100])
    assert pence.params_["gamma"] == pytest.approx(100 * pounds.params_["gamma"], rel=1e-4)
    assert pence.expected_value(spend * [1, 100]) == pytest.approx(100 * pounds.expected_value(spend), rel=1e-5)
    assert pence.log_likelihood_ == pytest.approx(pence.log_likelihood(spend * [1, 100]).sum(), rel=1e-9)


def test_weights_stand_for_repeated_customers():
    spend, counts = simulate(300), np.random.default_rng(1).integers(0, 4, 300)
    weighted = GammaGamma().fit(spend, sample_weight=counts)
    repeated = GammaGamma().fit(np.repeat(spend, counts, axis=0))
    assert list(weighted.params_.values()) == pytest.approx(list(repeated.params_.values()), rel=1e-7)
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-12)
    assert weighted.mean_value_ == pytest.approx(repeated.mean_value_)


def test_the_expectation_lies_between_own_mean_and_population_and_moves_with_evidence():
    model = GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
    population = model.expected_value([[0, 0.0]])[0]
    few, many = model.expected_value([[1, 100.0], [30, 100.0]])
    assert population < few < many < 100.0


def test_without_a_finite_population_mean_the_observed_one_is_used():
    model = GammaGamma.from_params(p=2.0, q=0.8, gamma=10.0, mean_value=55.0)
    assert model.expected_value([[0, 0.0]])[0] == 55.0
    assert model.expected_value([[4, 20.0]])[0] == pytest.approx(2.0 * (10.0 + 80.0) / (8.0 - 0.2))


def test_customers_without_a_repeat_order_may_have_no_mean():
    frame = pd.DataFrame({"btyd_frequency": [0, 2], "btyd_monetary_mean": [np.nan, 30.0]})
    model = GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
    assert np.isfinite(model.expected_value(frame)).all()
    with pytest.raises(ValueError, match="NaN where a mean value is needed"):
        model.expected_value([[2, np.nan]])


@pytest.mark.parametrize("spend", [[[0, 0.0], [0, 0.0]], [[1, 0.0], [2, 5.0]]])
def test_no_valued_purchase_is_refused(spend):
    with pytest.raises(ValueError, match="Expected at least one, all with a mean value above 0"):
        GammaGamma().fit(spend)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_amounts_of_any_size_converge(scale):
    model = GammaGamma().fit(simulate(1500, seed=2) * [1, scale])
    assert model.converged_
    assert np.isfinite(model.expected_value([[3, 7 * scale], [0, 0]])).all()


def test_identical_spend_still_gives_finite_numbers():
    model = GammaGamma().fit([[3, 20.0]] * 50)
    assert model.at_bound_ == ("p", "q")
    assert [np.isnan(error) for error in model.standard_errors_.values()] == [True, True, False]
    assert model.expected_value([[3, 20.0]])[0] == pytest.approx(20.0, rel=0.05)
