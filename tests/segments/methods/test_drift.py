from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy, norm

from patron.segments.methods.drift import FITTING_SHARE, MUCH, Population


def learned(X, labels=None, centres=None):
    labels = np.zeros(X.shape[0], dtype=int) if labels is None else labels
    centres = X.mean(axis=0)[None, :] if centres is None else centres
    distances = np.linalg.norm(X - centres[labels], axis=1)
    return Population.learn(X, labels, distances, centres.shape[0])


def test_the_index_is_the_symmetric_divergence_of_the_bins():
    random = np.random.default_rng(1)
    X, Y = random.normal(size=(5000, 1)), random.normal(0.4, 1.3, (4000, 1))
    seen = learned(X)
    edges = np.r_[-np.inf, np.quantile(X[:, 0], np.arange(1, 10) / 10), np.inf]
    e = np.histogram(X[:, 0], edges)[0] / 5000
    a = np.histogram(Y[:, 0], edges)[0] / 4000
    assert seen.stability(Y)[0] == pytest.approx(entropy(a, e) + entropy(e, a), rel=0.01)


def test_a_shift_of_a_normal_gives_its_known_divergence():
    """Two normals half a deviation apart diverge by 0.25, symmetrically; ten bins lose a little of it."""
    q = (np.arange(100_000) + 0.5) / 100_000
    X = norm.ppf(q)[:, None]
    assert 0.22 < learned(X).stability(X + 0.5)[0] < 0.25


def test_the_same_customers_have_not_moved_and_others_of_the_same_kind_hardly():
    random = np.random.default_rng(1)
    X = random.gamma(2, 10, (3000, 4))
    seen = learned(X)
    assert seen.stability(X) == pytest.approx(0.0, abs=1e-12)
    assert (seen.stability(random.gamma(2, 10, (3000, 4))) < 0.02).all()
    assert (seen.stability(X * [1, 1, 1, 2.5]) > MUCH).tolist() == [False, False, False, True]


def test_a_value_that_nobody_had_before_counts_and_stays_finite():
    X = np.repeat([0.0, 1.0], 500)[:, None]
    moved = np.repeat([0.0, 5.0], [100, 900])[:, None]
    found = learned(X).stability(moved)[0]
    assert MUCH < found < np.inf


def test_who_lies_beyond_the_reach_of_a_segment_fits_none():
    random = np.random.default_rng(1)
    centres = np.array([[0.0, 0.0], [10.0, 0.0]])
    labels = np.repeat([0, 1], 2000)
    X = centres[labels] + random.normal(size=(4000, 2)) * np.array([1.0, 0.2])[labels][:, None]
    seen = learned(X, labels, centres)
    distances = np.linalg.norm(X - centres[labels], axis=1)
    assert seen.fits(labels, distances).mean() == pytest.approx(FITTING_SHARE, abs=0.002)
    assert seen.reach[0] > 4 * seen.reach[1]  # the wide segment reaches farther
    assert seen.fits(np.array([0, 1]), np.array([2.0, 2.0])).tolist() == [True, False]


def test_it_comes_back_from_its_parts():
    random = np.random.default_rng(1)
    X, Y = random.normal(size=(300, 2)), random.normal(1, 1, (200, 2))
    seen = learned(X)
    again = Population.from_parts(seen.to_parts())
    assert np.array_equal(again.stability(Y), seen.stability(Y))
    assert np.array_equal(again.reach, seen.reach)
