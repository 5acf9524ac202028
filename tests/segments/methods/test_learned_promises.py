"""What every learned segmentation promises: plain truth is found, numbers hold still, parts place alike, refusals."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from patron.segments.methods.segmenter import FIND_THEIR_OWN_K, NEED_VALUE, SEGMENTERS

CENTRES = np.array([[0.0, 0.0, 0.0], [8.0, 0.0, 1.0], [0.0, 9.0, 2.0], [8.0, 9.0, 3.0]])
METHODS = sorted(SEGMENTERS)
COUNT_WHAT_DIFFERS = {"k_means", "mini_batch_k_means"}
SIZED = sorted(set(METHODS) - FIND_THEIR_OWN_K)


def make(method, k=4, seed=0):
    if method == "value_tree":
        return SEGMENTERS[method](random_state=seed)
    if method in FIND_THEIR_OWN_K:
        return SEGMENTERS[method](random_state=seed)
    return SEGMENTERS[method](k, random_state=seed)


@pytest.fixture(scope="module")
def world():
    """Four groups of different sizes; each group is worth something else."""
    rng = np.random.default_rng(5)
    truth = np.repeat(np.arange(4), [400, 250, 200, 150])
    X = CENTRES[truth] + rng.normal(0.0, 0.6, (truth.size, 3))
    value = np.array([5.0, 60.0, 300.0, 1500.0])[truth] * rng.gamma(4.0, 0.25, truth.size)
    mixed = rng.permutation(truth.size)
    return X[mixed], value[mixed], truth[mixed]


def learned(method, X, value, **options):
    return make(method, **options).fit(X, value if method in NEED_VALUE else None)


def compact(labels):
    return sorted(np.unique(labels).tolist()) == list(range(int(labels.max()) + 1))


@pytest.mark.parametrize("method", METHODS)
class TestPromises:
    def test_finds_the_groups_that_are_there(self, method, world):
        X, value, truth = world
        model = learned(method, X, value)
        assert adjusted_rand_score(truth, model.labels_) > 0.97
        assert compact(model.labels_)
        assert model.labels_.dtype == np.int64

    def test_places_newcomers_where_they_came_from(self, method, world):
        X, value, truth = world
        model = learned(method, X[:700], value[:700])
        assert adjusted_rand_score(truth[700:], model.predict(X[700:])) > 0.9

    def test_predict_gives_the_labels_back(self, method, world):
        X, value, _ = world
        model = learned(method, X, value)
        labels, membership, distance = model.assign(X)
        assert np.array_equal(model.predict(X), model.labels_)
        assert np.array_equal(labels, model.labels_)
        assert membership.min() >= 0
        assert membership.max() <= 1
        expected = np.linalg.norm(X - model.cluster_centers_[labels], axis=1)
        assert distance == pytest.approx(expected, abs=1e-6)

    def test_centres_are_the_means_of_the_members(self, method, world):
        X, value, _ = world
        model = learned(method, X, value)
        means = np.array([X[model.labels_ == k].mean(axis=0) for k in range(int(model.labels_.max()) + 1)])
        slack = 0.1 if method == "mini_batch_k_means" else 1e-3  # its centres are running means of draws
        assert model.cluster_centers_ == pytest.approx(means, abs=slack)

    def test_neither_the_seed_nor_the_order_of_rows_changes_a_number(self, method, world):
        X, value, _ = world
        first = learned(method, X, value, seed=1)
        order = np.random.default_rng(3).permutation(X.shape[0])
        second = learned(method, X[order], value[order], seed=99)
        agree = (first.labels_[order] == second.labels_).mean()
        assert agree == 1.0 if method != "hdbscan" else agree > 0.99

    def test_parts_place_everyone_alike(self, method, world):
        X, value, _ = world
        model = learned(method, X, value)
        parts = json.loads(json.dumps(model.to_parts()))
        again = type(model).from_parts(parts)
        elsewhere = np.random.default_rng(8).uniform(-5.0, 14.0, (200, 3))
        for ours, theirs in zip(model.assign(elsewhere), again.assign(elsewhere), strict=True):
            assert np.array_equal(ours, theirs)
        assert again.n_features_in_ == 3
        assert np.array_equal(again.cluster_centers_, model.cluster_centers_)
        assert again.to_parts() == parts

    def test_missing_values_are_refused_by_name(self, method, world):
        X, value, _ = world
        X = X.copy()
        X[3, 1] = np.nan
        with pytest.raises(ValueError, match=rf"NaN[\s\S]*{SEGMENTERS[method].__name__}"):
            learned(method, X, value)

    def test_a_constant_feature_changes_nothing(self, method, world):
        X, value, truth = world
        X = np.column_stack([X, np.full(X.shape[0], 7.0)])
        assert adjusted_rand_score(truth, learned(method, X, value).labels_) > 0.97

    def test_customers_who_are_all_alike_are_refused_or_one_segment(self, method):
        X, value = np.ones((200, 2)), np.arange(200.0)
        if method in COUNT_WHAT_DIFFERS | FIND_THEIR_OWN_K:
            assert set(learned(method, X, value).labels_.tolist()) == {0}
            return
        with pytest.raises(ValueError, match="only 1 different customer"):
            learned(method, X, value)

    def test_one_far_outlier_leaves_the_others_where_they_are(self, method, world):
        X, value, truth = world
        X, value = np.vstack([X, [[1e4, -1e4, 1e4]]]), np.append(value, 10.0)
        model = learned(method, X, value, k=4 if method == "spectral" else 5)
        assert adjusted_rand_score(truth, model.labels_[:-1]) > 0.97
        assert np.isfinite(model.cluster_centers_).all()

    def test_each_customer_five_times_is_the_same_cut(self, method, world):
        X, value, truth = world
        model = learned(method, np.repeat(X, 5, axis=0), np.repeat(value, 5))
        assert adjusted_rand_score(np.repeat(truth, 5), model.labels_) > 0.9
        assert np.array_equal(model.labels_.reshape(-1, 5).min(axis=1), model.labels_.reshape(-1, 5).max(axis=1))


@pytest.mark.parametrize("method", SIZED)
def test_fewer_customers_than_segments_are_refused(method):
    with pytest.raises(ValueError, match=r"n_samples=3 should be >= n_clusters=4"):
        make(method).fit(np.arange(6.0).reshape(3, 2))


@pytest.mark.parametrize("method", sorted(set(SIZED) - COUNT_WHAT_DIFFERS))
def test_fewer_different_customers_than_segments_are_refused(method):
    with pytest.raises(ValueError, match=r"only 2 different customer\(s\) for 4 segments[\s\S]*Next"):
        make(method).fit(np.repeat([[0.0, 1.0], [2.0, 3.0]], 30, axis=0))


@pytest.mark.parametrize("method", sorted(COUNT_WHAT_DIFFERS))
def test_each_different_customer_is_a_segment_where_there_are_fewer_than_asked(method):
    model = make(method).fit(np.repeat([[0.0, 1.0], [2.0, 3.0]], 30, axis=0))
    assert model.labels_.tolist() == [0] * 30 + [1] * 30
    assert model.cluster_centers_.shape == (2, 2)


@pytest.mark.parametrize("method", SIZED)
def test_one_segment_holds_everyone(method, world):
    model = make(method, k=1).fit(world[0])
    labels, membership, _ = model.assign(world[0])
    assert set(labels.tolist()) == {0}
    assert membership == pytest.approx(1.0)
