from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom

from patron.forecasts.methods.overdispersion import chance_of_any, learn_dispersion


def test_the_chance_is_that_of_scipys_negative_binomial():
    expected, phi = np.array([0.01, 0.5, 3.0, 40.0]), 0.7
    theirs = 1 - nbinom.pmf(0, 1 / phi, 1 / (1 + phi * expected))
    assert chance_of_any(expected, phi) == pytest.approx(theirs, rel=1e-12)


def test_without_dispersion_it_is_the_poissons():
    expected = np.array([0.01, 0.5, 3.0])
    assert chance_of_any(expected, 1e-8) == pytest.approx(1 - np.exp(-expected), rel=1e-6)


@pytest.mark.parametrize("phi", [0.3, 2.0])
def test_the_dispersion_of_a_known_world_is_found(phi):
    random = np.random.default_rng(5)
    expected = random.gamma(2.0, 0.6, 40_000)
    orders = random.poisson(random.gamma(1 / phi, phi * expected))
    assert learn_dispersion(expected, (orders > 0).astype(float)) == pytest.approx(phi, rel=0.12)
