from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.simulation.methods import calendar

UTC = ZoneInfo("UTC")
SALE = calendar.Promotion(first=10, days=3, depth=0.2)
YEAR = calendar.build(date(2023, 1, 1), 364, UTC, 0.3, 0.4, [SALE])


def test_a_busy_day_is_a_day_on_average() -> None:
    assert YEAR.busy[-1] == pytest.approx(364, rel=0.005)


def test_weekend_days_are_as_much_busier_as_asked() -> None:
    flat = calendar.build(date(2023, 1, 2), 28, UTC, 0, 0.4)
    daily = np.bincount(flat.local_day, np.diff(flat.busy))
    assert daily[5] / daily[0] == pytest.approx(1.4)
    assert daily[:7].sum() == pytest.approx(7)


def test_december_is_busiest() -> None:
    daily = np.bincount(YEAR.local_day, np.diff(YEAR.busy))
    assert daily[330:350].mean() > 1.5 * daily[150:170].mean()


@settings(deadline=None)
@given(st.floats(0, 0.9999))
def test_reading_the_clock_undoes_setting_it(share: float) -> None:
    busy = share * YEAR.busy[-1]
    instant = YEAR.when_busy(np.array([busy]))
    assert YEAR.busy_at(instant)[0] == pytest.approx(busy, abs=2e-4)


def test_promoted_time_runs_only_in_promotions() -> None:
    opens = YEAR.opens_s
    at = YEAR.promoted_at(np.array([opens + 10 * 86_400, opens + 13 * 86_400, YEAR.closes_s]))
    assert at[0] == 0
    assert at[1] == at[2] > 1
    inside = YEAR.when_promoted(np.linspace(0.001, at[2] - 0.001, 50))
    assert (YEAR.depth_at(inside) == 0.2).all()
    assert YEAR.depth_at(np.array([opens + 9 * 86_400])).tolist() == [0.0]


def test_days_are_counted_on_the_local_wall_clock() -> None:
    """Clocks in London went forward on 2023-03-26: that day had 23 hours."""
    spring = calendar.build(date(2023, 3, 25), 3, ZoneInfo("Europe/London"), 0, 0)
    assert np.bincount(spring.local_day).tolist() == [24, 23, 24]


def test_nothing_happens_when_nothing_is_planned() -> None:
    assert calendar.evenly(0, 365).tolist() == []
