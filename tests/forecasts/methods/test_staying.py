from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import nbinom

from patron.forecasts.methods.beta_geo import ModifiedBetaGeoNBD
from patron.forecasts.methods.staying import NOTICED, log_likelihood_of_staying


def _histories(n, leaving, seed):
    """Return (x, t_x, T) of customers with rates of their own, who leave at a constant rate or never."""
    random = np.random.default_rng(seed)
    T = random.uniform(100, 400, n)
    rate = random.gamma(1.5, 1 / 60, n)
    stays = np.minimum(T, random.exponential(1 / leaving, n)) if leaving else T
    x = random.poisson(rate * stays)
    t_x = np.array([stays[i] * random.beta(k, 1) if (k := x[i]) else 0.0 for i in range(n)])
    return np.column_stack([x, t_x, T]).astype(float)


def test_it_is_the_negative_binomial_less_the_order_of_the_purchases():
    """P(X = x) is the likelihood of the times, over all their orders: times T^x / x!."""
    x, _, T = _histories(400, 0.0, 1).T
    best = log_likelihood_of_staying(x, T)
    times = float((gammaln(x + 1) - x * np.log(T)).sum())
    near = [
        float(nbinom.logpmf(x, r, a / (a + T)).sum()) + times
        for r in np.linspace(0.8, 2.5, 60)
        for a in np.linspace(30, 120, 60)
    ]
    assert max(near) <= best + 1e-9
    assert max(near) == pytest.approx(best, abs=0.05)


@pytest.mark.parametrize("unit", [1.0, 7.0, 1 / 24])
def test_the_unit_of_time_moves_it_as_a_density_moves(unit):
    x, _, T = _histories(300, 0.0, 2).T
    moved = log_likelihood_of_staying(x, T / unit) - x.sum() * np.log(unit)
    assert moved == pytest.approx(log_likelihood_of_staying(x, T), abs=1e-3)


@pytest.mark.parametrize(("leaving", "noticed"), [(0.0, False), (1 / 150, True)])
def test_leaving_is_noticed_where_there_is_some(leaving, noticed):
    gains = []
    for seed in range(6):
        histories = _histories(600, leaving, seed)
        gain = ModifiedBetaGeoNBD().fit(histories).log_likelihood_ - log_likelihood_of_staying(
            histories[:, 0], histories[:, 2]
        )
        gains.append(gain > NOTICED)
    assert all(gains) if noticed else sum(gains) <= 1
