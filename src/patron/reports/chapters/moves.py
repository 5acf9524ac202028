"""Who moved between segments since the run before: in customers, in money, up and down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from patron.reports.blocks import Cell, Figure, Table, chart, number, table, words
from patron.reports.changes import waiting
from patron.reports.numbers import decimal, percent
from patron.reports.reading import Reading
from patron.reports.sankey import Band, Box, sankey

_SHOWN_SHARE = 0.002
_SHOWN_ROWS = 12
_ELSEWHERE = "#8c8c8c"
_SUMMARIES = {"regrouped": "moves.summary_regrouped", "moved": "moves.summary_unordered"}
_AWAY = frozenset({"up", "down", "moved", "regrouped"})
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moves:
    """The chapter: sentences, pictures in customers and in money, every move, and what became of learned segments."""

    intro: str
    summary: tuple[str, ...]
    figures: tuple[Figure, ...]
    every: Table
    held: str
    drift: str
    events: Table | None
    note: str


def moves(reading: Reading) -> Moves | None:
    """Build the chapter; None where no earlier run has the report's scheme."""
    story = reading.story
    rows = story.segment_moves.filter(pc.equal(story.segment_moves["scheme"], reading.scheme.key)).to_pylist()
    if not rows:
        return None
    say, before = reading.voice.say, reading.voice.day(rows[0]["before_as_of"])
    weights = ["customers", *(["net_revenue_365d"] if reading.has_money else [])]
    figures = [found for name in weights if (found := _figure(reading, rows, name)) is not None]
    shown = sum(_is_drawn(row, "customers", rows) for row in rows)
    facts = {"run": rows[0]["before_run_id"], "this": story.run_id}
    left_out = len(rows) - shown
    return Moves(
        intro=say("moves.intro", before=before, now=reading.voice.day(story.as_of)),
        summary=tuple(_summary(reading, rows, before)),
        figures=tuple(figures),
        every=_table(reading, "moves-every", say("moves.every"), rows, weights),
        held=waiting(story.segment_events, reading.voice),
        drift=_drift(reading),
        events=_events(reading),
        note=say("moves.note", count=str(left_out), **facts) if left_out else say("moves.note_all", **facts),
    )


def _summary(reading: Reading, rows: Sequence[_Row], before: str) -> list[str]:
    voice = reading.voice
    counts: defaultdict[str, int] = defaultdict(int)
    money: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        counts[row["move"]] += row["customers"]
        money[row["move"]] += row["net_revenue_365d"] or 0.0
    said = {name: voice.count(counts[name]) for name in ("stayed", "up", "down", "moved", "regrouped", "joined")}
    known = voice.customers(sum(counts.values()) - counts["joined"])
    key = next((key for name, key in _SUMMARIES.items() if counts[name]), "moves.summary")
    told = [voice.say(key, before=before, known=known, **said)]
    if reading.has_money and counts["up"] + counts["down"]:
        amounts = {name: voice.money_short(money[name]) for name in ("up", "down")}
        told.append(voice.say("moves.down_money", **amounts))
    return told


def _figure(reading: Reading, rows: Sequence[_Row], weight: str) -> Figure | None:
    """Draw the moves by one weight beside the largest of them in a table."""
    voice, name = reading.voice, "customers" if weight == "customers" else "money"
    drawn = [row for row in rows if _is_drawn(row, weight, rows)]
    if not drawn:
        return None
    moved = sorted((row for row in rows if row["move"] in _AWAY), key=lambda row: -_of(row, weight))
    title = voice.say(f"moves.{name}_title")
    sentence = _sentence(reading, moved[0], name) if moved else voice.say("moves.nobody")
    boxes, bands = _boxes(reading, drawn, weight), [_band(reading, row, weight) for row in drawn]
    height = 60 + 34 * max(sum(box.depth == depth for box in boxes) for depth in (0, 1))
    shown = _table(reading, f"moves-{name}", title, moved[:_SHOWN_ROWS] or rows[:_SHOWN_ROWS], [weight])
    return Figure(title, sentence, chart(f"moves-{name}", sankey(boxes, bands), height, sentence), shown)


def _is_drawn(row: _Row, weight: str, rows: Sequence[_Row]) -> bool:
    value = _of(row, weight)
    return value > 0 and value >= _SHOWN_SHARE * sum(max(_of(one, weight), 0.0) for one in rows)


def _of(row: _Row, weight: str) -> float:
    return float(row[weight] or 0.0)


def _sentence(reading: Reading, row: _Row, name: str) -> str:
    voice = reading.voice
    facts = {"came": _name(reading, row, "from"), "went": _name(reading, row, "to")}
    if name == "customers":
        return voice.say("moves.customers", who=voice.customers(row["customers"]), **facts)
    return voice.say("moves.money", amount=voice.money_short(row["net_revenue_365d"]), **facts)


def _boxes(reading: Reading, rows: Sequence[_Row], weight: str) -> list[Box]:
    """Stand the segments in their order on either side; those of no segment come last."""
    boxes = []
    for depth, side in enumerate(("from", "to")):
        sums: defaultdict[str, float] = defaultdict(float)
        names: dict[str, str] = {}
        for row in rows:
            key = row[f"{side}_segment"] or ""
            sums[key] += _of(row, weight)
            names[key] = _name(reading, row, side)
        for key in sorted(sums, key=lambda key: _place(reading, key)):
            tip = f"{names[key]}: {_amount(reading, sums[key], weight)}"
            boxes.append(Box(f"{depth}:{key}", depth, names[key], _colour(reading, key), tip))
    return boxes


def _band(reading: Reading, row: _Row, weight: str) -> Band:
    came, went = _name(reading, row, "from"), _name(reading, row, "to")
    tip = f"{came} → {went}: {_amount(reading, _of(row, weight), weight)}"
    return Band(f"0:{row['from_segment'] or ''}", f"1:{row['to_segment'] or ''}", _of(row, weight), tip)


def _place(reading: Reading, key: str) -> tuple[int, str]:
    keys = [card.key for card in reading.scheme.segments]
    return (keys.index(key) if key in keys else len(keys) + (not key), key)


def _colour(reading: Reading, key: str) -> str:
    return next((card.colour for card in reading.scheme.segments if card.key == key), _ELSEWHERE)


def _name(reading: Reading, row: _Row, side: str) -> str:
    if row[f"{side}_segment"] is None:
        return reading.voice.say("moves.joined" if side == "from" else "moves.left")
    return reading.voice.pick(row[f"{side}_name"], row[f"{side}_name_zh"])


def _amount(reading: Reading, value: float, weight: str) -> str:
    return reading.voice.customers(value) if weight == "customers" else reading.voice.money_short(value)


def _table(reading: Reading, name: str, title: str, rows: Sequence[_Row], weights: Sequence[str]) -> Table:
    """Write moves as rows; which way each goes is said in the table of all, where there is room."""
    voice, asked = reading.voice, ("move",) if len(weights) > 1 or name.endswith("every") else ()
    heads = {"customers": voice.say("column.customers"), "net_revenue_365d": voice.say("moves.amount")}
    head = [*(voice.say(f"moves.{one}") for one in ("from", "to", *asked)), *(heads[one] for one in weights)]
    cells = [
        [
            words(_name(reading, row, "from"), _colour(reading, row["from_segment"] or "")),
            words(_name(reading, row, "to"), _colour(reading, row["to_segment"] or "")),
            *(words(voice.name("move", row["move"])) for _ in asked),
            *(_cell(reading, row, one) for one in weights),
        ]
        for row in rows
    ]
    return table(name, title, head, cells)


def _cell(reading: Reading, row: _Row, weight: str) -> Cell:
    value = row[weight]
    return number(reading.voice.count(value) if weight == "customers" else reading.voice.money_short(value))


def _drift(reading: Reading) -> str:
    """Say whether the learned cut of the earlier run still fits today's customers; empty where there is none."""
    rows = [row for row in reading.story.quality.to_pylist() if row["room"] == "segments"]
    outside = [row for row in rows if row["measure"] == "share_outside"]
    features = [row for row in rows if row["measure"] == "population_stability"]
    if not outside or not features:
        return ""
    voice, most = reading.voice, max(features, key=lambda row: row["value"])
    return voice.say(
        "moves.drift",
        share=percent(outside[0]["value"]),
        fits=voice.why(outside[0]["verdict"], outside[0]["reason"]),
        feature=voice.feature(most["slice"].partition("/")[2]),
        index=decimal(most["value"], 2),
        moved=voice.why(most["verdict"], most["reason"]),
    )


def _events(reading: Reading) -> Table | None:
    rows = reading.story.segment_events.to_pylist()
    if not rows:
        return None
    voice = reading.voice
    keys = ("moves.event", "moves.from", "moves.to", "column.customers", "moves.share")
    cells = [
        [
            words(voice.name("event", row["event"])),
            words(voice.pick(row["from_name"], row["from_name_zh"])),
            words(voice.pick(row["to_name"], row["to_name_zh"])),
            number(voice.count(row["customers"])),
            number(percent(row["share_of_from"])),
        ]
        for row in rows
    ]
    return table("segment-events", voice.say("moves.events"), [voice.say(key) for key in keys], cells)
