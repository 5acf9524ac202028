"""One customer in a hundred buys: probabilities stay right because nobody is drawn or weighted more often."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from patron.forecasts.methods import HurdleGradientBoosting, RandomForest
from patron.measures import average_precision, expected_calibration_error


@pytest.fixture(scope="module")
def shop():
    random = np.random.default_rng(4)
    features = random.normal(size=(60_000, 3))
    chance = expit(-5.6 + 1.2 * features[:, 0] + 0.6 * features[:, 1])
    amount = (random.random(60_000) < chance) * random.lognormal(3, 0.5, 60_000)
    return (features[:30_000], amount[:30_000]), (features[30_000:], amount[30_000:])


def learned(kind, features, amount):
    return kind(n_trees=40, random_state=1).fit(features, amount)


def balanced(features, amount):
    """Return the rows with buyers repeated until they are half of them."""
    buyers = np.flatnonzero(amount > 0)
    again = np.tile(buyers, int((amount == 0).sum() / buyers.size))
    rows = np.concatenate([np.flatnonzero(amount == 0), again])
    return features[rows], amount[rows]


def test_the_chances_of_rare_buyers_are_right_one_by_one_and_together(shop):
    past, (features, amount) = shop
    bought = (amount > 0).astype(float)
    assert 0.008 < bought.mean() < 0.014
    said = [learned(kind, *past).probability(features) for kind in (HurdleGradientBoosting, RandomForest)]
    for one in (*said, np.mean(said, axis=0)):
        assert one.mean() == pytest.approx(bought.mean(), rel=0.15)
        assert expected_calibration_error(bought, one) < 0.003
        assert average_precision(bought, one) > 3 * bought.mean()  # what drawing lots would reach, three times


def test_repeating_the_buyers_ranks_no_better_and_says_chances_many_times_too_high(shop):
    past, (features, amount) = shop
    bought = (amount > 0).astype(float)
    plain = learned(HurdleGradientBoosting, *past).probability(features)
    repeated = learned(HurdleGradientBoosting, *balanced(*past)).probability(features)
    assert repeated.mean() > 10 * bought.mean()
    assert expected_calibration_error(bought, repeated) > 50 * expected_calibration_error(bought, plain)
    assert average_precision(bought, repeated) < 1.05 * average_precision(bought, plain)
