"""The rolling origins: at each past date, what every contender would have said, knowing only what was known then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

import numpy as np

from patron.forecasts.contenders import FORMULAS, LEARN, NAIVE, SELF_LEVELLED, Lesson, Prediction
from patron.forecasts.levels import FOLLOW_LATEST, FOLLOW_SEASON, Level, learn_level
from patron.forecasts.rows import Rows
from patron.forecasts.seasons import LastYear, in_season
from patron.forecasts.spec import ForecastSpec
from patron.ground.dates import YEAR_DAYS
from patron.ground.errors import NotEnoughData


@dataclass(frozen=True, slots=True)
class Trial:
    """One origin: the customers known then, with what they did next, and what each contender said of them."""

    origin: date
    rows: Rows
    raw: Mapping[str, Prediction]  # before the level correction
    said: Mapping[str, Prediction]  # as the contender would have been used


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was not done, and why: in English words, and as a key with its numbers for any language."""

    what: str
    why: str
    key: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, what: str, error: NotEnoughData) -> Self:
        """Return the refusal that an error speaks of."""
        return cls(what, str(error), error.key, error.numbers)


def run_trials(
    rows: Rows, spec: ForecastSpec, horizon_days: int, seasons: Mapping[date, LastYear], seed: int
) -> tuple[tuple[Trial, ...], tuple[Refusal, ...]]:
    """Let every contender forecast from every origin, oldest first.

    At origin t a contender learns from rows whose window [origin, origin + horizon_days) ended on or before t, and
    is corrected by the level of its own earlier forecasts that have come due by t. Rows of shorter windows are not
    judged; those that ended on or before t may be learned from. Nothing else is passed to it. Where the year before
    leads to expect a total at t, that is the level instead.
    """
    whole = rows.where(rows.window_days == horizon_days)
    trials: list[Trial] = []
    refusals: list[Refusal] = []
    newest: list[Refusal] = []
    for t in whole.origins:
        now = whole.where(whole.as_of == t)
        if not _enough(now, spec):
            refusals.append(_too_few(now, spec))
            continue
        due = [trial for trial in trials if trial.rows.as_of[0] + np.timedelta64(horizon_days, "D") <= t]
        past = _stack([trial.rows for trial in due])
        raw, refused = _predictions(Lesson(past, rows.over_by(t), now, now, horizon_days, spec, seed))
        levels = in_season(levels_for(t.astype(date), due, horizon_days), raw, seasons.get(t.astype(date)))
        said = {name: levels.get(name, Level()).apply(prediction) for name, prediction in raw.items()}
        trials.append(Trial(t.astype(date), now, raw, said))
        newest = refused  # that a model had too short a past at an early origin is no news
    return tuple(trials), (*refusals, *newest)


def levels_for(as_of: date, due: Sequence[Trial], horizon_days: int) -> dict[str, Level]:
    """Return each contender's level at `as_of`, from its own forecasts that have come due.

    That of a year before where there is one, else the latest, but for those that have drawn their total to another
    model's already. The naive formulas are used as they are: corrected,
    they would no longer be the formulas people use.
    """
    levels: dict[str, Level] = {}
    seasonal: set[str] = set()
    for trial in due:
        season = abs((as_of - trial.origin).days - YEAR_DAYS) <= min(horizon_days, YEAR_DAYS // 2) / 2
        for name, prediction in trial.raw.items():
            if name in FORMULAS or (not season and (name in seasonal or name in SELF_LEVELLED)):
                continue
            follow = FOLLOW_SEASON if season else FOLLOW_LATEST
            levels[name] = learn_level(prediction, trial.rows, follow)
            seasonal |= {name} if season else set()
    return levels


def _predictions(lesson: Lesson) -> tuple[dict[str, Prediction], list[Refusal]]:
    said: dict[str, Prediction] = {}
    refused: list[Refusal] = []
    for name in dict.fromkeys((NAIVE, *lesson.spec.models)):
        try:
            said[name] = LEARN[name](lesson).predict(lesson.now)
        except NotEnoughData as error:
            refused.append(Refusal.of(name, error))
    return said, refused


def _enough(now: Rows, spec: ForecastSpec) -> bool:
    return len(now) >= spec.least_customers and _bought(now) >= spec.least_buyers


def _bought(now: Rows) -> int:
    return 0 if now.future_orders is None else int((now.future_orders > 0).sum())


def _too_few(now: Rows, spec: ForecastSpec) -> Refusal:
    numbers = {
        "customers": len(now),
        "bought": _bought(now),
        "least_customers": spec.least_customers,
        "least_buyers": spec.least_buyers,
    }
    why = (
        "{customers} customers, {bought} of whom bought in the window; judging needs {least_customers} customers, "
        "{least_buyers} of whom bought."
    )
    return Refusal(f"origin {now.as_of[0]}", why.format(**numbers), "thin_origin", numbers)


def _stack(parts: Sequence[Rows]) -> Rows | None:
    return Rows.stack(parts) if parts else None
