from __future__ import annotations

import numpy as np
import pytest

from patron.forecasts.methods import BetaBinomialShares


def test_kleinmans_moments_by_hand():
    # 7, 1 and 4 of 8: w = 24, N = 3, mu = (12 + 0.5) / 25 = 0.5, S = 8 (0.375² + 0.375² + 0) = 2.25,
    # rho = (2.25 - 0.25 · 2) / (0.25 (24 - 192 / 24 - 2)) = 1.75 / 3.5 = 0.5, m = 1.
    model = BetaBinomialShares().fit([[8, 7], [8, 1], [8, 4]])
    assert model.mean_[0] == pytest.approx(0.5)
    assert model.strength_[0] == pytest.approx(1.0)
    assert model.predict([[2, 1], [1, 1]])[:, 0] == pytest.approx([(1 + 0.5) / 3, (1 + 0.5) / 2])


def test_the_mixture_is_found_again_and_beats_raw_shares():
    random = np.random.default_rng(4)
    chance = random.beta(1.2, 4.8, 4000)  # mu 0.2, m 6
    trials = random.integers(1, 12, 4000)
    done = random.binomial(trials, chance)
    model = BetaBinomialShares().fit(np.column_stack([trials, done]))
    assert model.mean_[0] == pytest.approx(0.2, abs=0.01)
    assert model.strength_[0] == pytest.approx(6.0, rel=0.15)
    said = model.predict(np.column_stack([trials, done]))[:, 0]
    assert np.square(said - chance).mean() < 0.6 * np.square(done / trials - chance).mean()


def test_who_differs_by_luck_alone_is_taken_for_everybody():
    random = np.random.default_rng(5)
    done = random.binomial(10, 0.3, 3000)
    model = BetaBinomialShares().fit(np.column_stack([np.full(3000, 10), done]))
    assert model.strength_[0] > 100
    assert model.predict([[10, 10]])[0, 0] < 0.4


def test_more_done_than_tried_is_refused():
    with pytest.raises(ValueError, match="the occasions of each customer first"):
        BetaBinomialShares().fit([[1, 2], [3, 1]])


@pytest.mark.parametrize("strength", [0.0, -2.0])
def test_a_crowd_that_counts_for_nothing_is_refused(strength):
    with pytest.raises(ValueError, match="strength is"):
        BetaBinomialShares(strength=strength).fit([[3, 3], [1, 0]])
