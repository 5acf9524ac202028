"""Every method as one way to cut: candidates, refits, and the value tree that takes the most rules that hold."""

from __future__ import annotations

import numpy as np
import pytest

from patron.segments.methods import KLimits, choose_k
from patron.segments.methods.ways import Way
from segments.worlds import three_groups

QUICK = KLimits(k_min=2, k_max=5, n_references=5, n_resamples=10, n_seeds=3)
METHODS = (
    "k_means", "mini_batch_k_means", "bisecting_k_means", "agglomerative", "gaussian_mixture", "k_prototypes",
    "spectral",
)  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_every_method_that_takes_k_finds_three_groups(method):
    X = three_groups(np.random.default_rng(3))
    choice = choose_k(X, QUICK, Way(method), seed=3)
    assert choice.k == 3
    assert choice.cut.stability.weakest > 0.75


def test_a_density_cut_is_taken_as_it_comes():
    X = three_groups(np.random.default_rng(3)) * [1.0, 3.0]
    choice = choose_k(np.repeat(X, 4, axis=0), QUICK, Way("hdbscan"), seed=3)
    assert [cut.k for cut in choice.cuts] in ([], [choice.cuts[0].k])
    assert choice.votes == ()


def steps(n=2000, seed=0):
    """Customers of four kinds by one feature, and what they then brought; the other features say nothing."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0, 4, (n, 3))
    means = np.array([1.0, 10.0, 40.0, 150.0])[X[:, 0].astype(int)]
    return X, means * rng.gamma(2.0, 0.5, n)


def test_a_value_tree_takes_the_most_segments_that_come_back():
    X, value = steps()
    choice = choose_k(X, QUICK, Way("value_tree", value), seed=0)
    assert choice.k == 4
    assert choice.why_en == "The method itself finds 4 segments that hold."
    assert [cut.k for cut in choice.cuts] == [2, 3, 4]  # smaller trees compete, larger ones did not hold up
    assert choice.cut.stability.n_rows == len(X)


@pytest.mark.parametrize(("k_min", "k_max", "k"), [(1, 5, 4), (2, 5, 4), (2, 3, 3), (5, 6, 1)])
def test_k_min_and_k_max_hold_for_a_value_tree_as_their_descriptions_say(k_min, k_max, k):
    X, value = steps()
    limits = KLimits(k_min=k_min, k_max=k_max, n_resamples=10, n_seeds=3)
    assert choose_k(X, limits, Way("value_tree", value), seed=0).k == k


@pytest.mark.parametrize(("k_max", "k"), [(5, 3), (2, 1)])
def test_a_density_cut_of_more_segments_than_k_max_is_no_cut(k_max, k):
    X = np.concatenate([np.random.default_rng(3).uniform(at, at + 1, (150, 2)) for at in (0, 50, 200)])
    limits = KLimits(k_min=1, k_max=k_max, n_resamples=10, n_seeds=3)
    assert choose_k(X, limits, Way("hdbscan"), seed=3).k == k


def test_a_value_tree_where_value_is_luck_is_no_cut():
    X, value = steps()
    lucky = np.random.default_rng(1).permutation(value)
    assert choose_k(X, QUICK, Way("value_tree", lucky), seed=0).k == 1


def test_a_value_tree_without_value_says_so():
    with pytest.raises(ValueError, match="value_tree learns from what customers brought"):
        Way("value_tree").fit(np.zeros((5, 1)), 3, 0)
