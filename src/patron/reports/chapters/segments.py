"""The segments one by one: who they are, what sets them apart, what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow.compute as pc

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.contracts.catalogue import declared
from patron.reports.blocks import Table, Tile, number, table, words
from patron.reports.changes import waiting
from patron.reports.customers import segment_codes
from patron.reports.numbers import decimal, percent
from patron.reports.playbook import ActionTotals
from patron.reports.reading import Reading, SegmentTotals, card_meaning, card_name, totals
from patron.reports.segment_facts import facts

MOST_TRAITS = 3
TECHNICAL = (
    "btyd_",
    "_log",
    "entropy",
    "variation",
    "gap_days_sum",
    "gap_days_count",
    "price_sum",
    "position_sum",
    "is_",
)
_STEM = re.compile(r"(_(count|sum|mean|std|min|max|first|last|log1p))?(_\d+d|_lifetime)?$")


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """One segment's card."""

    name: str
    colour: str
    meaning: str
    rule: str
    size: str
    figures: tuple[Tile, ...]
    traits: tuple[str, ...]
    facts: tuple[str, ...]
    todo: str


@dataclass(frozen=True, slots=True)
class OtherCut:
    """Another scheme in short; without a table where it puts everyone in one segment."""

    name: str
    meaning: str
    definition: str
    table: Table | None


@dataclass(frozen=True, slots=True)
class Segments:
    """The chapter: one card per segment of the main scheme that has customers, and a table per other scheme.

    `waiting` tells of a change of the learned segments that the Plan has not confirmed, where there is one.
    """

    intro: str
    waiting: str
    definition: str
    cards: tuple[SegmentPage, ...]
    others: tuple[OtherCut, ...]


def segments(reading: Reading, actions: tuple[ActionTotals, ...]) -> Segments:
    """Build the chapter."""
    sums = totals(reading.customers, len(reading.scheme.segments))
    shown = [i for i in range(len(reading.scheme.segments)) if sums.customers[i]]
    return Segments(
        intro=reading.voice.say("segments.intro"),
        waiting=waiting(reading.story.segment_events, reading.voice),
        definition=reading.voice.pick(reading.scheme.definition_en, reading.scheme.definition_zh),
        cards=tuple(_card(reading, sums, position, actions) for position in shown),
        others=tuple(_other(reading, scheme) for scheme in reading.others),
    )


def traits(reading: Reading, scheme: str, segment: SegmentCard, most: int = MOST_TRAITS) -> tuple[str, ...]:
    """Return what sets a segment apart, in words; features that differ only in window or how are told once."""
    profiles = reading.story.segment_profiles
    mine = pc.and_(pc.equal(profiles["scheme"], scheme), pc.equal(profiles["segment_key"], segment.key))
    rows = sorted(profiles.filter(mine).to_pylist(), key=lambda row: (row["rank"] is None, row["rank"], row["feature"]))
    told: dict[str, str] = {}
    for row in rows:
        own, base = row["median"], row["base_median"]
        if row["is_different"] and _is_plain(row["feature"]) and own is not None and base is not None and own != base:
            told.setdefault(_STEM.sub("", row["feature"]), _trait(reading, row))
    return tuple(told.values())[:most]


@cache
def units() -> Mapping[str, str]:
    """Return the unit of every declared feature."""
    return {feature.name: feature.unit for feature in declared()}


def _is_plain(feature: str) -> bool:
    """Whether a feature says something to people; logarithms and model inputs repeat others in a learner's terms."""
    return not any(mark in feature for mark in TECHNICAL)


def _trait(reading: Reading, row: dict[str, object]) -> str:
    voice, name = reading.voice, str(row["feature"])
    card = next((card for card in reading.story.features if card.key == name), None)
    given = (card.label_en if voice.lang == "en" else card.label_zh) if card else ""
    label = voice.feature(name) if voice.has_word_for(name) or not given else given
    known = card.unit if card and card.unit else units().get(name, "")
    unit = "" if name.startswith("days_") else known
    own, base = (voice.measure(float(str(row[name])), unit) for name in ("median", "base_median"))
    return voice.say("segments.trait", label=label[:1].upper() + label[1:], own=own, base=base)


def _card(reading: Reading, sums: SegmentTotals, position: int, actions: tuple[ActionTotals, ...]) -> SegmentPage:
    voice, card = reading.voice, reading.scheme.segments[position]
    what = voice.say("worth.money" if reading.has_money else "worth.orders")
    figures = [
        Tile(voice.say("column.worth_share", what=what), percent(sums.worth_share[position])),
        Tile(voice.say("segments.worth_each"), _each(reading, sums, position)),
    ]
    if reading.customers.has_forecast:
        amount = sums.expected[position] / sums.customers[position]
        figures.append(Tile(voice.say("segments.expected_each"), voice.money_short(amount)))
    size = voice.say(
        "segments.size",
        who=voice.customers(sums.customers[position]),
        share=percent(sums.customer_share[position]),
    )
    return SegmentPage(
        name=card_name(card, voice),
        colour=card.colour,
        meaning=card_meaning(card, voice),
        rule=voice.pick(card.rule_en, card.rule_zh),
        size=size,
        figures=tuple(figures),
        traits=traits(reading, reading.scheme.key, card),
        facts=facts(reading, reading.scheme.key, card),
        todo=_todo(reading, position, actions),
    )


def _each(reading: Reading, sums: SegmentTotals, position: int) -> str:
    each = float(sums.worth[position] / sums.customers[position])
    return reading.voice.money_short(each) if reading.has_money else decimal(each, 1)


def _todo(reading: Reading, position: int, actions: tuple[ActionTotals, ...]) -> str:
    voice = reading.voice
    here = [(int(one.segments[position]), one) for one in actions if one.segments[position]]
    if not here:
        return voice.say("segments.nothing")
    count, most = max(here, key=lambda pair: pair[0])
    key = "segments.todo" if most.offer else "segments.todo_plain"
    who = voice.customers(count)
    return voice.say(key, title=most.title, who=who, channel=most.channel, offer=most.offer)


def _other(reading: Reading, scheme: SchemeCard) -> OtherCut:
    voice, customers = reading.voice, reading.customers
    code = segment_codes(reading.story, scheme, customers.ids)
    known = code >= 0
    size = np.bincount(code[known], minlength=len(scheme.segments))
    held = np.bincount(code[known], weights=customers.worth[known], minlength=size.size)
    total = float(customers.worth.sum())
    has_rules = any(card.rule_en for card in scheme.segments)
    rows = [
        [
            words(card_name(card, voice), card.colour),
            number(voice.count(size[i])),
            number(percent(size[i] / customers.n)),
            number(percent(held[i] / total if total > 0 else 0.0)),
            *([words(voice.pick(card.rule_en, card.rule_zh))] if has_rules else []),
            words(voice.say("list.semicolon").join(traits(reading, scheme.key, card, most=2))),
        ]
        for i, card in enumerate(scheme.segments)
        if size[i]
    ]
    what = voice.say("worth.money" if reading.has_money else "worth.orders")
    keys = ("segment", "customers", "share", "worth_share", *(["rule"] if has_rules else []), "traits")
    name = card_name(scheme, voice)
    head = [voice.say(f"column.{key}", what=what) for key in keys]
    definition = voice.pick(scheme.definition_en, scheme.definition_zh)
    shown = table(f"scheme-{scheme.key}", name, head, rows) if len(scheme.segments) > 1 else None
    return OtherCut(name, card_meaning(scheme, voice), definition, shown)
