from __future__ import annotations

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from patron.segments.methods.surrogate import SurrogateRules


def world(n=4000, seed=0):
    """Return features and a truth that two cuts of two features tell."""
    random = np.random.default_rng(seed)
    X = np.column_stack([random.integers(0, 400, n), random.poisson(3, n), random.gamma(2, 100, n)]).astype(float)
    return X, np.where(X[:, 0] > 180, 2, np.where(X[:, 1] >= 4, 0, 1))


def test_rules_that_are_the_truth_are_found_with_their_thresholds():
    X, y = world()
    model = SurrogateRules(random_state=1).fit(X, y)
    found = {rule.label: {it.feature: (it.above, it.up_to) for it in rule.conditions} for rule in model.rules_}
    assert found[2][0][0] == pytest.approx(180, abs=1)
    assert found[0][1][0] == pytest.approx(3.5, abs=0.5)
    assert found[1][1][1] == found[0][1][0]
    assert model.fidelity_ > 0.995
    assert (model.predict(X) == y).mean() > 0.999


def test_every_customer_is_in_exactly_one_rule():
    X, y = world(seed=3)
    random = np.random.default_rng(5)
    noisy = np.where(random.random(y.size) < 0.2, random.integers(0, 3, y.size), y)
    model = SurrogateRules(random_state=1).fit(X, noisy)
    new = np.column_stack([random.uniform(-50, 900, 3000), random.uniform(-1, 40, 3000), random.gamma(2, 300, 3000)])
    held = np.zeros(3000, dtype=int)
    for rule in model.rules_:
        inside = [(new[:, it.feature] > it.above) & (new[:, it.feature] <= it.up_to) for it in rule.conditions]
        held += np.logical_and.reduce(inside)
    assert (held == 1).all()


def test_fidelity_is_that_of_customers_left_out():
    random = np.random.default_rng(2)
    X, y = random.normal(size=(3000, 4)), random.integers(0, 2, 3000)
    model = SurrogateRules(random_state=1, min_share=0.001).fit(X, y)
    assert model.fidelity_ == pytest.approx(0.5, abs=0.04)  # noise has no rule


def test_few_rules_are_preferred_to_many_that_are_no_better():
    X, y = world()
    assert len(SurrogateRules(random_state=1).fit(X, y).rules_) == 3


def test_it_agrees_with_the_tree_it_is_read_from():
    X, y = world(seed=7)
    y = (y + (X[:, 2] > 250)) % 3
    model = SurrogateRules(max_leaves=6, random_state=1).fit(X, y)
    tree = DecisionTreeClassifier(max_leaf_nodes=6, min_samples_leaf=40, random_state=0).fit(X, y)
    assert len(model.rules_) <= 6
    assert (model.predict(X) == tree.predict(X)).mean() > 0.99


def test_precision_and_recall_are_counted_per_segment():
    X, y = world()
    y = np.where((y == 2) & (np.random.default_rng(1).random(y.size) < 0.3), 1, y)  # three in ten of 2 are told as 1
    model = SurrogateRules(random_state=1).fit(X, y)
    assert model.recall_[2] == pytest.approx(1.0, abs=0.02)
    assert model.precision_[2] == pytest.approx(0.7, abs=0.04)
    assert model.precision_[0] == pytest.approx(1.0, abs=0.01)
