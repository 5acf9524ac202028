from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.measures import calibration_table, decile_mape, expected_calibration_error, sum_ratio


def test_two_bins_by_hand():
    table = calibration_table([1, 3, 10, 20], [0.5, 1.5, 11, 13], n_bins=2)
    assert table.mean_predicted.tolist() == [1.0, 12.0]
    assert table.mean_actual.tolist() == [2.0, 15.0]
    # |1 − 2|/2 = 0.5, |12 − 15|/15 = 0.2
    assert decile_mape([1, 3, 10, 20], [0.5, 1.5, 11, 13], n_bins=2) == pytest.approx(0.35)
    assert sum_ratio([1, 3, 10, 20], [0.5, 1.5, 11, 13]) == pytest.approx(26 / 34)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 3)), min_size=1, max_size=50))
def test_bins_hold_everyone_once_whatever_the_order(pairs):
    actual, predicted = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    table = calibration_table(actual, predicted)
    order = np.random.default_rng(1).permutation(actual.size)
    again = calibration_table(actual[order], predicted[order])
    assert table.count.sum() == actual.size
    assert table.count.min() >= 1
    assert (table.count * table.mean_actual).sum() == pytest.approx(actual.sum())
    assert again.mean_actual == pytest.approx(table.mean_actual)
    assert (np.diff(table.mean_predicted) >= -1e-9).all()


def test_bins_without_outcomes_are_left_out_and_nothing_left_is_nan():
    assert decile_mape([0, 0, 2, 2], [0.1, 0.2, 1, 1], n_bins=2) == pytest.approx(0.5)
    assert np.isnan(decile_mape([0, 0], [1, 2]))
    assert np.isnan(sum_ratio([0, 0], [1, 2]))


def test_calibration_error_by_hand():
    # bin 1: said 0.2, happened 0 of 2; bin 2: said 0.7, happened 2 of 2.
    assert expected_calibration_error([0, 0, 1, 1], [0.2, 0.2, 0.7, 0.7], n_bins=2) == pytest.approx(0.25)
