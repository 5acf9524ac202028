from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.stats import norm

from patron.forecasts.methods import ZeroInflatedLognormal
from patron.ground.errors import ExtraMissing


@pytest.fixture(scope="module")
def world():
    random = np.random.default_rng(3)
    X = random.normal(size=(4000, 2))
    chance = 1 / (1 + np.exp(-X[:, 0]))
    y = (random.random(4000) < chance) * np.exp(3.0 + 0.7 * X[:, 1] + 0.5 * random.normal(size=4000))
    return X, y, chance


@pytest.fixture(scope="module")
def fitted(world):
    X, y, _ = world
    return ZeroInflatedLognormal(n_networks=2, random_state=1).fit(X[:3000], y[:3000])


def test_finds_the_distribution_that_made_the_data(world, fitted):
    X, _, truth = world
    chance, mu, sigma = (numbers.mean(axis=0) for numbers in fitted.distribution(X[3000:]))
    assert np.abs(chance - truth[3000:]).mean() < 0.05
    assert np.abs(mu - (3.0 + 0.7 * X[3000:, 1])).mean() < 0.15
    assert sigma.mean() == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("share", [0.6, 0.8, 0.95])
def test_as_many_stay_below_a_quantile_as_it_says(world, fitted, share):
    X, y, _ = world
    below = (y[3000:] <= fitted.quantile(X[3000:], share)).mean()
    assert below == pytest.approx(share, abs=0.06)


def test_the_quantile_is_that_of_the_mixture(fitted):
    chance, mu, sigma = (numbers.mean(axis=0) for numbers in fitted.distribution([[0.0, 0.0]]))
    above = (0.9 - 1 + chance) / chance
    assert fitted.quantile([[0.0, 0.0]], 0.9) == pytest.approx(fitted.level_ * np.exp(mu + sigma * norm.ppf(above)))
    assert fitted.quantile([[-9.0, 0.0]], 0.5).tolist() == [0.0]


def test_without_torch_learning_names_the_extra_and_a_fitted_model_still_speaks(world, fitted, monkeypatch):
    X, y, _ = world
    monkeypatch.setitem(sys.modules, "torch", None)
    again = ZeroInflatedLognormal.from_parts(fitted.to_parts())
    assert again.predict(X[:5]) == pytest.approx(fitted.predict(X[:5]))
    with pytest.raises(ExtraMissing, match=r"pip install 'patron\[deep\]'"):
        ZeroInflatedLognormal().fit(X, y)
