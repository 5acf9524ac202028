"""The weighted dendrogram is scipy's: with weights of 1, and with each point repeated as often as it weighs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, is_valid_linkage, linkage
from sklearn.metrics import adjusted_rand_score

from patron.segments.methods import AgglomerativeSegmenter
from patron.segments.methods.weighted_linkage import cut_dendrogram, weighted_linkage

POINTS = np.random.default_rng(0).normal(size=(120, 3))


@pytest.mark.parametrize("method", ["ward", "average"])
def test_weights_of_one_give_scipys_dendrogram(method):
    assert weighted_linkage(POINTS, np.ones(120), method) == pytest.approx(linkage(POINTS, method))


@pytest.mark.parametrize("method", ["ward", "average"])
def test_a_weight_is_as_many_customers(method):
    weights = np.random.default_rng(1).integers(1, 5, 120)
    repeated = linkage(np.repeat(POINTS, weights, axis=0), method)[-119:]
    ours = weighted_linkage(POINTS, weights.astype(float), method)
    assert ours[:, 2] == pytest.approx(repeated[:, 2])


@pytest.mark.parametrize("k", [1, 2, 7, 120])
def test_a_cut_has_exactly_as_many_groups(k):
    grid = np.stack(np.meshgrid(np.arange(12.0), np.arange(10.0)), axis=-1).reshape(-1, 2)  # full of ties
    groups = cut_dendrogram(weighted_linkage(grid, np.ones(120), "average"), k)
    assert sorted(np.unique(groups).tolist()) == list(range(k))


@pytest.mark.parametrize("method", ["ward", "average"])
def test_small_groups_stand_for_all_customers(method):
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 4, 30_000)
    X = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 7.0], [6.0, 7.0]])[truth] + rng.normal(size=(30_000, 2))
    model = AgglomerativeSegmenter(4, linkage=method, n_landmarks=400, random_state=0).fit(X)
    assert adjusted_rand_score(truth, model.labels_) > 0.98
    assert model.dendrogram_.shape == (model.merged_.shape[0] - 1, 4)
    assert model.merged_.shape[0] <= 400
    assert model.merged_customers_.sum() == 30_000
    assert is_valid_linkage(model.dendrogram_)
    assert len(dendrogram(model.dendrogram_, no_plot=True, truncate_mode="lastp", p=20)["ivl"]) == 20
    order = rng.permutation(30_000)
    again = AgglomerativeSegmenter(4, linkage=method, n_landmarks=400, random_state=0).fit(X[order])
    assert adjusted_rand_score(model.labels_[order], again.labels_) > 0.999


def test_an_unknown_linkage_is_refused():
    with pytest.raises(ValueError, match="linkage='single' came; expected one of 'ward', 'average'"):
        AgglomerativeSegmenter(2, linkage="single").fit(POINTS)
