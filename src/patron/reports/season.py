"""The season: which months the forecast was checked on, and which months it is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from patron.contracts.published import YEAR_BEFORE
from patron.reports.backtest import Check
from patron.reports.reading import Reading
from patron.reports.voice import Voice

YEAR_DAYS = 365
SEEN = 0.5


@dataclass(frozen=True, slots=True)
class Season:
    """The months of the checked window and the months ahead, in words.

    `is_drawn`: the forecast's total was drawn to what the whole shop took in the months ahead a year before.
    """

    checked: str
    ahead: str
    is_drawn: bool


def checked_months(reading: Reading, check: Check) -> str:
    """Return the months of the window that the forecast was checked on."""
    return _months(reading.voice, check.origin, reading.customers.horizon_days)


def unlike(reading: Reading, check: Check | None) -> Season | None:
    """Return both windows where the months ahead lie in a season that the check has not seen, else None.

    With two years of history other windows have seen every season; with less, only the checked one speaks: it must
    cover at least `SEEN` of the same days, a year earlier.
    """
    story, days = reading.story, reading.customers.horizon_days
    if check is None or (story.as_of - story.first_day).days >= 2 * YEAR_DAYS:
        return None
    apart = abs((story.as_of - timedelta(days=YEAR_DAYS) - check.origin).days)
    if days >= YEAR_DAYS or 1 - apart / days >= SEEN:
        return None
    return Season(checked_months(reading, check), _months(reading.voice, story.as_of, days), _is_drawn(reading))


def _is_drawn(reading: Reading) -> bool:
    story, days, target = (
        reading.story,
        reading.customers.horizon_days,
        "net_revenue" if reading.has_money else "orders",
    )
    wanted = (YEAR_BEFORE, f"{days}d/{target}/{story.as_of}")
    return wanted in zip(story.quality["measure"].to_pylist(), story.quality["slice"].to_pylist(), strict=True)


def _months(voice: Voice, start: date, days: int) -> str:
    first, last = voice.month(start), voice.month(start + timedelta(days=max(days, 1) - 1))
    return first if first == last else voice.say("page.span", first=first, last=last)
