"""What else is known of a segment: what it buys, how it answers contacts, and who stands for it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from patron.contracts.cards import SegmentCard
from patron.reports.numbers import decimal, percent
from patron.reports.reading import Reading

_FEWEST_CONTACTS = 30  # below, a share of contacts says nothing
_FEWEST_BUYERS = 10
_NEARLY_EVERYONE = 0.9


def facts(reading: Reading, scheme: str, segment: SegmentCard) -> tuple[str, ...]:
    """Return sentences on one segment; what the data do not hold is left out."""
    story = reading.story
    said = (
        _buys(reading, _rows(story.segment_categories, scheme, segment)),
        *_answers(reading, _rows(story.segment_responses, scheme, segment)),
        _typical(reading, _rows(story.segment_medoids, scheme, segment)),
    )
    return tuple(one for one in said if one)


def _rows(table: pa.Table, scheme: str, segment: SegmentCard) -> list[dict[str, Any]]:
    mine = pc.and_(pc.equal(table["scheme"], scheme), pc.equal(table["segment_key"], segment.key))
    rows: list[dict[str, Any]] = table.filter(mine).to_pylist()
    return rows


def _buys(reading: Reading, rows: list[dict[str, Any]]) -> str:
    """Name what most of the segment buy, unless nearly everyone does; how far from everyone, where it is no chance."""
    voice, parts = reading.voice, []
    for row in rows:
        if row["customers"] < _FEWEST_BUYERS or row["base_share"] > _NEARLY_EVERYONE:
            continue
        is_apart = row["lift_lower"] > 1.0 or row["lift_upper"] < 1.0
        key = "segments.category_apart" if is_apart else "segments.category"
        lift = decimal(row["lift"], 1)
        parts.append(voice.say(key, category=row["category"], share=percent(row["share"]), lift=lift))
    return voice.say("segments.buys", categories=voice.say("list.semicolon").join(parts)) if parts else ""


def _answers(reading: Reading, rows: list[dict[str, Any]]) -> list[str]:
    voice = reading.voice
    return [
        voice.say(
            "segments.answers",
            contacts=voice.count(row["contacts"]),
            channel=voice.name("channel", row["channel"]),
            share=percent(row["ordered_share"]),
            lower=percent(row["ordered_lower"]),
            upper=percent(row["ordered_upper"]),
            base=percent(row["base_ordered_share"]),
        )
        for row in rows
        if row["contacts"] >= _FEWEST_CONTACTS and row["base_ordered_share"] < 1.0
    ]


def _typical(reading: Reading, rows: list[dict[str, Any]]) -> str:
    """Name the customer who stands for the segment best, with what makes him known."""
    if not rows:
        return ""
    voice, best = reading.voice, min(rows, key=lambda row: row["rank"])["customer_id"]
    profiles = reading.story.profiles
    found = profiles.filter(pc.equal(profiles["customer_id"], best)).to_pylist()
    if not found or found[0]["orders_count_lifetime"] is None:
        return ""
    known = found[0]
    said = {
        "customer": best,
        "orders": voice.count(known["orders_count_lifetime"]),
        "days": voice.count(known["days_since_last_order"] or 0),
    }
    if known["net_revenue_sum_lifetime"] is None:
        return voice.say("segments.typical", **said)
    return voice.say("segments.typical_money", amount=voice.money_short(known["net_revenue_sum_lifetime"]), **said)
