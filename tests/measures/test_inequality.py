from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.measures import gini_coefficient, lorenz_curve, top_share


def test_by_hand():
    # 1, 1, 2, 4: shares 1/8, 2/8, 4/8, 1. Area 0.34375; Gini 1 − 2 · 0.34375.
    assert lorenz_curve([4, 1, 2, 1]).share_of_amount == pytest.approx([0, 0.125, 0.25, 0.5, 1])
    assert gini_coefficient([4, 1, 2, 1]) == pytest.approx(0.3125)
    assert top_share([4, 1, 2, 1], share=0.25) == pytest.approx(0.5)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50).filter(lambda values: sum(values) > 0))
def test_gini_is_the_mean_difference_over_twice_the_mean(values):
    x = np.array(values, dtype=float)
    brute = np.abs(x[:, None] - x[None, :]).mean() / (2 * x.mean())
    assert gini_coefficient(x) == pytest.approx(brute, abs=1e-9)


def test_a_curve_for_a_chart_has_the_points_asked_for():
    curve = lorenz_curve(np.arange(1, 1001), n_points=11)
    assert curve.share_of_customers == pytest.approx(np.linspace(0, 1, 11))
    assert (np.diff(curve.share_of_amount) > 0).all()


def test_nothing_to_share_is_nan():
    assert np.isnan(gini_coefficient([0, 0]))
    assert np.isnan(top_share([0, -1]))
