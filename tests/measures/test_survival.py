"""Measures of waiting times, beside the slow and obvious way to count the same."""

from __future__ import annotations

import numpy as np
import pytest

from patron import measures
from patron.ground.errors import InputError


def counted(waited, happened, expected):
    """Harrell's C, pair by pair."""
    right = known = 0.0
    for i in range(len(waited)):
        for j in range(len(waited)):
            if happened[i] and (waited[i] < waited[j] or (waited[i] == waited[j] and not happened[j])):
                known += 1
                right += 1.0 if expected[i] < expected[j] else 0.5 if expected[i] == expected[j] else 0.0
    return right / known if known else float("nan")


@pytest.mark.parametrize("seed", range(12))
def test_concordance_is_what_counting_pairs_gives_with_ties_of_every_kind(seed):
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 70))
    waited, happened = random.integers(0, 15, n).astype(float), random.integers(0, 2, n).astype(float)
    expected = random.integers(0, 10, n).astype(float)
    found = measures.concordance(waited, happened, expected)
    assert found == pytest.approx(counted(waited, happened, expected), abs=1e-12, nan_ok=True)


def test_concordance_of_a_perfect_a_reversed_and_an_empty_forecast():
    waited, happened = np.array([1.0, 4.0, 9.0, 9.0]), np.array([1.0, 1.0, 1.0, 0.0])
    assert measures.concordance(waited, happened, [1, 2, 3, 4]) == 1.0
    assert measures.concordance(waited, happened, [4, 3, 2, 1]) == 0.0
    assert measures.concordance(waited, happened, [5, 5, 5, 5]) == 0.5
    assert np.isnan(measures.concordance(waited, np.zeros(4), [1, 2, 3, 4]))


def test_the_interval_of_concordance_is_that_of_drawing_customers_and_counting_again():
    random = np.random.default_rng(0)
    waited = np.minimum(np.floor(random.exponential(50, 400)), 90)
    happened, expected = (waited < 90).astype(float), waited * random.lognormal(0, 1, 400)
    quick = measures.concordance_interval(waited, happened, expected, draws=400)
    slow = measures.interval(measures.concordance, waited, happened, expected, draws=400)
    assert quick.value == slow.value
    assert (quick.lower, quick.upper) == pytest.approx((slow.lower, slow.upper), abs=0.006)
    assert quick.upper - quick.lower == pytest.approx(slow.upper - slow.lower, rel=0.2)


def test_the_score_of_a_certain_day_is_the_distance_in_days():
    """A forecast of day 4 without doubt, where the order came on day 7 of 10: off on the days 5, 6 and 7."""
    days = np.arange(1.0, 11.0)
    certain = (days > 4).astype(float)[None, :]
    assert measures.integrated_brier_scores([7.0], certain, days).tolist() == [pytest.approx(0.3)]


def test_the_score_is_least_at_the_true_distribution():
    random = np.random.default_rng(1)
    days = np.array([5.0, 20.0, 50.0])
    waited = np.floor(random.exponential(30, 20_000))
    truth = 1 - np.exp(-days / 30)
    scores = {
        off: measures.integrated_brier_scores(waited, np.tile(truth + off, (waited.size, 1)), days).mean()
        for off in (-0.1, -0.03, 0.0, 0.03, 0.1)
    }
    assert min(scores, key=scores.get) == 0.0


def test_days_that_do_not_rise_and_chances_of_another_shape_are_refused():
    with pytest.raises(InputError, match="one column a day"):
        measures.integrated_brier_scores([1.0], [[0.1, 0.2]], [2.0, 2.0])
    with pytest.raises(InputError, match="one row a customer"):
        measures.integrated_brier_scores([1.0, 2.0], [[0.1, 0.2]], [2.0, 3.0])
