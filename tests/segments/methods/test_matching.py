"""Transitions of segments, on partitions computable by hand and in worlds that drift, split, merge or stay."""

from __future__ import annotations

import numpy as np
import pytest

from patron.segments.methods.matching import match


def _cut(*sizes):
    return np.repeat(np.arange(len(sizes)), sizes)


def _spots(labels, at):
    return np.asarray(at, dtype=float)[labels][:, None] + np.linspace(-0.1, 0.1, labels.size)[:, None]


def test_renumbered_segments_are_the_same():
    old = _cut(30, 20, 10)
    new = np.array([2, 0, 1])[old]
    found = match(old, new, _spots(old, (0, 5, 9)), 3, 3)
    assert found.same.tolist() == [2, 0, 1]
    assert found.is_unchanged
    assert np.allclose(found.jaccard[[0, 1, 2], [2, 0, 1]], 1.0)
    assert np.allclose(found.distance[[0, 1, 2], [2, 0, 1]], 0.0)


def test_the_numbers_of_a_table_by_hand():
    old, new = _cut(6, 4), np.array([0] * 4 + [1] * 2 + [1] * 3 + [0])
    found = match(old, new, np.zeros((10, 1)), 2, 2)
    assert found.counts.tolist() == [[4, 2], [1, 3]]
    assert found.jaccard.tolist() == [[4 / 7, 2 / 9], [1 / 8, 3 / 6]]
    assert found.same.tolist() == [0, 1]


def test_half_is_no_majority():
    old, new = _cut(4, 4), np.array([0, 0, 1, 1, 1, 1, 0, 0])
    found = match(old, new, _spots(old, (0, 1)), 2, 2)
    assert found.same.tolist() == [-1, -1]
    assert (found.died, found.born) == ((0, 1), (0, 1))


def test_a_majority_is_not_enough_where_the_centre_has_gone_elsewhere():
    old = np.repeat([0, 0, 1, 1], [55, 45, 45, 200])
    new = np.repeat([0, 1, 0, 1], [55, 45, 45, 200])
    near = np.repeat([0.0, 0.0, 0.0, 1000.0], [55, 45, 45, 200])[:, None]
    far = np.repeat([0.0, -100.0, 100.0, 1000.0], [55, 45, 45, 200])[:, None]
    assert match(old, new, near, 2, 2).same.tolist() == [0, 1]
    assert match(old, new, far, 2, 2).same.tolist() == [-1, 1]


@pytest.mark.parametrize(("sizes", "keeps"), [((30, 30), False), ((45, 15), True)])
def test_a_split_is_told_with_its_parts_and_a_large_part_is_still_the_same(sizes, keeps):
    old, new = _cut(60, 40), _cut(*sizes, 40)
    found = match(old, new, _spots(new, (0, 2, 9)), 2, 3)
    assert found.splits == {0: (0, 1)}
    assert found.same.tolist() == [0 if keeps else -1, 2]
    assert (found.merges, found.born, found.died) == ({}, (), ())


def test_a_merger_is_a_split_backwards():
    old, new = _cut(30, 30, 40), _cut(60, 40)
    found = match(old, new, _spots(old, (0, 2, 9)), 3, 2)
    assert found.merges == {0: (0, 1)}
    assert found.same.tolist() == [-1, -1, 1]
    assert (found.splits, found.born, found.died) == ({}, (), ())


def test_a_sliver_is_born_and_what_crumbles_has_died():
    old = _cut(90, 10)
    new = np.array([0] * 90 + [0] * 5 + [1] * 5)
    found = match(old, new, _spots(old, (0, 9)), 2, 2)
    assert found.same.tolist() == [0, -1]
    assert (found.splits, found.born, found.died) == ({}, (1,), (1,))


def test_a_segment_without_customers_has_died_and_nothing_is_nan_but_its_distances():
    old = _cut(5, 5)
    found = match(old, old, _spots(old, (0, 9)), 3, 2)
    assert found.died == (2,)
    assert np.isnan(found.distance[2]).all()
    assert np.isfinite(found.jaccard).all()


def test_a_matrix_without_features_is_matched_by_its_customers():
    nobody = np.zeros(4, dtype=np.int64)
    assert match(nobody, nobody, np.empty((4, 0)), 1, 1).same.tolist() == [0]
