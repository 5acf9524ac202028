"""Which past windows are learned from: whole ones at the origins, shorter ones that end where knowledge ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from patron.flow.stages.known import windows
from patron.ground.dates import origins

AS_OF = date(2025, 1, 1)


def asked(history_days, horizon_days, most=5):
    first = AS_OF - timedelta(days=history_days)
    starts = origins(AS_OF, first, horizon_days, most)
    return starts, windows(starts, AS_OF, first, horizon_days)


@pytest.mark.parametrize(("history_days", "horizon_days"), [(270, 90), (374, 90), (739, 90), (739, 365), (2000, 30)])
def test_whole_windows_begin_at_the_origins_alone(history_days, horizon_days):
    starts, found = asked(history_days, horizon_days)
    assert [one.origin for one in found if one.days == horizon_days] == list(starts)
    assert len(set(found)) == len(found)


def test_shorter_windows_end_at_an_origin_or_today_and_begin_after_the_first_day():
    starts, found = asked(374, 90)
    inner = [one for one in found if one.days < 90]
    assert inner
    for one in inner:
        assert one.origin + timedelta(days=one.days) in {*starts, AS_OF}
        assert one.origin > AS_OF - timedelta(days=374)


def test_a_long_history_needs_no_shorter_windows():
    starts, found = asked(2000, 90)
    assert len(found) == len(starts)


def test_a_horizon_completed_once_has_shorter_windows_before_its_one_origin():
    [only], found = asked(739, 365)
    before = [one.days for one in found if one.origin + timedelta(days=one.days) == only]
    assert before == [187, 149, 124, 93]
