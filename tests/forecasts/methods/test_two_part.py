"""What holds for every model of an amount that is zero for many: tree, forest, boosted in two parts or in one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.tree import DecisionTreeClassifier

from patron.forecasts.methods import (
    DecisionTree,
    DirectGradientBoosting,
    HurdleGradientBoosting,
    MultilayerPerceptron,
    RandomForest,
    ZeroInflatedLognormal,
)

TREES = (DecisionTree, DirectGradientBoosting, HurdleGradientBoosting, RandomForest)
MODELS = (*TREES, MultilayerPerceptron, ZeroInflatedLognormal)
IN_TWO_PARTS = (DecisionTree, HurdleGradientBoosting, RandomForest, MultilayerPerceptron)
N, LEARNED = 6000, 4000
every_model = pytest.mark.parametrize("model_of", MODELS, ids=lambda it: it.__name__)


@pytest.fixture(scope="module")
def shop():
    random = np.random.default_rng(0)
    X = random.normal(size=(N, 4))
    buys = random.random(N) < 1 / (1 + np.exp(-1.5 * X[:, 0]))
    y = buys * np.exp(2 + 0.8 * X[:, 1]) * random.gamma(2.0, 0.5, N)
    X[random.random(X.shape) < 0.1] = np.nan
    return X, y


@every_model
def test_learns_both_who_buys_and_how_much(shop, model_of):
    X, y = shop
    model = model_of(random_state=1).fit(X[:LEARNED], y[:LEARNED])
    later = X[LEARNED:]
    assert spearmanr(model.predict(later), y[LEARNED:]).statistic > 0.35
    bought = y[LEARNED:] > 0
    assert spearmanr(model.predict(later)[bought], y[LEARNED:][bought]).statistic > 0.25
    assert model.predict(later).sum() == pytest.approx(y[LEARNED:].sum(), rel=0.15)
    assert model.probability(later).mean() == pytest.approx((y[LEARNED:] > 0).mean(), abs=0.05)


@every_model
def test_the_total_of_what_was_learned_is_right(shop, model_of):
    X, y = shop
    assert model_of(random_state=1).fit(X, y).predict(X).sum() == pytest.approx(y.sum())


@pytest.mark.parametrize("model_of", IN_TWO_PARTS, ids=lambda it: it.__name__)
def test_in_two_parts_the_forecast_is_probability_times_value_times_level(shop, model_of):
    X, y = shop
    model = model_of(random_state=1).fit(X, y)
    assert model.predict(X) == pytest.approx(model.level_ * model.probability(X) * model.value_if_bought(X))


@every_model
def test_one_seed_one_answer_whatever_the_threads(shop, model_of):
    X, y = shop[0][:300], shop[1][:300]
    first = model_of(random_state=3).fit(X, y).predict(X)
    assert (model_of(random_state=3, n_jobs=2).fit(X, y).predict(X) == first).all()
    if model_of is not DecisionTree:
        assert (model_of(random_state=4).fit(X, y).predict(X) != first).any()


@every_model
def test_survives_being_written_and_read(shop, model_of):
    X, y = shop
    model = model_of(random_state=1).fit(X, y)
    again = model_of.from_parts(model.to_parts())
    assert (again.predict(X) == model.predict(X)).all()
    assert (again.probability(X) == model.probability(X)).all()


@pytest.mark.parametrize("model_of", TREES, ids=lambda it: it.__name__)
def test_more_of_a_good_thing_never_lowers_a_monotone_forecast(shop, model_of):
    X, y = np.nan_to_num(shop[0]), shop[1]
    model = model_of(monotone=[1, 1, 0, 0], random_state=1).fit(X, y)
    more = X + np.array([0.5, 0.5, 0.0, 0.0])
    assert (model.predict(more) >= model.predict(X) - 1e-9).all()


@every_model
@pytest.mark.parametrize(("outcome", "expected"), [(0.0, 0.0), (7.0, 7.0), (-3.0, 0.0)])
def test_an_outcome_that_never_varies_is_forecast_as_it_is(model_of, outcome, expected):
    X = np.arange(40.0)[:, None]
    model = model_of().fit(X, np.full(40, outcome))
    assert model.predict(X) == pytest.approx(np.full(40, expected))
    assert model_of.from_parts(model.to_parts()).predict(X) == pytest.approx(np.full(40, expected))


@every_model
def test_a_single_buyer_gives_finite_forecasts(model_of):
    y = np.zeros(100)
    y[3] = 1e9
    X = np.random.default_rng(0).normal(size=(100, 2))
    predicted = model_of().fit(X, y).predict(X)
    assert np.isfinite(predicted).all()
    assert (predicted >= 0).all()


def test_the_tree_says_the_shares_that_scikit_learns_tree_says():
    random = np.random.default_rng(5)
    X = random.integers(0, 12, size=(4000, 3)).astype(float)
    y = (random.random(4000) < 1 / (1 + np.exp(2 - 0.5 * X[:, 0] + 0.3 * X[:, 1]))).astype(float)
    peer = DecisionTreeClassifier(max_leaf_nodes=12, min_samples_leaf=50, random_state=0).fit(X, y)
    ours = DecisionTree(n_leaves=12, min_leaf=50).fit(X, y)
    assert ours.probability(X) == pytest.approx(peer.predict_proba(X)[:, 1], abs=1e-6)


def test_the_leaves_of_amounts_hold_their_means():
    X = np.repeat([[0.0], [1.0]], 200, axis=0)
    y = np.tile([1.0, 9.0], 200) * np.where(X[:, 0] > 0, 10.0, 1.0)
    assert DecisionTree().fit(X, y).value_if_bought([[0.0], [1.0]]) == pytest.approx([5.0, 50.0])
