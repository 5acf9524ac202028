from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from patron.forecasts.contenders import Prediction
from patron.forecasts.intervals import Intervals, learn_intervals, measure_coverage
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Trial

SPEC = ForecastSpec(bootstrap_draws=20)


def window(seed, effect, none=0.4, n=2000, number=0):
    """Return a trial in which `effect` moves both who buys and how much, as the model of windows says."""
    random = np.random.default_rng(seed)
    predicted = random.lognormal(3, 1, n)
    moved = none / (none + (1 - none) * np.exp(effect))
    size = np.exp(effect) / (1 - moved)
    actual = predicted * size * (random.random(n) > moved) * random.lognormal(-0.125, 0.5, n)
    rows = SimpleNamespace(future_revenue=actual)
    said = Prediction(predicted, np.ones(n), np.full(n, 0.5))
    return Trial(date(2024, 1, 1) + timedelta(days=90 * number), rows, {}, {"hurdle": said})


def windows(seed, effects, none=0.4):
    return [window(1000 * seed + i, effect, none, number=i) for i, effect in enumerate(effects)]


def overall(coverage):
    return [one for one in coverage if one.tier is None]


@pytest.mark.parametrize("none", [0.0, 0.4])
def test_over_windows_that_move_everyone_the_intervals_hold_in_the_mean_and_in_each_quarter(none):
    random = np.random.default_rng(5)
    found = [measure_coverage(windows(i, random.normal(0, 0.3, 5), none), "hurdle", SPEC, 1) for i in range(60)]
    for level in (0.8, 0.95):
        for tier in (None, 1, 4):
            held = [one.value for shop in found for one in shop if (one.level, one.tier) == (level, tier)]
            assert np.mean(held) == pytest.approx(level, abs=0.035)


def test_seasons_that_move_widen_the_intervals_and_quiet_ones_do_not():
    moving = learn_intervals(windows(1, (0.5, -0.5, 0.5, -0.5), none=0.0), "hurdle", SPEC)
    quiet = learn_intervals(windows(1, (0.02, -0.02, 0.02, -0.02), none=0.0), "hurdle", SPEC)
    assert (moving.usual.upper_ratios_ > 1.2 * quiet.usual.upper_ratios_).all()


def test_the_effects_of_the_windows_learned_from_are_taken_out():
    up = learn_intervals(windows(1, (0.6, 0.6)), "hurdle", SPEC)
    level = learn_intervals(windows(1, (0.6, -0.6)), "hurdle", SPEC)
    assert up.usual.upper_ratios_ == pytest.approx(level.usual.upper_ratios_, rel=0.12)


def test_one_window_gets_what_other_shops_windows_do():
    alone = learn_intervals(windows(1, (0.0,)), "hurdle", SPEC)
    assert alone.usual.shared.freedom == 3.0
    assert alone.wide.promised([[1.0, 0.5], [50.0, 0.5]]) == pytest.approx(0.95, abs=0.01)


def test_where_most_buy_nothing_the_intervals_promise_more_than_their_level_and_keep_it():
    found = overall(measure_coverage(windows(2, (0.1, -0.1, 0.1), none=0.9), "hurdle", SPEC, 1))
    usual = next(one for one in found if one.level == 0.8)
    assert usual.promised > 0.88
    assert usual.value == pytest.approx(usual.promised, abs=0.03)


def test_without_an_earlier_window_half_of_the_customers_calibrate_the_other_half():
    found = overall(measure_coverage(windows(3, (0.7,)), "hurdle", SPEC, 1))
    assert [one.value for one in found] == pytest.approx([0.8, 0.95], abs=0.03)
    assert "same origin" in found[0].how


def test_intervals_come_back_from_their_parts():
    learned = learn_intervals(windows(1, (0.3, -0.2)), "hurdle", SPEC)
    again = Intervals.from_parts(learned.to_parts())
    forecasts = np.array([[0.5, 0.1], [20.0, 0.5], [400.0, 0.9]])
    assert again.wide.predict_interval(forecasts)[1].tolist() == learned.wide.predict_interval(forecasts)[1].tolist()
    assert again.wide.promised(forecasts).tolist() == learned.wide.promised(forecasts).tolist()
