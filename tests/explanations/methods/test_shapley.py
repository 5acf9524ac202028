"""Shapley values against the definition: the mean over every order in which features become known."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from patron.explanations.methods.exact_shapley import exact_shapley
from patron.explanations.methods.sampled_shapley import sampled_shapley


def bent(X):
    """A function above zero with interactions, of five features."""
    return np.exp(0.4 * X[:, 0] * X[:, 1] - 0.3 * X[:, 2]) + np.abs(X[:, 3]) + 0.1 + (X[:, 4] > 0)


@pytest.fixture(scope="module")
def world():
    random = np.random.default_rng(3)
    return random.normal(size=(7, 5)), random.normal(size=(6, 5))


def by_every_order(row, background):
    """Walk all 120 orders; a coalition is worth the log of the mean over the background."""
    values = np.zeros(row.size)
    orders = list(permutations(range(row.size)))
    for order in orders:
        now = background.copy()
        before = np.log(bent(now).mean())
        for j in order:
            now[:, j] = row[j]
            after = np.log(bent(now).mean())
            values[j] += (after - before) / len(orders)
            before = after
    return values


def test_exact_values_equal_brute_force_over_all_orders(world):
    rows, background = world
    values, base = exact_shapley(bent, rows, background)
    assert base == pytest.approx(np.log(bent(background).mean()), abs=1e-12)
    for i in range(3):
        assert values[i] == pytest.approx(by_every_order(rows[i], background), abs=1e-6)


def test_exact_values_and_base_add_up(world):
    rows, background = world
    values, base = exact_shapley(bent, rows, background)
    assert base + values.sum(axis=1) == pytest.approx(np.log(bent(rows)), abs=1e-6)


def test_customers_who_are_alike_and_gaps_in_the_data_change_nothing(world):
    rows, background = world

    def seen(X):
        return bent(np.nan_to_num(X))

    gappy = rows.copy()
    gappy[0, 2] = gappy[1, 4] = np.nan
    alone = np.vstack([exact_shapley(seen, gappy[[i]], background)[0] for i in range(len(gappy))])
    together = exact_shapley(seen, np.vstack([gappy, gappy]), background)[0]
    assert together == pytest.approx(np.vstack([alone, alone]), abs=1e-12)


def test_more_features_than_can_be_asked_are_refused():
    with pytest.raises(ValueError, match="at most 10 features, and got 11"):
        exact_shapley(bent, np.zeros((1, 11)), np.zeros((1, 11)))


def test_sampled_values_add_up_and_are_right_within_their_error(world):
    rows, background = world

    def logs(X):
        return np.log(bent(X))

    values, base, error = sampled_shapley(logs, rows, background, permutations=6000, seed=1)
    assert base + values.sum(axis=1) == pytest.approx(logs(rows), abs=1e-9)
    assert base == pytest.approx(logs(background).mean(), abs=1e-9)
    exact = np.zeros(rows.shape)
    for start in background:  # of one background customer the log of the mean is the mean of the log
        exact += exact_shapley(bent, rows, start[None, :])[0] / len(background)
    assert (np.abs(values - exact) < 5 * error + 1e-9).all()
    assert 0 < error.mean() < 0.02


def test_the_error_shrinks_with_the_orders_and_the_seed_fixes_the_values(world):
    rows, background = world
    few = sampled_shapley(bent, rows, background, permutations=24, seed=5)
    again = sampled_shapley(bent, rows, background, permutations=24, seed=5)
    many = sampled_shapley(bent, rows, background, permutations=2400, seed=5)
    assert (few[0] == again[0]).all()
    assert many[2].mean() < few[2].mean() / 3
