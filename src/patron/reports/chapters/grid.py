"""Where customers stand: the recency by frequency-and-money grid, and the treemap of segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.reports import charts
from patron.reports.blocks import Figure, chart, number, table, words
from patron.reports.numbers import decimal, percent
from patron.reports.reading import Reading, card_meaning, card_name, totals

SCORES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of the grid; `strength` (0-1) tints it by its share of the worth, `told` reads the cell out loud."""

    segment: str
    customers: str
    share: str
    worth_share: str
    colour: str
    strength: float
    told: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """One recency score, best first."""

    label: str
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The chapter: `rows` is empty where the scheme has no scores, `map` is None where there are no segments."""

    intro: str
    sentence: str
    columns: tuple[str, ...]
    rows: tuple[GridRow, ...]
    map: Figure | None


def grid(reading: Reading) -> Grid:
    """Build the chapter."""
    voice = reading.voice
    scored = (reading.customers.r_score > 0) & (reading.customers.fm_score > 0)
    has_scores = bool(scored.any())
    scheme = card_meaning(reading.scheme, voice)
    return Grid(
        intro=voice.say("grid.intro", scheme=card_name(reading.scheme, voice), meaning=scheme)
        if has_scores
        else scheme,
        sentence=_corners(reading) if has_scores else voice.say("grid.no_scores"),
        columns=tuple(voice.say("grid.fm", score=str(score)) for score in SCORES) if has_scores else (),
        rows=tuple(_row(reading, score) for score in reversed(SCORES)) if has_scores else (),
        map=_map(reading) if reading.scheme.segments else None,
    )


def _corners(reading: Reading) -> str:
    customers, voice = reading.customers, reading.voice
    total = max(float(customers.worth.sum()), 1e-9)
    best = (customers.r_score >= 4) & (customers.fm_score >= 4)
    lost = (customers.r_score <= 2) & (customers.r_score > 0) & (customers.fm_score >= 4)
    return voice.say(
        "grid.sentence",
        best=voice.customers(int(best.sum())),
        best_share=percent(float(customers.worth[best].sum()) / total),
        gone=voice.customers(int(lost.sum())),
        gone_share=percent(float(customers.worth[lost].sum()) / total),
        what=voice.say("worth.money" if reading.has_money else "worth.orders"),
    )


def _row(reading: Reading, r_score: int) -> GridRow:
    return GridRow(
        reading.voice.say("grid.r", score=str(r_score)), tuple(_cell(reading, r_score, fm_score) for fm_score in SCORES)
    )


def _cell(reading: Reading, r_score: int, fm_score: int) -> GridCell:
    customers, voice = reading.customers, reading.voice
    inside = (customers.r_score == r_score) & (customers.fm_score == fm_score)
    count = int(inside.sum())
    if not count:
        return GridCell("", "0", percent(0.0), percent(0.0), "", 0.0, voice.say("grid.empty"))
    named = customers.segment[inside & (customers.segment >= 0)]
    position = int(np.bincount(named).argmax()) if named.size else -1
    total = float(customers.worth.sum())
    worth_share = float(customers.worth[inside].sum()) / total if total > 0 else 0.0
    told = voice.say(
        "grid.told",
        r=str(r_score),
        fm=str(fm_score),
        segment=reading.segment_name(position),
        who=voice.customers(count),
        share=percent(count / customers.n),
        worth=percent(worth_share),
        what=voice.say("worth.money" if reading.has_money else "worth.orders"),
        days=voice.days(float(np.median(customers.days_since_last[inside]))),
    )
    colour = reading.scheme.segments[position].colour if position >= 0 else ""
    strength = min(1.0, max(0.0, worth_share) ** 0.5 * 1.6)
    share = percent(count / customers.n)
    return GridCell(
        reading.segment_name(position),
        voice.count(count),
        share,
        percent(worth_share),
        colour,
        round(strength, 3),
        told,
    )


def _map(reading: Reading) -> Figure:
    voice, cards = reading.voice, reading.scheme.segments
    sums = totals(reading.customers, len(cards))
    shown = [i for i in range(len(cards)) if sums.customers[i]]
    what = voice.say("worth.money" if reading.has_money else "worth.orders")
    names = [card_name(card, voice) for card in cards]
    tips = [f"{names[i]}: {reading.worth(sums.worth[i])} ({percent(sums.worth_share[i])})" for i in shown]
    tiles = [
        charts.Tile(f"{names[i]}\n{percent(sums.worth_share[i])}", max(float(sums.worth[i]), 0.0), tip, cards[i].colour)
        for i, tip in zip(shown, tips, strict=True)
    ]
    ahead = reading.customers.has_forecast
    rows = [
        [
            words(names[i], cards[i].colour),
            number(voice.count(sums.customers[i])),
            number(percent(sums.customer_share[i])),
            number(reading.worth(sums.worth[i])),
            number(percent(sums.worth_share[i])),
            number(decimal(sums.days_since_last[i])),
            number(decimal(sums.orders[i])),
            *([number(voice.money(sums.expected[i]))] if ahead else []),
        ]
        for i in shown
    ]
    keys = ["segment", "customers", "share", "worth", "worth_share", "days_since", "orders_each"]
    head = [voice.say(f"column.{key}", what=what) for key in [*keys, *(["expected"] if ahead else [])]]
    sentence = _map_sentence(reading, names, sums.customer_share.tolist(), sums.worth_share.tolist())
    title = voice.say("grid.map_title", what=what)
    return Figure(
        title,
        sentence,
        chart("segments", charts.treemap(tiles), 360, sentence),
        table("segments", title, head, rows),
        wide=True,
    )


def _map_sentence(reading: Reading, names: list[str], shares: list[float], held: list[float]) -> str:
    richest, largest = int(np.argmax(held)), int(np.argmax(shares))
    what = reading.voice.say("worth.money" if reading.has_money else "worth.orders")
    facts = {"rich": names[richest], "rich_share": percent(shares[richest]), "rich_held": percent(held[richest])}
    if richest == largest:
        return reading.voice.say("grid.map_one", what=what, **facts)
    large = {"large": names[largest], "large_share": percent(shares[largest]), "large_held": percent(held[largest])}
    return reading.voice.say("grid.map_two", what=what, **facts, **large)
