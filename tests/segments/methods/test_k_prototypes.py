"""K-Prototypes: worlds of numbers and categories, the two limits (K-Means and K-modes), weights of a category."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from patron.segments.methods import KMeansSegmenter, KPrototypesSegmenter
from patron.segments.methods.k_prototypes import _refill


@pytest.fixture(scope="module")
def mixed():
    """Two groups by number, each divided in two by its categories alone."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 1200)
    numbers = np.where(truth[:, None] < 2, 0.0, 5.0) + rng.normal(size=(1200, 2))
    usual = np.array([[1, 4, 7], [2, 5, 8], [1, 5, 7], [3, 4, 9]])[truth]
    codes = np.where(rng.random((1200, 3)) < 0.85, usual, rng.integers(1, 10, (1200, 3)))
    return np.column_stack([numbers[:, 0], codes, numbers[:, 1]]), truth


def test_finds_groups_that_differ_by_category_alone(mixed):
    X, truth = mixed
    model = KPrototypesSegmenter(4, categorical=[1, 2, 3], gamma=3.0, random_state=0).fit(X)
    assert adjusted_rand_score(truth, model.labels_) > 0.85
    assert sorted(map(tuple, model.cluster_centers_[:, 1:4].tolist())) == [(1, 4, 7), (1, 5, 7), (2, 5, 8), (3, 4, 9)]
    assert adjusted_rand_score(truth, KMeansSegmenter(4, random_state=0).fit(X).labels_) < 0.6


def test_without_categories_it_is_k_means(mixed):
    X = mixed[0][:, [0, 4]]
    ours = KPrototypesSegmenter(3, random_state=0).fit(X)
    theirs = KMeansSegmenter(3, random_state=0).fit(X)
    assert ours.cost_ == pytest.approx(theirs.inertia_, rel=0.01)


def test_categories_alone_are_cut_by_their_modes():
    X = np.repeat([[1, 1, 1, 1], [2, 2, 2, 2], [3, 3, 3, 3]], [30, 20, 10], axis=0).astype(float)
    X[::7, 0] = 9
    model = KPrototypesSegmenter(3, categorical=range(4), random_state=0).fit(X)
    assert np.bincount(model.labels_).tolist() == [30, 20, 10]
    assert model.gamma_ == 1.0
    assert model.cost_ == (X[:, 0] == 9).sum()


def test_gamma_is_half_the_mean_variance(mixed):
    X, _ = mixed
    model = KPrototypesSegmenter(4, categorical=[1, 2, 3], random_state=0).fit(X)
    assert model.gamma_ == pytest.approx(X[:, [0, 4]].var(axis=0).mean() / 2.0)


def test_distance_adds_gamma_for_each_category_that_differs():
    model = KPrototypesSegmenter.from_parts(
        {"centres": [[1.0, 5.0, 2.0], [50.0, 6.0, 3.0]], "categorical": [1, 2], "gamma": 8.0, "noise_variance": 1.0}
    )
    labels, _, distance = model.assign([[1.0, 5.0, 2.0], [2.0, 5.0, 2.0], [1.0, 77.0, 2.0], [1.0, 6.0, 3.0]])
    assert labels.tolist() == [0, 0, 0, 0]
    assert (distance**2).tolist() == pytest.approx([0.0, 1.0, 8.0, 16.0])


def test_a_column_that_is_not_there_is_refused(mixed):
    with pytest.raises(ValueError, match="categorical column 5 is not among the columns 0 … 4"):
        KPrototypesSegmenter(2, categorical=[5]).fit(mixed[0])


def test_starts_on_drawn_customers_end_with_all_of_them():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 25_000)
    X = np.column_stack([truth * 4.0 + rng.normal(size=25_000), truth % 2])
    model = KPrototypesSegmenter(3, categorical=[1], random_state=0).fit(X)
    again = KPrototypesSegmenter(3, categorical=[1], random_state=0).fit(X[::-1])
    assert adjusted_rand_score(truth, model.labels_) > 0.9
    assert np.array_equal(model.labels_, again.labels_[::-1])
    own = ((X[:, 0] - model.cluster_centers_[model.labels_, 0]) ** 2).sum()
    differing = (X[:, 1] != model.cluster_centers_[model.labels_, 1]).sum()
    assert model.cost_ == pytest.approx(own + model.gamma_ * differing)


def test_an_emptied_group_restarts_at_the_farthest_customer_of_a_group_that_keeps_others():
    labels = np.array([0, 0, 0, 2])
    _refill(labels, np.array([1.0, 5.0, 2.0, 9.0]), 4)
    assert labels.tolist() == [0, 1, 3, 2]
