"""Whether customers stay: retention and cumulative value by month of first order and age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from patron.reports import charts
from patron.reports.blocks import Cell, Figure, Table, chart, number, table, words
from patron.reports.numbers import percent
from patron.reports.reading import Reading

MOST_COHORTS = 13
MOST_AGES = 13
LEAST_COHORTS = 2
LEAST_BEHIND = 3

Grid = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The chapter: two triangles and the average curve; each None when the data does not carry it.

    `notes` say how to read them: hatched cells, the first cohort, older cohorts left out.
    """

    intro: str
    retention_title: str
    retention_sentence: str
    retention: Table | None
    value_title: str
    value_sentence: str
    value: Table | None
    curve: Figure | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Triangle:
    """Arrays of shape (n_cohorts, n_ages); NaN where the month has not begun by as_of."""

    months: tuple[date, ...]
    size: NDArray[np.int64]
    active: Grid
    cumulative: Grid
    complete: NDArray[np.bool_]
    left_out: int

    @property
    def retention(self) -> Grid:
        """Share of the cohort with an order in that month of age."""
        return self.active / np.maximum(self.size, 1)[:, None]


def cohorts(reading: Reading) -> Cohorts:
    """Build the chapter."""
    voice, triangle = reading.voice, _triangle(reading)
    if len(triangle.months) < LEAST_COHORTS:
        return Cohorts(voice.say("cohorts.too_few"), "", "", None, "", "", None, None, ())
    has_value = bool(np.isfinite(triangle.cumulative).any())
    return Cohorts(
        intro=voice.say("cohorts.intro"),
        retention_title=voice.say("cohorts.retention_title"),
        retention_sentence=_retention_sentence(reading, triangle),
        retention=_retention(reading, triangle),
        value_title=voice.say("cohorts.value_title"),
        value_sentence=_value_sentence(reading, triangle) if has_value else voice.say("cohorts.no_value"),
        value=_value(reading, triangle) if has_value else None,
        curve=_curve(reading, triangle),
        notes=_notes(reading, triangle),
    )


def months_between(start: date, end: date) -> int:
    """Return whole calendar months from one month to another.

    >>> months_between(date(2010, 12, 1), date(2011, 2, 1))
    2
    """
    return (end.year - start.year) * 12 + end.month - start.month


def average_curve(retention: Grid, size: NDArray[np.int64], complete: NDArray[np.bool_]) -> Grid:
    """Return retention by age over the cohorts whose month is complete, weighted by size; NaN where none is."""
    weight = np.where(complete, size[:, None], 0).astype(np.float64)
    held = np.nansum(np.where(complete, retention, 0.0) * weight, axis=0)
    total = weight.sum(axis=0)
    curve = np.full(total.size, np.nan)
    np.divide(held, total, out=curve, where=total > 0)
    return curve


def _triangle(reading: Reading) -> _Triangle:
    story = reading.story
    rows = story.cohorts.to_pylist()
    every = sorted({row["cohort_month"] for row in rows})
    months = tuple(every[-MOST_COHORTS:])
    at = {month: i for i, month in enumerate(months)}
    ages = min(MOST_AGES, 1 + max((months_between(months[0], story.as_of) if months else 0), 0))
    size = np.zeros(len(months), dtype=np.int64)
    active, money = np.full((len(months), ages), np.nan), np.full((len(months), ages), np.nan)
    complete = np.zeros((len(months), ages), dtype=np.bool_)
    for i, month in enumerate(months):
        reached = min(ages, months_between(month, story.as_of) + (story.as_of.day > 1))
        active[i, :reached] = 0.0
        complete[i, : min(ages, months_between(month, story.as_of))] = True
    for row in rows:
        i, age = at.get(row["cohort_month"], -1), row["age_months"]
        if i < 0 or age >= ages:
            continue
        size[i] = row["customer_count"]
        active[i, age] = row["active_customer_count"]
        complete[i, age] = row["is_complete"]
        if row["cumulative_net_revenue_per_customer"] is not None:
            money[i, age] = row["cumulative_net_revenue_per_customer"]
    return _Triangle(months, size, active, _carried(money, active), complete, len(every) - len(months))


def _carried(money: Grid, active: Grid) -> Grid:
    """Carry a cumulative value over months without orders."""
    carried = money.copy()
    for age in range(1, carried.shape[1]):
        gap = np.isnan(carried[:, age]) & np.isfinite(active[:, age])
        carried[gap, age] = carried[gap, age - 1]
    return carried


def _retention(reading: Reading, triangle: _Triangle) -> Table:
    shares = triangle.retention
    later = shares[:, 1:][np.isfinite(shares[:, 1:])]
    top = float(later.max()) if later.size else 1.0
    text = np.vectorize(percent, otypes=[object])(shares)
    return _table(reading, triangle, "retention", text, np.clip(shares / max(top, 1e-9), 0, 1))


def _value(reading: Reading, triangle: _Triangle) -> Table:
    top = float(np.nanmax(triangle.cumulative))
    text = np.vectorize(reading.voice.money_short, otypes=[object])(triangle.cumulative)
    return _table(reading, triangle, "cumulative", text, np.clip(triangle.cumulative / max(top, 1e-9), 0, 1))


def _table(reading: Reading, triangle: _Triangle, name: str, text: NDArray[np.object_], tint: Grid) -> Table:
    voice = reading.voice
    head = [voice.say("cohorts.first_order"), voice.say("column.customers"), *map(str, range(text.shape[1]))]
    rows = []
    for i, month in enumerate(triangle.months):
        cells = [
            Cell(text[i, age], number=True, fill=round(float(tint[i, age]), 3), hatched=not triangle.complete[i, age])
            if np.isfinite(tint[i, age])
            else Cell("", number=True)
            for age in range(text.shape[1])
        ]
        star = " *" if _left_censored(reading, month) else ""
        rows.append([words(voice.month(month) + star), number(voice.count(triangle.size[i])), *cells])
    return table(name, voice.say(f"cohorts.{name}_caption"), head, rows, kind="triangle")


def _left_censored(reading: Reading, month: date) -> bool:
    return month <= reading.story.first_day


def _newcomers(reading: Reading, triangle: _Triangle) -> NDArray[np.bool_]:
    """Cohorts that are truly new: the first month of the data also holds customers from before it."""
    fresh = np.asarray([not _left_censored(reading, month) for month in triangle.months])
    return fresh if fresh.any() else ~fresh


def _retention_sentence(reading: Reading, triangle: _Triangle) -> str:
    voice, fresh = reading.voice, _newcomers(reading, triangle)
    curve = average_curve(triangle.retention[fresh], triangle.size[fresh], triangle.complete[fresh])
    known = [age for age in (1, 3, 6, 12) if age < curve.size and np.isfinite(curve[age])]
    if not known:
        return voice.say("cohorts.no_month")
    parts = [voice.say("cohorts.at_age", share=percent(curve[age]), age=str(age)) for age in known]
    return voice.say("cohorts.retention_sentence", parts=voice.listed(parts))


def _value_sentence(reading: Reading, triangle: _Triangle) -> str:
    voice, fresh = reading.voice, _newcomers(reading, triangle)
    curve = average_curve(triangle.cumulative[fresh], triangle.size[fresh], triangle.complete[fresh])
    known = [age for age in (0, 3, 6, 12) if age < curve.size and np.isfinite(curve[age])]
    if not known:
        return voice.say("cohorts.no_month")
    first, last = known[0], known[-1]
    return voice.say(
        "cohorts.value_sentence", first=voice.money(curve[first]), last=voice.money(curve[last]), age=str(last)
    )


def _curve(reading: Reading, triangle: _Triangle) -> Figure | None:
    voice, fresh = reading.voice, _newcomers(reading, triangle)
    curve = average_curve(triangle.retention[fresh], triangle.size[fresh], triangle.complete[fresh])
    behind = triangle.complete[fresh].sum(axis=0)
    ages = [age for age in range(1, curve.size) if np.isfinite(curve[age]) and behind[age] >= LEAST_BEHIND]
    if len(ages) < LEAST_COHORTS:
        return None
    counted = [int(behind[age]) for age in ages]
    sentence = voice.say(
        "cohorts.curve_sentence",
        first=percent(curve[ages[0]]),
        last=percent(curve[ages[-1]]),
        age=str(ages[-1]),
        n=str(LEAST_BEHIND),
    )
    tips = [voice.say("cohorts.at_age", share=percent(curve[age]), age=str(age)) for age in ages]
    title = voice.say("cohorts.curve_title")
    line = charts.Series(title, [float(curve[age]) for age in ages], tips, "@c1")
    options = charts.lines([str(age) for age in ages], [line], "@percent", voice.say("cohorts.age"))
    head = [voice.say("cohorts.age"), voice.say("cohorts.active_share"), voice.say("cohorts.n_cohorts")]
    rows = [
        [number(str(age)), number(percent(curve[age])), number(str(n))] for age, n in zip(ages, counted, strict=True)
    ]
    return Figure(title, sentence, chart("retention", options, 300, sentence), table("curve", title, head, rows))


def _notes(reading: Reading, triangle: _Triangle) -> tuple[str, ...]:
    voice = reading.voice
    notes = [voice.say("cohorts.hatched", day=voice.day(reading.story.as_of))]
    if any(_left_censored(reading, month) for month in triangle.months):
        notes.append(voice.say("cohorts.first_cohort", day=voice.day(reading.story.first_day)))
    if triangle.left_out:
        notes.append(voice.say("cohorts.left_out", n=voice.count(triangle.left_out)))
    return tuple(notes)
