"""K-Means: the same geometry for new customers, memberships that add up, numbers that do not depend on the starts."""

from __future__ import annotations

import numpy as np
import pytest

from patron.segments.methods import KMeansSegmenter, k_means


@pytest.fixture
def blobs():
    rng = np.random.default_rng(0)
    return np.vstack([rng.normal(centre, 0.5, (60, 2)) for centre in ([0, 0], [6, 0], [0, 6])])


def test_the_starts_do_not_change_the_numbering(blobs):
    first, second = (KMeansSegmenter(3, random_state=seed).fit(blobs) for seed in (1, 99))
    assert np.array_equal(first.labels_, second.labels_)
    assert (np.diff(first.cluster_centers_[:, 0]) >= 0).all()


def test_predict_transform_and_assign_agree(blobs):
    model = KMeansSegmenter(3, random_state=0).fit(blobs)
    labels, membership, distance = model.assign(blobs)
    assert np.array_equal(labels, model.predict(blobs))
    assert np.array_equal(labels, model.labels_)
    assert distance == pytest.approx(model.transform(blobs).min(axis=1))
    assert membership.min() > 1 / 3
    assert membership.max() <= 1


def test_halfway_between_two_centres_belongs_half_to_each():
    model = KMeansSegmenter.from_centres(np.array([[0.0], [2.0], [90.0]]), noise_variance=1.0)
    assert model.assign(np.array([[1.0]]))[1][0] == pytest.approx(0.5)


def test_batches_change_nothing(blobs, monkeypatch):
    model = KMeansSegmenter(3, random_state=0).fit(blobs)
    whole = model.assign(blobs)
    monkeypatch.setattr(k_means, "_BATCH_CELLS", 21)
    for part, expected in zip(model.assign(blobs), whole, strict=True):
        assert part == pytest.approx(expected)
