from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import PoissonRegressor

from patron.forecasts.methods import RidgePoisson


def counts(n=500, seed=3):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3))
    days = random.choice([10.0, 40.0], n)
    return X, random.poisson(days * np.exp(-2 + X @ [0.5, -0.3, 0.0])), days


def test_it_is_scikit_learns_poisson_regression_where_they_ask_the_same():
    """scikit-learn knows no offset: counts by exposure, weighted by exposure, are the same likelihood."""
    X, y, days = counts()
    z = (X - X.mean(axis=0)) / X.std(axis=0)
    mine = RidgePoisson(penalty=1e-9).fit(X, y, offset=np.log(days))
    theirs = PoissonRegressor(alpha=0.0, tol=1e-10, max_iter=5000).fit(z, y / days, sample_weight=days)
    assert mine.coef_ == pytest.approx(theirs.coef_, abs=1e-5)
    assert mine.intercept_ == pytest.approx(theirs.intercept_, abs=1e-5)


def test_the_penalty_means_the_same_for_a_shop_of_any_size_and_any_currency():
    X, y, days = counts()
    one = RidgePoisson(penalty=0.1).fit(X, y, offset=np.log(days))
    twice = RidgePoisson(penalty=0.1).fit(np.vstack([X, X]), np.tile(y, 2), offset=np.tile(np.log(days), 2))
    cents = RidgePoisson(penalty=0.1).fit(X, 100.0 * y, offset=np.log(days))
    assert twice.coef_ == pytest.approx(one.coef_, abs=1e-6)
    assert cents.coef_ == pytest.approx(one.coef_, abs=1e-6)


def test_more_penalty_draws_coefficients_to_zero():
    X, y, days = counts()
    free, bound = (RidgePoisson(penalty=p).fit(X, y, offset=np.log(days)) for p in (1e-6, 10.0))
    assert np.abs(bound.coef_).sum() < 0.2 * np.abs(free.coef_).sum()


def test_nobody_far_out_is_extrapolated():
    X, y, days = counts()
    model = RidgePoisson().fit(X, y, offset=np.log(days))
    assert model.predict([[1e6, 0, 0]]) == pytest.approx(model.predict([[1e3, 0, 0]]))


def test_it_is_the_same_after_being_written_and_read():
    X, y, days = counts()
    model = RidgePoisson().fit(X, y, offset=np.log(days))
    assert RidgePoisson.from_parts(model.to_parts()).predict(X) == pytest.approx(model.predict(X))


def test_nothing_bought_is_learned_as_nothing():
    assert RidgePoisson().fit(np.eye(4), np.zeros(4)).predict(np.eye(4)) == pytest.approx(np.zeros(4), abs=1e-100)
