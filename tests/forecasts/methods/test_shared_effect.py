from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit

from patron.forecasts.methods.shared_effect import (
    PRIOR_SCALE,
    PRIOR_WINDOWS,
    effect_of,
    learn_shared_effect,
    under_effects,
)


def test_few_windows_are_drawn_towards_the_prior_and_many_speak_for_themselves():
    calm = [0.05, -0.05] * 100
    assert learn_shared_effect([]).scale == PRIOR_SCALE
    assert learn_shared_effect([0.5]).scale == pytest.approx(np.sqrt((2 * 0.24**2 + 0.25) / 3))
    assert learn_shared_effect(calm).scale == pytest.approx(0.0555, abs=1e-3)
    assert learn_shared_effect(calm).freedom == PRIOR_WINDOWS + 200


def test_the_nodes_are_equally_likely_values_of_the_next_effect():
    nodes = learn_shared_effect([0.2, -0.2, 0.1] * 30).nodes()
    assert nodes.mean() == pytest.approx(0.0, abs=1e-12)
    assert nodes[::-1] == pytest.approx(-nodes)
    assert nodes.std() == pytest.approx(0.174, abs=0.01)


def test_an_effect_moves_the_total_and_the_log_odds_of_buying():
    values, weights = np.array([0.0, 0.0, 0.0, 1.0, 2.0, 6.0]), np.ones(6)
    for effect in (-0.5, 0.0, 0.7):
        amounts, moved = under_effects(values, weights, np.array([effect]))
        assert moved.sum() == pytest.approx(6.0)
        assert moved @ amounts == pytest.approx(9.0 * np.exp(effect))
        none = moved[amounts == 0].sum() / 6.0
        assert logit(none) == pytest.approx(-effect)


def test_taking_an_effect_out_and_putting_it_back_changes_nothing():
    values, weights = np.array([0.0, 0.0, 1.0, 3.0]), np.array([1.0, 2.0, 1.0, 1.0])
    back = under_effects(*under_effects(values, weights, np.array([-0.4])), np.array([0.4]))
    assert back[0] == pytest.approx(values)
    assert back[1] == pytest.approx(weights)


def test_where_everyone_or_no_one_buys_the_zeros_stay():
    everyone, weights = under_effects(np.array([1.0, 2.0]), np.ones(2), np.array([0.3]))
    assert everyone == pytest.approx(np.exp(0.3) * np.array([1.0, 2.0]))
    assert weights.tolist() == [1.0, 1.0]
    assert under_effects(np.zeros(2), np.ones(2), np.array([0.3]))[0].tolist() == [0.0, 0.0]


def test_the_effect_of_a_window_is_the_log_of_its_ratio_and_nothing_where_there_is_none():
    assert effect_of(np.array([1.0, 1.0]), np.array([0.0, 4.0])) == pytest.approx(np.log(2.0))
    assert effect_of(np.array([1.0, 1.0]), np.zeros(2)) == 0.0
