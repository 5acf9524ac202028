"""What every learned segmentation promises: plain truth is found, numbers hold still, parts place alike, refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import OrdinalEncoder

from patron.segments.methods.segmenter import FIND_THEIR_OWN_K, NEED_VALUE, SEGMENTERS

CENTRES = np.array([[0.0, 0.0, 0.0], [8.0, 0.0, 1.0], [0.0, 9.0, 2.0], [8.0, 9.0, 3.0]])
METHODS = sorted(SEGMENTERS)
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

    @pytest.mark.parametrize("n_rows", [1, 2, 3, 200])
    def test_customers_who_are_all_alike_are_one_segment(self, method, n_rows):
        X, value = np.full((n_rows, 2), 0.1), np.arange(float(n_rows))
        model = learned(method, X, value)
        assert set(model.labels_.tolist()) == {0}
        labels, membership, distance = model.assign(X)
        assert (set(labels.tolist()), set(membership.tolist()) <= {0.0, 1.0}) == ({0}, True)
        assert distance == pytest.approx(0.0, abs=1e-9)
        assert model.cluster_centers_ == pytest.approx(np.full((1, 2), 0.1))

    @pytest.mark.parametrize("each", [1, 30])
    @pytest.mark.parametrize("different", [2, 3])
    def test_fewer_different_customers_than_segments_are_no_more_segments_than_they_are(self, method, different, each):
        kinds = np.array([[0.0, 1.0], [2.0, 3.0], [9.0, 9.0]])[:different]
        X, value = np.repeat(kinds, each, axis=0), np.repeat(np.arange(1.0, different + 1), each)
        model = learned(method, X, value)
        assert compact(model.labels_)
        assert len(model.cluster_centers_) == model.labels_.max() + 1 <= different
        assert (model.labels_.reshape(different, each) == model.labels_[::each, None]).all()
        assert np.array_equal(model.predict(X), model.labels_)
        if method in SIZED:
            assert model.labels_.tolist() == np.repeat(np.arange(different), each).tolist()
            again = type(model).from_parts(json.loads(json.dumps(model.to_parts())))
            assert np.array_equal(again.predict(X), model.labels_)

    def test_no_customer_at_all_is_refused_by_name(self, method):
        with pytest.raises(ValueError, match=rf"0 sample[\s\S]*{SEGMENTERS[method].__name__}"):
            learned(method, np.empty((0, 2)), np.empty(0))

    def test_text_is_refused_with_what_to_make_of_it(self, method, world):
        X, value, _ = world
        name = SEGMENTERS[method].__name__
        then = r"name 1 in `categorical`" if method == "k_prototypes" else r"KPrototypesSegmenter\(categorical=\[1\]\)"
        told = rf"^{name}: column 1 of X holds text, such as 'Lyon'; expected numbers\.\nNext: .*OrdinalEncoder.*{then}"
        with pytest.raises(ValueError, match=told):
            learned(method, [[1.0, "Lyon"], [2.0, "Metz"], [3.0, "Lyon"]], value[:3])
        frame = pd.DataFrame({"orders": ["1", "2"], "city": ["Metz", "Lyon"]})
        with pytest.raises(ValueError, match=r"column 1 \('city'\) of X holds text, such as 'Metz'"):
            learned(method, frame, value[:2])
        with pytest.raises(ValueError, match=rf"^{name}: column 2 of X holds text, such as 'Metz'"):
            learned(method, X, value).predict([[1.0, 2.0, "Metz"]])

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
def test_one_segment_holds_everyone(method, world):
    model = make(method, k=1).fit(world[0])
    labels, membership, _ = model.assign(world[0])
    assert set(labels.tolist()) == {0}
    assert membership == pytest.approx(1.0)


def test_a_column_of_text_is_cut_as_its_refusal_says():
    X = np.array([[1.0, "Lyon"], [2.0, "Metz"], [1.1, "Lyon"], [2.1, "Metz"]], dtype=object)
    X[:, [1]] = OrdinalEncoder().fit_transform(X[:, [1]])
    assert SEGMENTERS["k_prototypes"](2, categorical=[1], random_state=0).fit(X).labels_.tolist() == [0, 1, 0, 1]
