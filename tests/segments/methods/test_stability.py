"""Stability: clusters that are there come back, those that are not do not; Jaccard by hand and by its definition."""

from __future__ import annotations

import numpy as np
import pytest

from patron.segments.methods import KMeansSegmenter
from patron.segments.methods.stability import best_jaccard, bootstrap_stability, seed_agreement
from segments.worlds import no_groups, three_groups


def k_means(X, k):
    return lambda rows, seed: KMeansSegmenter(k, n_init=3, random_state=seed).fit_predict(X[rows])


def stability(X, k, **asked):
    labels = KMeansSegmenter(k, random_state=0).fit(X).labels_
    return bootstrap_stability(k_means(X, k), labels, **{"n_resamples": 12, "seed": 1, **asked})


def test_groups_that_are_there_come_back():
    found = stability(three_groups(np.random.default_rng(0)), 3)
    assert found.weakest > 0.9
    assert found.adjusted_rand > 0.9


def test_groups_that_are_not_there_do_not():
    found = stability(no_groups(np.random.default_rng(0)), 4)
    assert found.weakest < 0.6
    assert found.adjusted_rand < 0.5


def test_one_true_group_stays_stable_where_another_is_cut_in_two():
    rng = np.random.default_rng(0)
    apart, cloud = rng.normal(50, 1, (60, 2)), rng.normal(0, 1, (200, 2))
    found = stability(np.vstack([apart, cloud]), 4, n_resamples=20)
    assert max(found.jaccard) > 0.95
    assert found.weakest < 0.75


@pytest.mark.parametrize("seed", range(3))
def test_jaccard_is_that_of_sets(seed):
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 4, 50), rng.integers(0, 3, 50)
    members = [[set(np.flatnonzero(cut == k)) for k in range(cut.max() + 1)] for cut in (one, other)]
    expected = [max(len(c & d) / len(c | d) for d in members[1]) for c in members[0]]
    assert best_jaccard(one, other, 4) == pytest.approx(expected)


def test_a_row_drawn_twice_counts_once():
    seen: list[np.ndarray] = []
    labels = (np.arange(100) > 49).astype(np.int64)

    def halves(rows, seed):
        del seed
        seen.append(rows)
        return labels[rows]

    found = bootstrap_stability(halves, labels, n_resamples=20)
    assert found.jaccard == (1.0, 1.0)
    assert all(np.unique(rows).size == rows.size for rows in seen)
    assert np.mean([rows.size for rows in seen]) == pytest.approx(100 * (1 - np.exp(-1)), abs=4)


def test_the_rows_drawn_are_as_many_as_stated():
    found = stability(three_groups(np.random.default_rng(0)), 3, most_rows=40)
    assert found.n_rows == 40


def test_a_cluster_that_is_lost_stops_the_resamples_early():
    X = no_groups(np.random.default_rng(0))
    assert stability(X, 4, n_resamples=40, stop_below=0.6).n_resamples < 40
    assert stability(X, 4, n_resamples=12, stop_below=0.0).n_resamples == 12


def test_other_starts_give_the_same_cut_only_where_there_is_one():
    X, cloud = three_groups(np.random.default_rng(0)), no_groups(np.random.default_rng(0))
    assert seed_agreement(k_means(X, 3), np.arange(len(X)), seeds=range(5)) == (1.0, 1.0)
    smallest, mean = seed_agreement(k_means(cloud, 6), np.arange(len(cloud)), seeds=range(5))
    assert smallest <= mean < 0.9


def test_resamples_too_few_to_hold_the_clusters_count_as_lost():
    X = np.array([[0.0], [5.0], [9.0], [20.0]])
    assert bootstrap_stability(k_means(X, 4), np.arange(4), n_resamples=20).weakest < 0.6
