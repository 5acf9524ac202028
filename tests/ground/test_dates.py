"""Dates: reading days and zones, and the origins of a backtest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.ground.dates import now, origins, parse_day, stopwatch, zone
from patron.ground.errors import InputError

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@given(DAYS)
def test_a_day_is_read_as_it_is_written(day):
    assert parse_day(f" {day} ") == parse_day(day) == day


def test_an_instant_is_cut_to_its_day():
    read = parse_day(datetime(2024, 7, 1, 23, 59, tzinfo=UTC))
    assert type(read) is date
    assert read == date(2024, 7, 1)


@pytest.mark.parametrize("text", ["", "01/07/2024", "2024-02-30", "today", "2024-7-1"])
def test_a_day_that_is_none_is_refused_with_an_example(text):
    with pytest.raises(InputError, match=r"is not a date\.\nWrite it as YYYY-MM-DD, for example 2011-12-10\."):
        parse_day(text)


def test_zones_go_by_their_iana_names():
    assert zone("Asia/Shanghai").utcoffset(datetime(2024, 7, 1)) == timedelta(hours=8)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "europe/london"])
def test_an_unknown_zone_is_refused(name):
    with pytest.raises(InputError, match=r"is not a time zone\.( Did you mean '.+'\?)?\nUse an IANA name"):
        zone(name)


@pytest.mark.parametrize(("said", "meant"), [("europe/london", "Europe/London"), ("Asia/Shangai", "Asia/Shanghai")])
def test_the_zone_that_was_meant_is_named(said, meant):
    with pytest.raises(InputError, match=f"Did you mean '{meant}'"):
        zone(said)


@given(DAYS, st.integers(0, 3000), st.integers(1, 400), st.integers(1, 8))
def test_origins_leave_room_before_and_after(last, history_days, horizon_days, most):
    first = last - timedelta(days=history_days)
    days = origins(last, first, horizon_days, most)
    assert list(days) == sorted(set(days))
    assert len(days) <= most
    assert all((day - first).days >= horizon_days for day in days)
    assert all((last - day).days % horizon_days == 0 and day < last for day in days)
    assert len(days) == min(most, max(history_days // horizon_days - 1, 0))


def test_exactly_one_horizon_of_history_is_enough():
    last = date(2024, 7, 1)
    assert origins(last, last - timedelta(days=60), 30) == (last - timedelta(days=30),)
    assert origins(last, last - timedelta(days=59), 30) == ()


def test_clocks_go_forward():
    assert now().tzinfo is UTC
    assert now() <= now()
    assert stopwatch() <= stopwatch()
