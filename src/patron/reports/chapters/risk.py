"""What may be lost: customers who are later than usual, in money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.reports import charts, next_order
from patron.reports.blocks import Cell, Figure, Table, chart, number, table, words
from patron.reports.customers import BoolArray, FloatArray, IntArray
from patron.reports.numbers import percent, times
from patron.reports.reading import Reading, card_name, totals

BANDS = (1 / 3, 2 / 3)
MOST_SEGMENTS = 8
MOST_CUSTOMERS = 20


@dataclass(frozen=True, slots=True)
class Risk:
    """The chapter: by segment, by chance of not coming back, and by name; parts are None where nothing is known."""

    sentence: str
    by_segment: Figure | None
    bands: Figure | None
    people: Table | None
    people_sentence: str


def risk(reading: Reading) -> Risk:
    """Build the chapter."""
    customers, voice = reading.customers, reading.voice
    late = customers.slipping
    people = most_at_stake(reading, late)
    return Risk(
        sentence=_sentence(reading, late),
        by_segment=_by_segment(reading, late) if late.any() and reading.scheme.segments else None,
        bands=_bands(reading) if np.isfinite(customers.repurchase).any() else None,
        people=_people(reading, people) if people.size else None,
        people_sentence=voice.say("risk.people") if people.size else "",
    )


def most_at_stake(reading: Reading, late: BoolArray, most: int = MOST_CUSTOMERS) -> IntArray:
    """Return the rows of the late customers with most at stake, most first; ties are broken by what they brought."""
    rows = np.flatnonzero(late)
    stake = _stake(reading)[rows]
    return rows[np.lexsort((-reading.customers.worth[rows], -stake))[:most]]


def _stake(reading: Reading) -> FloatArray:
    customers = reading.customers
    return np.nan_to_num(customers.expected) if customers.has_forecast else customers.worth


def _sentence(reading: Reading, late: BoolArray) -> str:
    customers, voice = reading.customers, reading.voice
    if not late.any():
        return voice.say("risk.none")
    total = max(float(customers.worth.sum()), 1e-9)
    what = voice.say("worth.money" if reading.has_money else "worth.orders")
    who, held = voice.customers(int(late.sum())), float(customers.worth[late].sum())
    said = voice.say(
        "risk.sentence",
        who=who,
        share=percent(float(late.mean())),
        worth=reading.worth(held),
        held=percent(held / total),
        what=what,
    )
    if not customers.has_forecast:
        return said
    ahead = float(np.nansum(customers.expected[late]))
    days = voice.days(customers.horizon_days)
    return said + voice.say("space") + voice.say("risk.ahead", amount=voice.money_about(ahead), days=days)


def _by_segment(reading: Reading, late: BoolArray) -> Figure:
    voice, cards = reading.voice, reading.scheme.segments
    sums = totals(reading.customers, len(cards), late)
    ahead = reading.customers.has_forecast
    stake = sums.expected if ahead else sums.worth
    order = [int(i) for i in np.argsort(-stake, kind="stable") if sums.customers[i]][:MOST_SEGMENTS]
    names = [card_name(cards[i], voice) for i in order]
    label = voice.say("risk.stake_ahead" if ahead else "risk.stake_past", what=_what(reading))
    told = [reading.worth(stake[i]) for i in order]
    drawn = charts.Series(label, [float(stake[i]) for i in order], [f"{label}: {text}" for text in told], "@c6")
    style = "@money" if reading.has_money else "@count"
    sentence = voice.say("risk.segments", name=names[0], amount=told[0], who=voice.customers(sums.customers[order[0]]))
    head = [voice.say(f"column.{key}", what=_what(reading)) for key in ("segment", "late", "worth")]
    rows = [
        [
            words(names[k], cards[i].colour),
            number(voice.count(sums.customers[i])),
            number(reading.worth(sums.worth[i])),
            *([number(voice.money(sums.expected[i]))] if ahead else []),
        ]
        for k, i in enumerate(order)
    ]
    title = voice.say("risk.segments_title")
    head += [voice.say("column.expected")] if ahead else []
    picture = chart("risk", charts.ranking(names, [drawn], style), 40 + 40 * len(order), sentence)
    return Figure(title, sentence, picture, table("risk", title, head, rows))


def _bands(reading: Reading) -> Figure:
    customers, voice = reading.customers, reading.voice
    churn = 1.0 - customers.repurchase
    known = np.isfinite(churn)
    code = np.digitize(churn[known], BANDS)
    size = np.bincount(code, minlength=3)
    held = np.bincount(code, weights=customers.worth[known], minlength=3)
    total, what = max(float(held.sum()), 1e-9), _what(reading)
    names = [voice.say(f"risk.band_{i}") for i in range(3)]
    shares = [(size / max(int(size.sum()), 1)).tolist(), (held / total).tolist()]
    labels = [voice.say("value.of_customers"), voice.say("value.of_worth", what=what)]
    drawn = [
        charts.Series(label, values, [f"{label}: {percent(value)}" for value in values], colour)
        for label, values, colour in zip(labels, shares, ("@c3", "@c1"), strict=True)
    ]
    sentence = voice.say(
        "risk.bands",
        who=voice.customers(int(size[2])),
        days=voice.days(customers.horizon_days),
        worth=reading.worth(held[2]),
        share=percent(held[2] / total),
        what=what,
    )
    rows = [
        [words(names[i]), number(voice.count(size[i])), number(percent(shares[0][i])), number(reading.worth(held[i]))]
        for i in range(3)
    ]
    head = [voice.say("risk.band"), *(voice.say(f"column.{key}", what=what) for key in ("customers", "share", "worth"))]
    title = voice.say("risk.bands_title", days=voice.days(customers.horizon_days))
    picture = chart("churn", charts.columns(names, drawn, "@percent"), 300, sentence)
    return Figure(title, sentence, picture, table("churn", title, head, rows))


def _people(reading: Reading, rows: IntArray) -> Table:
    customers, voice = reading.customers, reading.voice
    keys = ["customer", "segment", "why", "worth", *(["expected"] if customers.has_forecast else [])]
    keys += ["chance"] if np.isfinite(customers.repurchase).any() else []
    dated = next_order.column(reading, customers.ids.take(rows).to_pylist())
    head = [voice.say(f"column.{key}", what=_what(reading)) for key in keys] + next_order.heads(reading, dated)
    cells = [[*_person(reading, int(row)), *day] for row, day in zip(rows, dated, strict=True)]
    return table("people", voice.say("risk.people_title"), head, cells)


def _person(reading: Reading, row: int) -> list[Cell]:
    customers, voice = reading.customers, reading.voice
    segment = int(customers.segment[row])
    cells = [
        words(str(customers.ids[row].as_py())),
        words(reading.segment_name(segment), reading.scheme.segments[segment].colour if segment >= 0 else ""),
        words(_why(reading, row)),
        number(reading.worth(float(customers.worth[row]))),
    ]
    if customers.has_forecast:
        cells.append(number(voice.money(float(customers.expected[row]))))
    if np.isfinite(customers.repurchase).any():
        cells.append(number(percent(float(customers.repurchase[row]))))
    return cells


def _why(reading: Reading, row: int) -> str:
    customers, voice = reading.customers, reading.voice
    overdue, last = float(customers.overdue[row]), voice.days(float(customers.days_since_last[row]))
    orders = voice.counted("order", float(customers.orders[row]))
    if not np.isfinite(overdue):
        return voice.say("risk.why_one", orders=orders, last=last)
    gap = voice.days(float(customers.gap_days[row]))
    return voice.say("risk.why", orders=orders, last=last, gap=gap, times=times(overdue))


def _what(reading: Reading) -> str:
    return reading.voice.say("worth.money" if reading.has_money else "worth.orders")
