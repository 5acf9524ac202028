from __future__ import annotations

import numpy as np
import pytest

from patron.forecasts.intervals import level_that_held
from patron.forecasts.methods import MondrianConformal
from patron.forecasts.spec import ForecastSpec


def window(seed, season):
    random = np.random.default_rng(seed)
    predicted = random.lognormal(3, 1, 3000)
    return predicted, predicted * season * random.lognormal(-0.2, 0.6, 3000)


def coverage(asked, before, after):
    return MondrianConformal(level=asked).fit(*before).coverage(*after)


def test_with_one_origin_the_level_is_asked_as_it_is():
    assert level_that_held([window(1, 1.0)], 0.8, ForecastSpec()) == 0.8


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_seasons_that_move_widen_the_intervals_until_they_hold(level):
    windows = [window(seed, season) for seed, season in enumerate((1.0, 1.6, 1.0, 1.6))]
    asked = level_that_held(windows[:3], level, ForecastSpec())
    assert coverage(level, windows[2], windows[3]) < level - 0.015
    assert asked > level
    assert abs(coverage(asked, windows[2], windows[3]) - level) < abs(coverage(level, windows[2], windows[3]) - level)


def test_where_nothing_moves_the_level_stays():
    windows = [window(seed, 1.0) for seed in range(4)]
    assert level_that_held(windows, 0.8, ForecastSpec()) == pytest.approx(0.8, abs=0.02)


def test_windows_that_were_easier_do_not_narrow_the_intervals():
    easier = [window(1, 1.6), (window(2, 1.0)[0], 0.9 * window(2, 1.0)[0])]
    assert level_that_held(easier, 0.8, ForecastSpec()) == 0.8
