"""Hazards by boosting: without features a life table, with them the truth of a made-up shop."""

from __future__ import annotations

import numpy as np
import pytest

from patron.forecasts.methods import DiscreteHazard

DAYS = (7.0, 14.0, 30.0, 60.0, 90.0)


def kaplan_meier(waited, followed, at):
    """The share to whom it had happened before each day, by the product over days with an event."""
    left = 1.0
    found = []
    for day in range(int(max(at))):
        at_risk = np.sum((waited >= day) & (followed > day))
        events = np.sum((waited == day) & (followed > day))
        left *= 1.0 - events / at_risk if at_risk else 1.0
        if day + 1 in at:
            found.append(1.0 - left)
    return found


def test_without_features_it_is_the_estimate_of_kaplan_and_meier():
    """Everyone is followed up to the end of an interval, where the life table and the product over days agree."""
    random = np.random.default_rng(0)
    waited = np.floor(random.exponential(60, 3000))
    followed = random.choice([30.0, 60.0, 90.0], 3000)
    model = DiscreteHazard(DAYS).fit(np.zeros((3000, 1)), waited, followed=followed)
    assert model.reached(np.zeros((1, 1)))[0] == pytest.approx(kaplan_meier(waited, followed, DAYS), abs=1e-9)


def test_it_finds_who_waits_longer_and_how_long():
    random = np.random.default_rng(1)
    fast = random.integers(0, 2, 6000).astype(float)
    waited = np.floor(random.exponential(np.where(fast > 0, 20.0, 80.0)))
    model = DiscreteHazard(DAYS, n_trees=80).fit(fast[:, None], waited)
    for value, mean in ((1.0, 20.0), (0.0, 80.0)):
        truth = 1 - np.exp(-np.array(DAYS) / mean)
        assert model.reached([[value]])[0] == pytest.approx(truth, abs=0.04)
    assert model.predict([[1.0]])[0] < model.predict([[0.0]])[0]


def test_a_feature_that_runs_with_time_is_read_as_it_will_stand():
    """Orders come 40 days after the last one: it is the silence on the day that counts, not that of today."""
    random = np.random.default_rng(2)
    silence = random.integers(0, 40, 8000).astype(float)
    waited = np.maximum(40 - silence + random.integers(-2, 3, 8000), 0.0)
    days = tuple(range(5, 61, 5))
    running = DiscreteHazard(days, running=1, most_rows=60_000).fit(silence[:, None], waited)
    by_then = running.reached([[30.0], [5.0]])
    assert by_then[0, 2] > 0.9  # 10 days left: within 15
    assert by_then[1, 2] < 0.1
    assert by_then[1, 8] > 0.9  # 35 days left: within 45


def test_the_offset_is_where_it_starts_and_stays_where_nothing_can_be_learned():
    known = np.full((4, 2), np.log(0.2 / 0.8))
    model = DiscreteHazard((10.0, 20.0)).fit(np.zeros((4, 1)), [1, 5, 15, 20], offset=known)
    assert model.reached(np.zeros((4, 1)), offset=known)[0] == pytest.approx([0.2, 1 - 0.8**2])


def test_more_of_a_monotone_feature_never_means_later():
    random = np.random.default_rng(3)
    X = random.normal(size=(4000, 2))
    waited = np.floor(random.exponential(40 * np.exp(0.2 * X[:, 1] - 0.3 * np.abs(X[:, 0]))))
    model = DiscreteHazard(DAYS, monotone=(1, 0)).fit(X, waited)
    line = np.column_stack([np.linspace(-2, 2, 50), np.zeros(50)])
    assert (np.diff(model.reached(line), axis=0) >= -1e-12).all()


def test_survives_the_shelf_and_refuses_days_that_do_not_rise():
    random = np.random.default_rng(4)
    X, waited = random.normal(size=(500, 3)), random.integers(0, 90, 500)
    model = DiscreteHazard(DAYS, running=1).fit(X, waited)
    again = DiscreteHazard.from_parts(model.to_parts())
    np.testing.assert_array_equal(again.reached(X), model.reached(X))
    with pytest.raises(ValueError, match="must rise"):
        DiscreteHazard((30.0, 7.0)).fit(X, waited)


@pytest.mark.parametrize(
    ("knobs", "named"),
    [
        ({"n_trees": 0}, "n_trees"),
        ({"most_rows": 0}, "most_rows"),
        ({"running": 9}, "running"),
        ({"monotone": [1]}, "monotone"),
    ],
)
def test_knobs_that_nothing_can_be_learned_with_are_named(knobs, named):
    with pytest.raises(ValueError, match=f"DiscreteHazard: {named} is"):
        DiscreteHazard(**knobs).fit(np.zeros((4, 2)), [0.0, 1.0, 3.0, 4.0])
