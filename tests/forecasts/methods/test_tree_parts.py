"""What each feature adds to a forecast made of trees, against Shapley's formula over every coalition of features."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest

from patron.forecasts.methods import (
    DecisionTree,
    DirectGradientBoosting,
    HurdleGradientBoosting,
    RandomForest,
)

N_FEATURES = 6
MODELS = {
    "boosted hurdle": HurdleGradientBoosting(n_trees=8, n_leaves=6, random_state=1),
    "boosted directly": DirectGradientBoosting(n_trees=8, n_leaves=6, random_state=1),
    "forest": RandomForest(n_trees=8, n_leaves=8, random_state=1),
    "tree": DecisionTree(n_leaves=8, random_state=1),
}
every_model = pytest.mark.parametrize("name", MODELS)


@pytest.fixture(scope="module")
def shop():
    random = np.random.default_rng(4)
    X = random.normal(size=(900, N_FEATURES)).round(2)
    buys = random.random(900) < 1 / (1 + np.exp(-1.2 * X[:, 0] - X[:, 1] * X[:, 2]))
    y = buys * np.exp(2 + 0.6 * X[:, 3] * (X[:, 0] > 0)) * random.gamma(2.0, 0.5, 900)
    X[random.random(X.shape) < 0.1] = np.nan
    return X, y


@pytest.fixture(scope="module")
def fitted(shop):
    return {name: model.fit(*shop) for name, model in MODELS.items()}


def _without(node, x, known):
    """Return what a tree says of x when only some features are known: branches weigh as many customers as they saw."""
    if "leaf_value" in node:
        return node["leaf_value"]
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        value = x[node["split_feature"]]
        goes_left = node["default_left"] if np.isnan(value) else value <= node["threshold"]
        return _without(left if goes_left else right, x, known)
    weights = [child.get("internal_count", child.get("leaf_count")) for child in (left, right)]
    said = [_without(child, x, known) for child in (left, right)]
    return float(np.average(said, weights=weights))


def shapley_by_hand(booster, x, mean):
    """Return Shapley's values of one row by the formula, and the value of the empty coalition."""
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    said = {
        known: sum(_without(tree, x, known) for tree in trees) / (len(trees) if mean else 1)
        for size in range(N_FEATURES + 1)
        for known in map(frozenset, combinations(range(N_FEATURES), size))
    }
    values = np.zeros(N_FEATURES)
    for known, value in said.items():
        for j in set(range(N_FEATURES)) - known:
            values[j] += (said[known | {j}] - value) / (N_FEATURES * comb(N_FEATURES - 1, len(known)))
    return values, said[frozenset()]


@every_model
def test_contributions_and_base_add_up_to_the_forecast(fitted, shop, name):
    model, (X, _) = fitted[name], shop
    parts = model.log_contributions(X)
    high = (model.probability(X) > 1e-4) & (model.value_if_bought(X) > 0)
    assert high.mean() > 0.9
    assert np.log(model.predict(X))[high] == pytest.approx((parts.base + parts.values.sum(axis=1))[high], abs=1e-6)
    chance = model.log_probability_contributions(X)
    assert np.log(model.probability(X))[high] == pytest.approx((chance.base + chance.values.sum(1))[high], abs=1e-6)


@every_model
@pytest.mark.parametrize("part", ["incidence_", "severity_"])
def test_each_part_holds_shapley_values_over_all_coalitions(fitted, shop, name, part):
    model, (X, _) = fitted[name], shop
    booster, mean = getattr(model, part), name in {"forest", "tree"}
    alone = model.log_probability_contributions(X[:5]) if part == "incidence_" else model._log_value(X[:5])
    for row in range(5):
        by_hand, base = shapley_by_hand(booster, X[row], mean)
        link = model._links[0 if part == "incidence_" else 1]
        if link == "log":
            assert alone.values[row] == pytest.approx(by_hand, abs=1e-6)
            continue
        log = (lambda raw: -np.log1p(np.exp(-raw))) if link == "log_odds" else np.log
        carried = by_hand * (log(base + by_hand.sum()) - log(base)) / by_hand.sum()
        assert alone.values[row] == pytest.approx(carried, abs=1e-6)


def test_a_customer_like_the_base_gets_finite_contributions(fitted):
    from patron.forecasts.methods.tree_parts import LogParts, rescaled  # noqa: PLC0415

    for link in ("log_odds", "identity"):
        raw = LogParts(np.array([[0.3, -0.3], [0.0, 0.0]]), 0.5)
        parts = rescaled(raw, link)
        assert np.isfinite(parts.values).all()
        assert parts.values.sum(axis=1) == pytest.approx([0.0, 0.0], abs=1e-9)
        assert abs(parts.values[0, 0]) > 0.1
