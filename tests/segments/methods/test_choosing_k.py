"""Choosing K: worlds of known truth, degenerate cuts refused, and every index against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_samples, silhouette_score

from patron.segments.methods import KLimits, choose_k
from patron.segments.methods.gap_statistic import one_standard_error_k
from patron.segments.methods.internal_indices import calinski_harabasz, davies_bouldin, knee, silhouettes
from patron.segments.methods.separation import worst_cluster_index
from segments.worlds import no_groups, three_groups, two_elongated

QUICK = KLimits(k_min=1, k_max=5, n_references=8, n_resamples=10, n_seeds=3)


@pytest.mark.parametrize(("world", "k"), [(no_groups, 1), (three_groups, 3), (two_elongated, 2)])
def test_finds_the_true_k_of_simulated_worlds(world, k):
    choice = choose_k(world(np.random.default_rng(3)), QUICK, seed=3)
    assert choice.k == k
    assert choice.is_natural
    assert (choice.cut is None) == (k == 1)


def test_a_continuous_cloud_is_cut_for_use_and_says_so():
    cloud = np.random.default_rng(0).normal(size=(600, 3)) * [3, 2, 1]
    choice = choose_k(cloud, KLimits(k_min=2, k_max=5, n_references=5, n_resamples=10, n_seeds=3), seed=0)
    assert 2 <= choice.k <= 5
    assert not choice.is_natural
    assert "continuous cloud" in choice.why_en
    assert "连续分布" in choice.why_zh
    assert {vote.index for vote in choice.votes} == {
        "elbow", "gap (uniform)", "gap (pca)", "silhouette", "Davies–Bouldin", "Calinski–Harabasz",
        "stability",
    }  # fmt: skip


def test_where_there_are_no_groups_an_index_at_the_end_of_its_range_abstains():
    choice = choose_k(
        no_groups(np.random.default_rng(0)),
        KLimits(k_min=2, k_max=6, n_references=5, n_resamples=10, n_seeds=3),
        seed=0,
    )
    assert not choice.is_natural
    ends = [vote.k for vote in choice.votes if vote.k in (2, 6)]
    assert ends == []


def test_a_shop_that_may_have_no_segments_is_told_so():
    choice = choose_k(no_groups(np.random.default_rng(0)), QUICK, seed=0)
    assert choice.k == 1
    assert choice.why_en == "Customers form one continuous cloud without groups, so everyone is one segment."


def test_a_degenerate_cut_is_refused_whatever_its_silhouette():
    rng = np.random.default_rng(0)
    crowd_and_whale = np.vstack([rng.normal(size=(300, 2)), [[500.0, 500.0]]])
    choice = choose_k(crowd_and_whale, KLimits(k_min=2, k_max=2, n_references=3, n_resamples=10), seed=0)
    assert choice.cuts[0].silhouette.value > 0.9
    assert "99.7%" in choice.cuts[0].refused
    assert choice.k == 1
    assert "everyone is one segment" in choice.why_en


@pytest.mark.parametrize("rows", [np.zeros((50, 3)), np.zeros((1, 2)), np.zeros((10, 0))])
def test_rows_that_are_all_alike_are_one_segment(rows):
    assert choose_k(rows, QUICK, seed=0).k == 1


@pytest.mark.parametrize("rows", [np.full((50, 3), 0.1), 1e6 + np.random.default_rng(0).normal(0, 1e-6, (50, 2))])
def test_customers_who_do_not_differ_are_not_called_a_cloud(rows):
    choice = choose_k(rows, QUICK, seed=0)
    assert choice.k == 1
    assert not choice.is_natural
    assert choice.why_en.startswith("The customers do not differ in any feature that the cut looks at")
    assert choice.why_zh.startswith("客户在切分所看的特征上没有差别")


def test_one_customer_is_too_few():
    assert choose_k(np.zeros((1, 2)), QUICK, seed=0).why_en.endswith("too few different customers.")


def test_fewer_different_customers_than_segments():
    rows = np.repeat([[0.0], [9.0]], 20, axis=0)
    assert choose_k(rows, QUICK, seed=0).k == 2


def labelled(n=120, k=4):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, k, n)
    labels[:k] = np.arange(k)
    return rng.normal(size=(n, 3)) + labels[:, None], labels


def test_indices_equal_scikit_learns():
    X, labels = labelled()
    assert silhouettes(X, [labels])[0].value == pytest.approx(silhouette_score(X, labels))
    assert davies_bouldin(X, labels) == pytest.approx(davies_bouldin_score(X, labels))
    assert calinski_harabasz(X, labels) == pytest.approx(calinski_harabasz_score(X, labels))


def test_several_cuts_share_one_pass():
    X, labels = labelled()
    two = (labels > 1).astype(np.int64)
    assert [s.value for s in silhouettes(X, [labels, two])] == pytest.approx(
        [silhouette_score(X, labels), silhouette_score(X, two)]
    )


def test_a_sampled_silhouette_states_an_error_that_covers_the_truth():
    X, labels = labelled(n=2000)
    exact = silhouette_samples(X, labels).mean()
    sampled = silhouettes(X, [labels], most_rows=300, seed=2)[0]
    assert sampled.n_rows == 300
    assert 0 < sampled.standard_error < 0.05
    assert abs(sampled.value - exact) < 4 * sampled.standard_error


def test_the_knee_is_not_the_last_k_of_a_curve_that_flattens():
    assert knee([1, 2, 3, 4, 5, 6], [1000.0, 400.0, 120.0, 100.0, 90.0, 85.0]) == 3
    assert knee([1, 2, 3, 4], [4.0, 3.0, 2.0, 1.0]) is None
    assert knee([1, 2], [4.0, 3.0]) is None


def test_the_one_standard_error_rule_takes_the_first_k_not_the_best():
    assert one_standard_error_k([0.5, 0.9, 0.88, 1.2], [0.01] * 4) == 2
    assert one_standard_error_k([0.1, 0.2, 0.3], [0.01] * 3) == 3


def test_a_uniform_segment_cut_in_its_middle_has_a_cluster_index_of_a_quarter():
    line = np.linspace(0, 1, 10_001)[:, None]
    halves = (line.ravel() > 0.5).astype(np.int64)
    assert worst_cluster_index(line, halves) == pytest.approx(0.25, abs=1e-3)


def test_two_normals_d_apart_have_the_index_of_the_formula():
    rng = np.random.default_rng(0)
    both = np.concatenate([rng.normal(0, 1, 20_000), rng.normal(6, 1, 20_000)])[:, None]
    labels = np.repeat([0, 1], 20_000)
    assert worst_cluster_index(both, labels) == pytest.approx(1 / (1 + 36 / 4), abs=0.005)
