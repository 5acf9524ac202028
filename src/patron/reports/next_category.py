"""What the next order will hold: the category named first to each segment, and how often one of three was right."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.reports.backtest import NAIVE, ROOM
from patron.reports.blocks import Cell, Figure, Table, number, table, words
from patron.reports.customers import FloatArray, codes
from patron.reports.numbers import percent
from patron.reports.reading import Reading, card_name

MOST = 3  # categories told per segment
_HIT = "hit_rate_at_3"


def next_category(reading: Reading) -> Figure | None:
    """Return the categories to speak of next, per segment; None where none were forecast."""
    rows, voice = reading.story.next_categories, reading.voice
    if not rows.num_rows:
        return None
    horizons = pc.unique(rows["horizon_days"]).to_pylist()
    days = reading.customers.horizon_days if reading.customers.horizon_days in horizons else max(horizons)
    first = rows.filter(pc.and_(pc.equal(rows["horizon_days"], days), pc.equal(rows["rank"], 1)))
    title = voice.say("next_category.title", days=voice.days(days))
    return Figure(title, _sentence(reading, days), None, _table(reading, first, title), voice.say("next_category.note"))


def _sentence(reading: Reading, days: int) -> str:
    voice, prefix = reading.voice, f"{days}d/next_category/"
    rows = [
        row
        for row in reading.story.quality.to_pylist()
        if row["room"] == ROOM and row["measure"] == _HIT and row["slice"].startswith(prefix)
    ]
    hits = {row["slice"].removeprefix(prefix): percent(row["value"]) for row in rows}
    used = [row["slice"].removeprefix(prefix) for row in rows if "not used" not in row["verdict"]]
    if not used:
        return ""
    facts = {"hit": hits[used[0]], "naive": hits[NAIVE], "own": hits["own_share"]}
    return voice.say("next_category.naive" if used[0] == NAIVE else "next_category.checked", **facts)


def _table(reading: Reading, first: pa.Table, title: str) -> Table:
    voice, customers, cards = reading.voice, reading.customers, reading.scheme.segments
    named = first["category"].combine_chunks().dictionary_encode()
    labels, category = named.dictionary.to_pylist(), named.indices.to_numpy()
    place = codes(first["customer_id"], customers.ids)
    segment = np.where(place >= 0, customers.segment[place], -1)
    counts = np.zeros((len(cards), len(labels)))
    np.add.at(counts, (segment[segment >= 0], category[segment >= 0]), 1.0)
    everyone = np.bincount(category, minlength=len(labels)).astype(np.float64)
    rows = [[words(voice.say("segments.everyone")), *_cells(reading, everyone, labels)]]
    rows += [
        [words(card_name(card, voice), card.colour), *_cells(reading, mine, labels)]
        for card, mine in zip(cards, counts, strict=True)
        if mine.any()
    ]
    head = [voice.say("column.segment"), voice.say("column.customers"), voice.say("next_category.first")]
    return table("next-category", title, head, rows)


def _cells(reading: Reading, counts: FloatArray, labels: list[str]) -> tuple[Cell, Cell]:
    voice, total = reading.voice, float(counts.sum())
    told = [
        voice.say("next_category.share", category=labels[i], share=percent(counts[i] / total))
        for i in np.argsort(-counts, kind="stable")[:MOST]
        if counts[i]
    ]
    return number(voice.count(total)), words(voice.say("list.semicolon").join(told))
