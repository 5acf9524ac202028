"""Dates: the one home of the clock, and the arithmetic of origins and horizons.

A `day` is a local date in the shop's time zone. `as_of` is a day: everything dated before it is known, nothing
dated on it or later is. A horizon is the half-open span of days ``[as_of, as_of + horizon_days)``.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from patron.ground.errors import InputError

YEAR_DAYS = 365
_INNER_SHARES = (1 / 2, 2 / 5, 1 / 3, 1 / 4)  # several lengths taught more than the longest alone, on every shop tried


def now() -> datetime:
    """Return the current instant in UTC: the only reading of the wall clock in Patron."""
    return datetime.now(UTC)


def stopwatch() -> float:
    """Return seconds on a clock that never goes back, for measuring how long something took."""
    return time.perf_counter()


def parse_day(text: str | date) -> date:
    """Read a day written as YYYY-MM-DD.

    >>> parse_day("2011-12-10")
    datetime.date(2011, 12, 10)
    """
    if isinstance(text, date):
        return text.date() if isinstance(text, datetime) else text
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{text!r} is not a date.\nWrite it as YYYY-MM-DD, for example 2011-12-10.") from error


def zone(name: str) -> ZoneInfo:
    """Return the time zone of that IANA name, such as 'Europe/London' or 'Asia/Shanghai'."""
    if name not in available_timezones():
        near = get_close_matches(name, sorted(available_timezones()), n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        raise InputError(
            f"{name!r} is not a time zone.{guess}\nUse an IANA name such as 'Europe/London' or 'Asia/Shanghai'."
        )
    return ZoneInfo(name)


def origins(last_as_of: date, first_day: date, horizon_days: int, most: int = 4) -> tuple[date, ...]:
    """Return the past dates from which a forecast can be checked, oldest first.

    Origin i is ``last_as_of - i * horizon_days``: label windows touch and never overlap. An origin needs at least
    one horizon of history before it, so that features there see what they will see in production.

    >>> origins(date(2011, 12, 10), date(2010, 12, 1), horizon_days=90)
    (datetime.date(2011, 3, 15), datetime.date(2011, 6, 13), datetime.date(2011, 9, 11))
    """
    steps = (last_as_of - timedelta(days=horizon_days * i) for i in range(1, most + 1))
    return tuple(sorted(day for day in steps if (day - first_day).days >= horizon_days))


def inner_windows(day: date, first_day: date, horizon_days: int) -> tuple[tuple[date, int], ...]:
    """Return windows that end on `day`, no longer than the horizon, as (first day of the window, days), longest first.

    They take a half, two fifths, a third and a quarter of the history, so that a model learns from several lengths;
    with a history of four horizons and more all of them are the horizon itself.

    >>> [days for _, days in inner_windows(date(2011, 12, 10), date(2011, 3, 10), horizon_days=180)]
    [137, 110, 91, 68]
    """
    history_days = (day - first_day).days
    lengths = {min(horizon_days, int(history_days * share)) for share in _INNER_SHARES}
    return tuple((day - timedelta(days=days), days) for days in sorted(lengths, reverse=True) if days > 0)
