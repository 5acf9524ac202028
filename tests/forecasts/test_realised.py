"""Whether a run knew the season of the window that it forecast."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from patron.contracts.published import CALIBRATION, QUALITY
from patron.forecasts import Due

ORIGIN = date(2010, 12, 10)


@pytest.mark.parametrize(("history_days", "known"), [(374, False), (365 + 89, False), (365 + 90, True), (800, True)])
def test_the_season_was_seen_where_the_window_of_a_year_before_could_be_learned_from(history_days, known):
    first = ORIGIN - timedelta(days=history_days)
    due = Due("a-run", ORIGIN, 90, first, QUALITY.empty(), CALIBRATION.empty())
    assert due.saw_the_season == known
