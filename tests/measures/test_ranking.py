from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from patron.ground.errors import InputError
from patron.measures import gain_curve, gini_of_gain, normalised_gini, spearman, top_capture

amounts = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), min_size=3, max_size=60)


def test_the_gain_curve_by_hand():
    # Ranked 5, 4, 4, 1: outcomes 6, (2 + 0)/2 twice, 2; total 10.
    assert gain_curve([6, 2, 0, 2], [5, 4, 4, 1]) == pytest.approx([0, 0.6, 0.7, 0.8, 1.0])


def test_normalised_gini_by_hand():
    # Truth 4, 0: best curve 0, 1, 1 has area 0.75, Gini 0.5; reversed 0, 0, 1 has area 0.25, Gini −0.5.
    assert gini_of_gain([4, 0], [1, 0]) == pytest.approx(0.5)
    assert normalised_gini([4, 0], [0, 1]) == pytest.approx(-1.0)
    assert normalised_gini([4, 0], [1, 1]) == pytest.approx(0.0)


@given(amounts)
def test_the_order_of_rows_and_any_increasing_rescaling_change_nothing(pairs):
    actual, predicted = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    order = np.random.default_rng(0).permutation(actual.size)
    value = normalised_gini(actual, predicted)
    assert normalised_gini(actual[order], predicted[order]) == pytest.approx(value, nan_ok=True)
    assert normalised_gini(actual, np.exp(predicted)) == pytest.approx(value, nan_ok=True)
    assert np.isnan(value) or -1 - 1e-9 <= value <= 1 + 1e-9


@settings(max_examples=40)
@given(amounts)
def test_spearman_is_scipys(pairs):
    actual, predicted = zip(*pairs, strict=True)
    if len(set(actual)) > 1 and len(set(predicted)) > 1:
        assert spearman(actual, predicted) == pytest.approx(spearmanr(actual, predicted).statistic)
    else:
        assert np.isnan(spearman(actual, predicted))


def test_top_capture_counts_fractions_of_customers_and_shares_ties():
    assert top_capture([10, 0, 0, 0, 0], [5, 1, 1, 1, 1], share=0.1) == pytest.approx(0.5)
    assert top_capture([10, 0, 0, 0], [1, 1, 1, 1], share=0.25) == pytest.approx(0.25)


def test_what_cannot_be_ranked_is_nan():
    assert np.isnan(normalised_gini([0, 0], [1, 2]))
    assert np.isnan(normalised_gini([3, 3], [1, 2]))
    assert np.isnan(top_capture([-1, 0], [1, 2]))


@pytest.mark.parametrize(
    ("actual", "predicted", "message"),
    [([1, 2], [1], "'actual' has 2 rows, 'predicted' has 1"), ([np.nan], [1], "1 NaN or infinite"), ([], [], "shape")],
)
def test_arrays_that_do_not_fit_are_refused_by_name(actual, predicted, message):
    with pytest.raises(InputError, match=message):
        normalised_gini(actual, predicted)
