from __future__ import annotations

import numpy as np
import pytest

from patron.forecasts.methods import OffsetBoosting


def windows(n=4000, seed=0):
    """Rates of 0.02 and 0.1 a day, seen through windows of 20 and 80 days."""
    random = np.random.default_rng(seed)
    X = random.integers(0, 2, (n, 1)).astype(float)
    days = random.choice([20.0, 80.0], n)
    return X, random.poisson((0.02 + 0.08 * X[:, 0]) * days), np.log(days)


def test_windows_of_any_length_teach_one_rate():
    X, y, offset = windows()
    model = OffsetBoosting(random_state=1).fit(X, y, offset=offset)
    assert np.exp(model.predict_log([[0.0], [1.0]])) == pytest.approx([0.02, 0.1], rel=0.08)


def test_without_its_offset_it_would_mix_the_windows():
    X, y, _ = windows()
    assert OffsetBoosting(random_state=1).fit(X, y).predict([[1.0]])[0] > 2.0


def test_events_follow_the_complementary_log_log_of_their_offset():
    X, y, offset = windows(20_000)
    model = OffsetBoosting("event", random_state=1).fit(X, y > 0, offset=offset)
    rate = np.exp(model.predict_log([[0.0], [1.0]]))
    assert rate == pytest.approx([0.02, 0.1], rel=0.08)


def test_a_gamma_ensemble_mends_a_value_known_in_part():
    random = np.random.default_rng(2)
    X = random.integers(0, 2, (4000, 1)).astype(float)
    known = random.uniform(10, 100, 4000)
    y = known * (1 + X[:, 0]) * random.gamma(5, 0.2, 4000)
    model = OffsetBoosting("gamma", random_state=1).fit(X, y, np.log(known), np.ones(4000))
    assert np.exp(model.predict_log([[0.0], [1.0]])) == pytest.approx([1.0, 2.0], rel=0.05)


@pytest.mark.parametrize("family", ["poisson", "event"])
def test_contributions_and_the_rest_are_the_prediction(family):
    X, y, offset = windows()
    model = OffsetBoosting(family, random_state=1).fit(X, np.minimum(y, 1), offset=offset)
    added, base = model.contributions(X[:50])
    assert added.sum(axis=1) + base == pytest.approx(model.predict_log(X[:50]), abs=1e-9)


def test_it_is_the_same_after_being_written_and_read():
    X, y, offset = windows()
    model = OffsetBoosting(random_state=1).fit(X, y, offset=offset)
    again = OffsetBoosting.from_parts(model.to_parts())
    assert again.predict_log(X[:20]) == pytest.approx(model.predict_log(X[:20]))


def test_nobody_buying_is_learned_as_nothing():
    model = OffsetBoosting(random_state=1).fit(np.ones((100, 1)), np.zeros(100))
    assert 0 < model.predict([[1.0]])[0] < 1e-9
    assert OffsetBoosting.from_parts(model.to_parts()).predict_log([[1.0]]) == model.predict_log([[1.0]])
