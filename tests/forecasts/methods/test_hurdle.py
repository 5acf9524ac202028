from __future__ import annotations

import numpy as np
import pytest

from patron.forecasts.methods import HurdleGradientBoosting


@pytest.fixture(scope="module")
def shop():
    random = np.random.default_rng(0)
    X = random.normal(size=(1500, 4))
    buys = random.random(1500) < 1 / (1 + np.exp(-1.5 * X[:, 0]))
    y = buys * np.exp(2 + 0.8 * X[:, 1]) * random.gamma(2.0, 0.5, 1500)
    X[random.random(X.shape) < 0.1] = np.nan
    return X, y


def test_learns_both_who_buys_and_how_much(shop):
    X, y = shop
    model = HurdleGradientBoosting(random_state=1).fit(X[:1000], y[:1000])
    later = X[1000:]
    assert np.corrcoef(model.predict(later), y[1000:])[0, 1] > 0.35
    assert model.predict(later).sum() == pytest.approx(y[1000:].sum(), rel=0.15)
    assert model.probability(later).mean() == pytest.approx((y[1000:] > 0).mean(), abs=0.05)


def test_the_forecast_is_probability_times_value_times_level_and_right_in_total(shop):
    X, y = shop
    model = HurdleGradientBoosting(random_state=1).fit(X, y)
    product = model.level_ * model.probability(X) * model.value_if_bought(X)
    assert model.predict(X) == pytest.approx(product)
    assert model.predict(X).sum() == pytest.approx(y.sum())


def test_one_seed_one_answer_whatever_the_threads(shop):
    X, y = shop[0][:300], shop[1][:300]
    first = HurdleGradientBoosting(n_trees=5, random_state=3).fit(X, y).predict(X)
    assert (HurdleGradientBoosting(n_trees=5, random_state=3, n_jobs=2).fit(X, y).predict(X) == first).all()
    assert (HurdleGradientBoosting(n_trees=5, random_state=4).fit(X, y).predict(X) != first).any()


def test_survives_being_written_and_read(shop):
    X, y = shop
    model = HurdleGradientBoosting(random_state=1).fit(X, y)
    again = HurdleGradientBoosting.from_parts(model.to_parts())
    assert (again.predict(X) == model.predict(X)).all()
    assert (again.probability(X) == model.probability(X)).all()


@pytest.mark.parametrize(("outcome", "expected"), [(0.0, 0.0), (7.0, 7.0), (-3.0, 0.0)])
def test_an_outcome_that_never_varies_is_forecast_as_it_is(outcome, expected):
    X = np.arange(40.0)[:, None]
    model = HurdleGradientBoosting().fit(X, np.full(40, outcome))
    assert model.predict(X) == pytest.approx(np.full(40, expected))
    assert HurdleGradientBoosting.from_parts(model.to_parts()).predict(X) == pytest.approx(np.full(40, expected))


def test_a_single_buyer_gives_finite_forecasts():
    y = np.zeros(100)
    y[3] = 1e9
    X = np.random.default_rng(0).normal(size=(100, 2))
    predicted = HurdleGradientBoosting().fit(X, y).predict(X)
    assert np.isfinite(predicted).all()
    assert (predicted >= 0).all()
