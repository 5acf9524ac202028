"""Tenths of customers by a forecast: what was said of each, and what came."""

from __future__ import annotations

from dataclasses import dataclass

from patron.reports import charts
from patron.reports.blocks import Figure, chart, number, table
from patron.reports.numbers import decimal, percent
from patron.reports.reading import Reading

_STYLE = {"net_revenue": "@money", "active": "@percent"}


@dataclass(frozen=True, slots=True)
class Tenths:
    """Equal parts of the customers, lowest predicted first: how many, and the means said and come of each."""

    deciles: list[int]
    counts: list[int]
    predicted: list[float]
    actual: list[float]

    @property
    def told(self) -> float:
        """Sum predicted."""
        return sum(n * said for n, said in zip(self.counts, self.predicted, strict=True))

    @property
    def came(self) -> float:
        """Sum of what happened."""
        return sum(n * came for n, came in zip(self.counts, self.actual, strict=True))

    @property
    def sum_ratio(self) -> float:
        """Sum predicted over sum actual; NaN when nothing happened."""
        return self.told / self.came if self.came > 0 else float("nan")


def amount(reading: Reading, target: str, value: float) -> str:
    """Write one customer's mean of a target."""
    if target == "net_revenue":
        return reading.voice.money(value)
    return percent(value) if target == "active" else decimal(value, 2)


def figure(reading: Reading, name: str, target: str, tenths: Tenths, words: tuple[str, str]) -> Figure:
    """Draw what was said of each tenth beside what came; `words` are the title and the sentence."""
    voice, (title, sentence) = reading.voice, words
    names = [str(decile) for decile in tenths.deciles]
    told, came = ([amount(reading, target, value) for value in side] for side in (tenths.predicted, tenths.actual))
    said, happened = voice.say("forecast.predicted"), voice.say("forecast.actual")
    drawn = [
        charts.Series(said, tenths.predicted, [f"{said}: {text}" for text in told], "@c1"),
        charts.Series(happened, tenths.actual, [f"{happened}: {text}" for text in came], "@c4"),
    ]
    options = charts.columns(names, drawn, _STYLE.get(target, "@count"), voice.say("forecast.tenth"))
    rows = [
        [number(decile), number(voice.count(n)), number(p), number(a)]
        for decile, n, p, a in zip(names, tenths.counts, told, came, strict=True)
    ]
    head = [voice.say("forecast.tenth"), voice.say("column.customers"), said, happened]
    return Figure(title, sentence, chart(name, options, 330, sentence), table(name, title, head, rows))
