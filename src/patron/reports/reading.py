"""One reading of the input: customers as arrays, the schemes in use, and the voice that tells about them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow.compute as pc

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.reports.customers import BoolArray, Customers, FloatArray, read_customers
from patron.reports.inputs import ReportInput
from patron.reports.voice import Voice

# Okabe and Ito's colours, and two blends of them that stay apart for colour-blind readers.
PALETTE = (
    "#0072b2",
    "#009e73",
    "#56b4e9",
    "#e69f00",
    "#cc79a7",
    "#d55e00",
    "#7f6bb3",
    "#8c8c1f",
    "#a65e5e",
    "#5f7f8c",
    "#8c8c8c",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What every chapter is built from."""

    story: ReportInput
    customers: Customers
    scheme: SchemeCard
    others: tuple[SchemeCard, ...]
    voice: Voice

    @property
    def has_money(self) -> bool:
        """Whether the shop's data tells revenue."""
        return self.customers.has_money

    def worth(self, value: float) -> str:
        """Write what customers are weighed by: money, or orders where there is no money."""
        return self.voice.money(value) if self.has_money else self.voice.counted("order", value)

    def segment_name(self, position: int) -> str:
        """Return the name of the main scheme's segment at that position."""
        return card_name(self.scheme.segments[position], self.voice) if position >= 0 else "–"


@dataclass(frozen=True, slots=True)
class SegmentTotals:
    """Per segment of the main scheme, arrays of shape (n_segments,)."""

    customers: FloatArray
    worth: FloatArray
    expected: FloatArray
    days_since_last: FloatArray
    orders: FloatArray

    @property
    def customer_share(self) -> FloatArray:
        """Share of all customers."""
        return self.customers / max(float(self.customers.sum()), 1.0)

    @property
    def worth_share(self) -> FloatArray:
        """Share of all revenue (or orders); zero where the total is not above zero."""
        total = float(self.worth.sum())
        return self.worth / total if total > 0 else np.zeros_like(self.worth)


def read(story: ReportInput, voice: Voice) -> Reading:
    """Read the input once: choose the main scheme and line every table up with the customers."""
    schemes = _schemes_in_use(story)
    return Reading(story, read_customers(story, schemes[0]), schemes[0], schemes[1:], voice)


def totals(customers: Customers, n_segments: int, among: BoolArray | None = None) -> SegmentTotals:
    """Add up each segment of the main scheme, over all customers or some of them."""
    chosen = (customers.segment >= 0) & (True if among is None else among)
    code = customers.segment[chosen]

    def added(values: FloatArray) -> FloatArray:
        return np.bincount(code, weights=np.nan_to_num(values[chosen]), minlength=n_segments).astype(np.float64)

    return SegmentTotals(
        customers=np.bincount(code, minlength=n_segments).astype(np.float64),
        worth=added(customers.worth),
        expected=added(customers.expected),
        days_since_last=medians(customers.days_since_last[chosen], code, n_segments),
        orders=medians(customers.orders[chosen], code, n_segments),
    )


def medians(values: FloatArray, code: np.ndarray[tuple[int], np.dtype[np.int64]], n_groups: int) -> FloatArray:
    """Return the median of each group; NaN for a group without values."""
    result = np.full(n_groups, np.nan)
    for group in range(n_groups):
        of_group = values[(code == group) & np.isfinite(values)]
        if of_group.size:
            result[group] = np.median(of_group)
    return result


def card_name(card: SegmentCard | SchemeCard, voice: Voice) -> str:
    """Return a card's name in the report's language."""
    return voice.pick(card.name_en, card.name_zh)


def card_meaning(card: SegmentCard | SchemeCard, voice: Voice) -> str:
    """Return a card's explanation in the report's language."""
    return voice.pick(card.meaning_en, card.meaning_zh)


def _schemes_in_use(story: ReportInput) -> tuple[SchemeCard, ...]:
    present = [key for key in pc.unique(story.segments["scheme"]).to_pylist() if key]
    known = [card for card in story.schemes if card.key in present]
    unnamed = sorted(set(present) - {card.key for card in known})
    cards = [*known, *(SchemeCard(key, key, key, "", "", ()) for key in unnamed)]
    if not cards:
        return (SchemeCard("", "", "", "", "", ()),)
    return tuple(_completed(card, story) for card in cards)


def _completed(scheme: SchemeCard, story: ReportInput) -> SchemeCard:
    """Add a card for every segment that the table has and the scheme does not name, and a colour where one lacks."""
    rows = story.segments.filter(pc.equal(story.segments["scheme"], scheme.key))
    named = {card.key for card in scheme.segments}
    pairs = rows.group_by(["segment_key", "segment_name"]).aggregate([]).to_pylist()
    extra = [
        SegmentCard(pair["segment_key"], pair["segment_name"], _chinese(story, scheme.key, pair), "", "", "", 1000)
        for pair in sorted(pairs, key=lambda pair: str(pair["segment_key"]))
        if pair["segment_key"] not in named
    ]
    cards = sorted([*scheme.segments, *extra], key=lambda card: card.order)
    coloured = [replace(card, colour=card.colour or PALETTE[i % len(PALETTE)]) for i, card in enumerate(cards)]
    return replace(scheme, segments=tuple(coloured))


def _chinese(story: ReportInput, scheme: str, pair: dict[str, str]) -> str:
    profiles = story.segment_profiles
    same = pc.and_(pc.equal(profiles["scheme"], scheme), pc.equal(profiles["segment_key"], pair["segment_key"]))
    names = profiles.filter(same)["segment_name_zh"].to_pylist()
    return str(names[0]) if names else pair["segment_name"]
