"""Cards: how segments, features and actions are named and explained to people, in English and in Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SegmentCard:
    """One segment of a scheme.

    Args:
        key: the `segment_key` of the published segments.
        name_en, name_zh: what people call it.
        meaning_en, meaning_zh: one sentence on who is in it.
        colour: "#rrggbb"; empty: the report chooses.
        order: position among its siblings, best first.
        rule_en, rule_zh: who is in it by the scheme's rule, such as "R5 · FM4–5", or by the rules that imitate a cut.
    """

    key: str
    name_en: str
    name_zh: str
    meaning_en: str
    meaning_zh: str
    colour: str
    order: int
    rule_en: str = ""
    rule_zh: str = ""


@dataclass(frozen=True, slots=True)
class SchemeCard:
    """One way to cut the customer base.

    Args:
        key: the `scheme` of the published segments, such as "classic11-1".
        name_en, name_zh: what people call it.
        meaning_en, meaning_zh: what it is.
        segments: best first.
        definition_en, definition_zh: its version, and the shop's own cuts that it was read with.
    """

    key: str
    name_en: str
    name_zh: str
    meaning_en: str
    meaning_zh: str
    segments: tuple[SegmentCard, ...]
    definition_en: str = ""
    definition_zh: str = ""


def export_name(scheme: str, segment: SegmentCard) -> str:
    """Return a segment's name for files that leave the house: nobody who sees it learns that a customer counts as lost.

    Args:
        scheme: the scheme's key.
        segment: one of its segments. A learned one is numbered by its key, which it keeps over the runs; others by
            their place in the scheme, which a version of it never changes.

    >>> from dataclasses import replace
    >>> lost = SegmentCard("lost", "Lost", "流失", "", "", "", 10)
    >>> export_name("classic11-1", lost), export_name("learned", replace(lost, key="group_3"))
    ('classic11-1-11', 'learned-03')
    """
    numbered = segment.key.removeprefix("group_")
    number = int(numbered) if numbered.isdigit() else segment.order + 1
    return f"{scheme}-{number:02d}"


@dataclass(frozen=True, slots=True)
class ActionCard:
    """One action of the playbook; `cost` is per contacted customer in the shop's currency, None when unknown."""

    key: str
    title_en: str
    title_zh: str
    channel: str
    offer_en: str
    offer_zh: str
    cost: float | None
    owner: str


@dataclass(frozen=True, slots=True)
class Caveat:
    """One thing that a run's data cannot support, as one sentence in each language."""

    text_en: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class HeavyOrders:
    """A handful of orders far beyond the shop's usual amounts that hold `share` (0-1) of all revenue.

    `rows` are the (file, row number) they came from, where that is known.
    """

    orders: int
    share: float
    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FeatureCard:
    """One feature in words; a label may be empty where the report knows a word of its own.

    `unit` is "days", "money", "share", "count" or empty.
    """

    key: str
    label_en: str
    label_zh: str
    unit: str = ""
