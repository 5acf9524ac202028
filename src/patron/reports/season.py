"""The season: which months the forecast was checked on, and which months it is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from patron.contracts.published import SHOP_A_YEAR_AGO, YEAR_BEFORE
from patron.reports.backtest import Check
from patron.reports.reading import Reading
from patron.reports.voice import Voice

YEAR_DAYS = 365
SEEN = 0.5


@dataclass(frozen=True, slots=True)
class Season:
    """The months of the checked window and the months ahead, in words.

    `is_drawn`: the forecast's total was drawn to what the whole shop took in the months ahead a year before, which is
    `shop`, where a year is known.
    """

    checked: str
    ahead: str
    is_drawn: bool
    shop: float | None


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
    drawn = _told(reading, YEAR_BEFORE) is not None
    ahead = _months(reading.voice, story.as_of, days)
    return Season(checked_months(reading, check), ahead, drawn, _told(reading, SHOP_A_YEAR_AGO))


def _told(reading: Reading, measure: str) -> float | None:
    """Return what the run says of the same window of the year before."""
    story, target = reading.story, "net_revenue" if reading.has_money else "orders"
    wanted = (measure, f"{reading.customers.horizon_days}d/{target}/{story.as_of}")
    rows = (row for row in story.quality.to_pylist() if (row["measure"], row["slice"]) == wanted)
    return next((float(row["value"]) for row in rows), None)


def _months(voice: Voice, start: date, days: int) -> str:
    first, last = voice.month(start), voice.month(start + timedelta(days=max(days, 1) - 1))
    return first if first == last else voice.say("page.span", first=first, last=last)
