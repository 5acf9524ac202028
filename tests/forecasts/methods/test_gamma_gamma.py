from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

from patron.forecasts.methods import GammaGamma
from patron.forecasts.methods.gamma_gamma import _LogLikelihood


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


def test_the_gradient_is_the_slope():
    spend = simulate(50)
    x, m = spend[spend[:, 0] > 0].T
    likelihood = _LogLikelihood(x, m, np.linspace(1, 2, x.size))
    for point in ([1.0, 1.0, 3.0], [-2.0, 3.0, -1.0]):
        slope = approx_fprime(np.array(point), lambda at: likelihood(at)[0], 1e-6)
        assert likelihood(np.array(point))[1] == pytest.approx(slope, rel=1e-4, abs=1e-5)


def test_the_currency_only_scales_gamma():
    spend = simulate(2000)
    pounds, pence = GammaGamma().fit(spend), GammaGamma().fit(spend * [1, 100])
    assert pence.params_["gamma"] == pytest.approx(100 * pounds.params_["gamma"], rel=1e-4)
    assert pence.expected_value(spend * [1, 100]) == pytest.approx(100 * pounds.expected_value(spend), rel=1e-5)
    assert pence.log_likelihood_ == pytest.approx(pence.log_likelihood(spend * [1, 100]).sum(), rel=1e-9)


def test_weights_stand_for_repeated_customers():
    spend, counts = simulate(300), np.random.default_rng(1).integers(1, 4, 300)
    weighted = GammaGamma().fit(spend, sample_weight=counts)
    repeated = GammaGamma().fit(np.repeat(spend, counts, axis=0))
    assert list(weighted.params_.values()) == pytest.approx(list(repeated.params_.values()), rel=1e-3)
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
    assert model.expected_value([[3, 20.0]])[0] == pytest.approx(20.0, rel=0.05)
