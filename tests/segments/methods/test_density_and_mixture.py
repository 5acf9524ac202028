"""HDBSCAN's noise and reach, the mixture's posteriors, spectral shapes, nested halvings, and draws of large data."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import HDBSCAN
from sklearn.metrics import adjusted_rand_score

from patron.segments.methods import (
    BisectingKMeansSegmenter,
    GaussianMixtureSegmenter,
    HDBSCANSegmenter,
    KMeansSegmenter,
    SpectralSegmenter,
)


@pytest.fixture(scope="module")
def two_and_dust():
    """Two dense groups in a thin cloud of others."""
    rng = np.random.default_rng(0)
    return np.vstack(
        [rng.normal([0, 0], 0.2, (300, 2)), rng.normal([5, 5], 0.2, (200, 2)), rng.uniform(-10, 15, (60, 2))]
    )


@pytest.fixture(scope="module")
def rings():
    rng = np.random.default_rng(1)
    angle, inner = rng.uniform(0, 2 * np.pi, 800), rng.random(800) < 0.4
    radius = np.where(inner, 1.0, 4.0) + rng.normal(0, 0.1, 800)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), inner


class TestNoise:
    def test_is_the_last_segment(self, two_and_dust):
        model = HDBSCANSegmenter(smallest_share=0.05).fit(two_and_dust)
        theirs = HDBSCAN(min_cluster_size=28, min_samples=10, copy=True).fit(two_and_dust).labels_
        assert model.noise_label_ == 2
        assert np.array_equal(model.labels_ == 2, theirs == -1)
        assert adjusted_rand_score(theirs, model.labels_) == 1.0
        assert (model.assign(two_and_dust)[1][model.labels_ == 2] == 1.0).all()

    def test_takes_newcomers_beyond_the_reach_of_the_nearest_member(self, two_and_dust):
        model = HDBSCANSegmenter(smallest_share=0.05).fit(two_and_dust)
        assert model.predict([[0.0, 0.0], [5.0, 5.1], [-7.0, 9.0], [400.0, 400.0]]).tolist() == [0, 1, 2, 2]
        parts = {"rows": [[0.0], [10.0], [30.0]], "owners": [0, 1, 2], "core_distances": [1.0, 2.0, 50.0]}
        known = HDBSCANSegmenter.from_parts(
            parts | {"centres": [[0.0], [10.0], [30.0]], "strength": [0.9, 0.4, 0.0], "noise_label": 2}
        )
        labels, membership, _ = known.assign([[0.9], [1.1], [8.1], [7.9], [31.0]])
        assert labels.tolist() == [0, 2, 1, 2, 2]
        assert membership.tolist() == [0.9, 1.0, 0.4, 1.0, 1.0]

    def test_is_no_segment_where_there_is_none(self):
        rng = np.random.default_rng(3)
        X = np.vstack([rng.uniform(0, 1, (200, 1)), rng.uniform(50, 51, (200, 1))])
        model = HDBSCANSegmenter(smallest_share=0.3, min_samples=2).fit(X)
        assert model.noise_label_ is None
        assert model.predict([[-900.0], [30.0]]).tolist() == [0, 1]

    def test_alone_is_one_segment_of_everyone(self):
        X = np.random.default_rng(0).uniform(size=(60, 8))
        model = HDBSCANSegmenter(smallest_share=0.4).fit(X)
        assert set(model.labels_.tolist()) == {0}
        assert model.noise_label_ == 0

    def test_is_the_same_when_learned_from_a_draw(self, two_and_dust):
        X = np.tile(two_and_dust, (6, 1)) + np.random.default_rng(2).normal(0, 0.05, (3360, 2))
        model = HDBSCANSegmenter(learning_rows=1500, random_state=0).fit(X)
        assert model.rows_.shape == (1500, 2)
        assert model.labels_.shape == (3360,)
        assert np.array_equal(model.labels_, model.predict(X))
        groups = np.tile(np.repeat([0, 1], [300, 200]), 6)
        dense = np.tile(np.repeat([True, False], [500, 60]), 6)
        assert adjusted_rand_score(groups, model.labels_[dense]) > 0.9


class TestMixture:
    def test_halfway_between_two_equal_clouds_belongs_half_to_each(self):
        rng = np.random.default_rng(0)
        half = rng.normal(3.0, 1.0, (4000, 1))
        model = GaussianMixtureSegmenter(2, random_state=0).fit(np.vstack([half, -half]))
        assert model.assign([[0.0]])[1][0] == pytest.approx(0.5, abs=0.02)
        assert model.assign([[3.0]])[1][0] > 0.99

    def test_finds_crossing_clouds_that_k_means_cannot(self):
        rng = np.random.default_rng(0)
        X = np.vstack([rng.normal(0, [6, 0.2], (600, 2)), rng.normal(0, [0.2, 6], (600, 2))])
        truth = np.repeat([0, 1], 600)
        assert adjusted_rand_score(truth, GaussianMixtureSegmenter(2, random_state=0).fit(X).labels_) > 0.8
        assert adjusted_rand_score(truth, KMeansSegmenter(2, random_state=0).fit(X).labels_) < 0.3

    @pytest.mark.parametrize("covariance", ["full", "tied", "diag", "spherical"])
    def test_every_kind_of_cloud_survives_its_parts(self, covariance, two_and_dust):
        model = GaussianMixtureSegmenter(3, covariance=covariance, random_state=0).fit(two_and_dust)
        again = GaussianMixtureSegmenter.from_parts(model.to_parts())
        for ours, theirs in zip(model.assign(two_and_dust), again.assign(two_and_dust), strict=True):
            assert np.array_equal(ours, theirs)

    def test_large_data_are_learned_from_a_draw_whatever_their_order(self):
        rng = np.random.default_rng(0)
        truth = rng.integers(0, 3, 5000)
        X = np.array([[0.0, 0.0], [7.0, 0.0], [0.0, 7.0]])[truth] + rng.normal(size=(5000, 2))
        model = GaussianMixtureSegmenter(3, learning_rows=800, random_state=0).fit(X)
        again = GaussianMixtureSegmenter(3, learning_rows=800, random_state=0).fit(X[::-1])
        assert adjusted_rand_score(truth, model.labels_) > 0.98
        assert np.array_equal(model.labels_, again.labels_[::-1])


class TestShapes:
    def test_spectral_tells_a_ring_from_what_it_surrounds(self, rings):
        X, inner = rings
        model = SpectralSegmenter(2, random_state=0).fit(X)
        assert adjusted_rand_score(inner, model.labels_) == 1.0
        assert adjusted_rand_score(inner, KMeansSegmenter(2, random_state=0).fit(X).labels_) < 0.1
        labels = model.predict([[0.9, 0.0], [0.0, 4.1]])
        assert labels[0] != labels[1]

    def test_spectral_keeps_shapes_by_landmarks(self, rings):
        X, inner = rings
        model = SpectralSegmenter(2, n_landmarks=150, random_state=0).fit(X)
        assert adjusted_rand_score(inner, model.labels_) > 0.95
        assert model.landmarks_.shape[0] <= 150

    def test_cuts_by_halving_nest(self):
        X = np.random.default_rng(0).uniform(size=(500, 3))
        coarse, fine = (BisectingKMeansSegmenter(k, random_state=0).fit(X).labels_ for k in (4, 5))
        assert np.unique(np.column_stack([coarse, fine]), axis=0).shape[0] == 5
