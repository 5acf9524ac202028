"""Scores: ties are never split, rows may come in any order, and new customers are scored on the same scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.segments.methods import QuantileScorer

columns = st.lists(st.integers(0, 12), min_size=1, max_size=60).map(lambda v: np.array(v, dtype=float)[:, None])


@given(columns)
def test_equal_values_get_equal_scores_and_larger_ones_never_less(column):
    scores = QuantileScorer().fit_transform(column).ravel()
    for value in np.unique(column):
        assert np.unique(scores[column.ravel() == value]).size == 1
    assert (np.diff(scores[np.argsort(column.ravel(), kind="stable")]) >= 0).all()
    assert scores.min() == 1
    assert scores.max() <= 5


@given(columns, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(column, random):
    order = list(range(column.shape[0]))
    random.shuffle(order)
    assert np.array_equal(QuantileScorer().fit_transform(column)[order], QuantileScorer().fit_transform(column[order]))


@given(columns)
def test_lower_is_better_mirrors_higher_is_better(column):
    up = QuantileScorer().fit_transform(column)
    down = QuantileScorer(higher_is_better=False).fit_transform(column)
    assert np.array_equal(up + down, np.full_like(up, 6))


def test_without_ties_the_scores_are_quintiles():
    column = np.random.default_rng(0).permutation(1000).astype(float)
    expected = pd.qcut(column, 5, labels=False) + 1
    assert np.array_equal(QuantileScorer().fit_transform(column[:, None]).ravel(), expected)


def test_one_order_customers_are_never_spread_over_scores():
    """62 % with one order: the copied recipe (rank, ties by position) gives them three different scores."""
    orders = np.array([1] * 62 + [2] * 18 + [3] * 8 + [4] * 6 + [7] * 4 + [20] * 2, dtype=float)
    scores = QuantileScorer().fit_transform(orders[:, None]).ravel()
    assert dict(zip(orders, scores, strict=True)) == {1: 1, 2: 2, 3: 3, 4: 4, 7: 5, 20: 5}


def test_new_customers_are_scored_by_the_learned_thresholds():
    scorer = QuantileScorer().fit(np.arange(1.0, 11.0)[:, None])
    assert scorer.thresholds_[0].tolist() == [2, 4, 6, 8]
    assert scorer.transform([[0.0], [2.0], [2.5], [8.0], [999.0]]).ravel().tolist() == [1, 1, 2, 4, 5]


def test_absent_stays_absent():
    scores = QuantileScorer().fit_transform(np.array([[1.0], [np.nan], [3.0]]))
    assert np.isnan(scores[1, 0])
    assert scores[0, 0] == 1


def test_all_the_same_is_the_lowest_for_orders_and_the_highest_for_silence():
    same = np.full((5, 1), 3.0)
    assert QuantileScorer().fit_transform(same).ravel().tolist() == [1] * 5
    assert QuantileScorer(higher_is_better=False).fit_transform(same).ravel().tolist() == [5] * 5


@pytest.mark.parametrize("n_scores", [3, 4, 5, 10])
def test_any_number_of_scores(n_scores):
    column = np.arange(100.0)[:, None]
    assert np.unique(QuantileScorer(n_scores).fit_transform(column)).tolist() == list(range(1, n_scores + 1))
