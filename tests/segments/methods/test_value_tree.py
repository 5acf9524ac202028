"""The value tree: known rules are found, noise is one segment, leaves are those scikit-learn would have grown."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

from patron.segments.methods import ValueTreeSegmenter
from patron.segments.methods.grown_tree import holds, rules_of, splits_in_order


@pytest.fixture(scope="module")
def shop():
    """Revenue depends on two of four features; three customers in four buy nothing; amounts are heavy-tailed."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(20_000, 4))
    mean = np.where(X[:, 1] > 0.5, 200.0, np.where(X[:, 3] > -0.2, 40.0, 8.0))
    revenue = mean * rng.lognormal(0.0, 1.0, 20_000) * (rng.random(20_000) < 0.25)
    return X, revenue


def test_finds_the_rules_that_made_the_revenue(shop):
    model = ValueTreeSegmenter(random_state=0).fit(*shop)
    best, middle, least = model.rules_
    assert [(j, op) for j, op, _ in best] == [(1, ">")]
    assert sorted((j, op) for j, op, _ in middle) == [(1, "<="), (3, ">")]
    assert sorted((j, op) for j, op, _ in least) == [(1, "<="), (3, "<=")]
    limits = {j: at for j, _, at in least}
    assert limits == pytest.approx({1: 0.5, 3: -0.2}, abs=0.05)
    assert (np.diff(model.values_) < 0).all()


def test_rules_divide_everyone_and_are_what_predict_says(shop):
    X, y = shop
    model = ValueTreeSegmenter(random_state=0).fit(X, y)
    kept = np.array([holds(rule, X) for rule in model.rules_])
    assert (kept.sum(axis=0) == 1).all()
    assert np.array_equal(kept.argmax(axis=0), model.predict(X))


def test_revenue_without_a_cause_is_one_segment():
    rng = np.random.default_rng(0)
    one = 0
    for _ in range(20):
        X, y = rng.normal(size=(1500, 5)), rng.lognormal(2.0, 1.5, 1500) * (rng.random(1500) < 0.3)
        one += ValueTreeSegmenter(random_state=0).fit(X, y).rules_ == ((),)
    assert one >= 19


def test_nobody_bought_is_one_segment_worth_nothing():
    model = ValueTreeSegmenter().fit(np.arange(50.0)[:, None], np.zeros(50))
    assert model.rules_ == ((),)
    assert model.values_.tolist() == [0.0]


def test_one_huge_order_makes_no_segment(shop):
    X, y = shop
    plain = ValueTreeSegmenter(random_state=0).fit(X, y)
    y = y.copy()
    y[7] = 1e9
    assert ValueTreeSegmenter(random_state=0).fit(X, y).rules_ == plain.rules_


def test_refunds_count_as_nothing(shop):
    X, y = shop
    refunded = np.where(y > 0, y, -500.0)
    assert (
        ValueTreeSegmenter(random_state=0).fit(X, refunded).rules_
        == ValueTreeSegmenter(random_state=0).fit(X, y).rules_
    )


def test_leaves_keep_to_their_least_size_and_number(shop):
    model = ValueTreeSegmenter(2, smallest_share=0.35, random_state=0).fit(*shop)
    assert np.bincount(model.labels_).min() >= 0.35 * 20_000
    assert len(model.rules_) == 2


@pytest.mark.parametrize("n_leaves", [2, 3, 5, 8])
def test_the_first_splits_are_the_tree_of_that_size(shop, n_leaves):
    X, y = shop
    options = {"criterion": "poisson", "min_samples_leaf": 60, "random_state": 0}
    grown = DecisionTreeRegressor(max_leaf_nodes=12, **options).fit(X, y).tree_
    small = DecisionTreeRegressor(max_leaf_nodes=n_leaves, **options).fit(X, y).tree_
    ours = rules_of(grown, set(splits_in_order(grown)[: n_leaves - 1]))
    assert sorted(ours) == sorted(rules_of(small, set(splits_in_order(small))))


def test_of_two_limits_of_one_kind_the_closer_is_told():
    X = np.repeat(np.arange(4.0), 300)[:, None]
    y = np.repeat([1.0, 10.0, 100.0, 1000.0], 300)
    model = ValueTreeSegmenter(random_state=0).fit(X, y)
    assert [sorted(rule) for rule in model.rules_] == [
        [(0, ">", 2.5)],
        [(0, "<=", 2.5), (0, ">", 1.5)],
        [(0, "<=", 1.5), (0, ">", 0.5)],
        [(0, "<=", 0.5)],
    ]


def test_revenue_must_be_given():
    with pytest.raises(ValueError, match="ValueTreeSegmenter estimator requires y"):
        ValueTreeSegmenter().fit(np.arange(10.0)[:, None])


@pytest.mark.parametrize("seed", [2, 4, 9])
def test_a_split_within_one_standard_error_is_not_made(seed):
    """Here the least held-out deviance is at three leaves, by less than its error."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1500, 5))
    mean = np.where(X[:, 0] > 0, 60.0, 6.0)
    y = mean * rng.lognormal(0, 1, 1500) * (rng.random(1500) < 0.4) * np.exp(0.15 * X[:, 1])
    assert len(ValueTreeSegmenter(random_state=0).fit(X, y).rules_) == 2
