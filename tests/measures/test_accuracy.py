from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_tweedie_deviance

from patron.measures import mean_absolute_error, root_mean_squared_error, tweedie_deviance, tweedie_deviances


def test_errors_by_hand():
    assert mean_absolute_error([0, 10], [3, 6]) == 3.5
    assert root_mean_squared_error([0, 10], [3, 6]) == pytest.approx(12.5**0.5)


@pytest.mark.parametrize("power", [1.0, 1.2, 1.5, 1.9])
def test_the_deviance_is_scikit_learns_and_least_at_the_true_mean(power):
    y = np.random.default_rng(0).gamma(0.3, 20.0, 500) * (np.arange(500) % 3 > 0)
    m = np.random.default_rng(1).uniform(1, 20, 500)
    assert tweedie_deviance(y, m, power=power) == pytest.approx(mean_tweedie_deviance(y, m, power=power))
    constants = y.mean() * np.array([0.5, 0.9, 1.0, 1.1, 2.0])
    errors = [tweedie_deviance(y, np.full(500, c), power=power) for c in constants]
    assert np.argmin(errors) == 2


def test_a_forecast_of_zero_for_a_buyer_is_bad_but_finite_and_refunds_count_as_zero():
    found = tweedie_deviances([100.0, -5.0], [0.0, 10.0])
    assert np.isfinite(found).all()
    assert found[0] > found[1] == tweedie_deviances([100.0, 0.0], [0.0, 10.0])[1]
