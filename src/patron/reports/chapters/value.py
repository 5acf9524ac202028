"""Who the money comes from: the value pyramid and the Lorenz curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.measures.inequality import LorenzCurve, gini_coefficient, lorenz_curve
from patron.reports import charts
from patron.reports.blocks import Figure, chart, number, table, words
from patron.reports.customers import TIERS, Customers, IntArray
from patron.reports.numbers import decimal, percent
from patron.reports.reading import Reading

RANK_STEPS = (0.01, 0.05, 0.20, 1.0)
CURVE_POINTS = 41
LEAST_CUSTOMERS = 5  # the best fifth is one of them
READ_AT = (0.01, 0.05, 0.10, 0.20, 0.50)


@dataclass(frozen=True, slots=True)
class Value:
    """The chapter on concentration: `pyramid` by tier, `concentration` as a Lorenz curve.

    Both are None below `LEAST_CUSTOMERS`, the pyramid where everyone is of one tier, the curve without any worth.
    """

    intro: str
    pyramid: Figure | None
    concentration: Figure | None


@dataclass(frozen=True, slots=True)
class _Levels:
    names: tuple[str, ...]
    code: IntArray


def value(reading: Reading) -> Value:
    """Build the chapter."""
    customers, voice, what = reading.customers, reading.voice, _what(reading)
    if customers.n < LEAST_CUSTOMERS:
        few = voice.say("value.too_few", who=voice.customers(customers.n), n=str(LEAST_CUSTOMERS))
        return Value(few, None, None)
    total = float(customers.worth.sum())
    one_level = np.unique(_levels(reading).code).size < 2
    return Value(
        intro=voice.say("value.intro" if reading.has_money else "value.intro_orders"),
        pyramid=None if one_level else _pyramid(reading, what, total),
        concentration=_concentration(reading, what) if total > 0 else None,
    )


def rank_levels(customers: Customers) -> IntArray:
    """Cut customers by rank of worth into the best 1 %, the next 4 %, the next 15 % and the rest."""
    order = np.argsort(-customers.worth, kind="stable")
    position = np.empty(customers.n)
    position[order] = (np.arange(customers.n) + 0.5) / customers.n
    return np.searchsorted(np.asarray(RANK_STEPS), position, side="left").astype(np.int64)


def _levels(reading: Reading) -> _Levels:
    customers, voice = reading.customers, reading.voice
    if (customers.tier >= 0).any():
        return _Levels(tuple(voice.say(f"tier.{tier}") for tier in TIERS), customers.tier)
    return _Levels(tuple(voice.say(f"rank.{i}") for i in range(len(RANK_STEPS))), rank_levels(customers))


def _what(reading: Reading) -> str:
    return reading.voice.say("worth.money" if reading.has_money else "worth.orders")


def _pyramid(reading: Reading, what: str, total: float) -> Figure:
    customers, voice = reading.customers, reading.voice
    levels = _levels(reading)
    known = levels.code >= 0
    size = np.bincount(levels.code[known], minlength=len(levels.names))
    held = np.bincount(levels.code[known], weights=customers.worth[known], minlength=len(levels.names))
    ahead = np.bincount(levels.code[known], weights=np.nan_to_num(customers.expected[known]), minlength=size.size)
    share, held_share = size / max(customers.n, 1), held / total if total > 0 else np.zeros(size.size)
    each = held / np.maximum(size, 1)
    head = ["value.tier", "column.customers", "column.share", "column.worth", "column.worth_share", "column.each"]
    head += ["column.expected"] if customers.has_forecast else []
    rows = [
        [
            words(levels.names[i]),
            number(voice.count(size[i])),
            number(percent(share[i])),
            number(reading.worth(held[i])),
            number(percent(held_share[i])),
            number(voice.money(each[i]) if reading.has_money else decimal(each[i], 1)),
            *([number(voice.money(ahead[i]))] if customers.has_forecast else []),
        ]
        for i in range(size.size)
    ]
    best = int(np.argmax(size > 0))
    last = int(size.size - 1 - np.argmax(size[::-1] > 0))
    sentence = voice.say(
        "value.pyramid",
        best=levels.names[best],
        share=percent(share[best]),
        held=percent(held_share[best]),
        what=what,
        last=levels.names[last],
        last_share=percent(share[last]),
        last_held=percent(held_share[last]),
    )
    left, right = voice.say("value.of_customers"), voice.say("value.of_worth", what=what)
    options = charts.pyramid(
        levels.names,
        charts.Series(left, share.tolist(), [f"{n}: {percent(s)}" for n, s in _zip(levels, share)], "@c3"),
        charts.Series(right, held_share.tolist(), [f"{n}: {percent(s)}" for n, s in _zip(levels, held_share)], "@c1"),
    )
    title = voice.say("value.pyramid_title")
    return Figure(
        title,
        sentence,
        chart("pyramid", options, 60 + 52 * size.size, sentence),
        table("pyramid", title, [voice.say(key, what=what) for key in head], rows),
        note=voice.say("value.tier_note") if (customers.tier >= 0).any() else "",
        wide=True,
    )


def _zip(levels: _Levels, shares: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[tuple[str, float]]:
    return list(zip(levels.names, shares.tolist(), strict=True))


def _concentration(reading: Reading, what: str) -> Figure:
    voice, worth = reading.voice, reading.customers.worth
    curve = lorenz_curve(worth)
    grid = np.linspace(0.0, 1.0, CURVE_POINTS)
    held = np.interp(grid, curve.share_of_customers, curve.share_of_amount)
    points = list(zip(grid.tolist(), held.tolist(), strict=True))
    tips = [voice.say("value.curve_tip", x=percent(x), y=percent(y), what=what) for x, y in points]
    sentence = voice.say(
        "value.lorenz",
        top=percent(_top(curve, 0.2)),
        half=percent(1 - _top(curve, 0.5)),
        gini=decimal(gini_coefficient(worth), 2),
        what=what,
    )
    axes = f"{voice.say('value.axis_customers')}|{voice.say('value.axis_worth', what=what)}"
    names = (voice.say("value.curve"), voice.say("value.diagonal"), axes)
    options = charts.lorenz([x for x, _ in points], [y for _, y in points], tips, names)
    title = voice.say("value.lorenz_title")
    rows = [[words(voice.say("value.best", share=percent(s))), number(percent(_top(curve, s)))] for s in READ_AT]
    head = (voice.say("column.customers"), voice.say("column.worth_share", what=what))
    return Figure(title, sentence, chart("lorenz", options, 340, sentence), table("lorenz", title, head, rows))


def _top(curve: LorenzCurve, share: float) -> float:
    """Read the share held by the best `share` of customers off the curve, without sorting again."""
    return 1.0 - float(np.interp(1.0 - share, curve.share_of_customers, curve.share_of_amount))
