"""What the data span, and which horizons that allows to check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from patron.ground.dates import origins

_CANDIDATES = (365, 270, 180, 90, 60, 30, 14, 7)


@dataclass(frozen=True, slots=True)
class History:
    """What the data span."""

    as_of: date
    first_day: date


def horizons(asked: Sequence[int], history: History) -> tuple[int, ...]:
    """Return the horizons that the history can check.

    A horizon needs one completed window after at least as long a history. One that is too long is replaced by the
    longest shorter candidate that can be checked.

    >>> horizons((90, 365), History(date(2011, 12, 10), date(2010, 12, 1)))
    (90, 180)
    """
    fits = [_longest(days, history) for days in sorted(asked)]
    return tuple(sorted({days for days in fits if days}))


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A horizon that was asked for and cannot be checked; `instead_days` is forecast in its place, 0: nothing."""

    asked_days: int
    needed_days: int
    span_days: int
    instead_days: int


def shortfalls(asked: Sequence[int], history: History) -> tuple[Shortfall, ...]:
    """Return what the history is too short for, shortest horizon first.

    >>> shortfalls((90, 365), History(date(2011, 12, 10), date(2010, 12, 1)))
    (Shortfall(asked_days=365, needed_days=730, span_days=374, instead_days=180),)
    """
    span = (history.as_of - history.first_day).days
    instead = {days: _longest(days, history) for days in sorted(asked)}
    return tuple(Shortfall(days, 2 * days, span, found) for days, found in instead.items() if found != days)


def _longest(days: int, history: History) -> int:
    """Return the longest horizon up to `days` that the history can check; 0: none."""
    fits = (h for h in (days, *_CANDIDATES) if h <= days and origins(history.as_of, history.first_day, h))
    return max(fits, default=0)
