"""The schemes and their segments as a published table, for whoever joins on a segment's key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from patron.contracts.cards import SchemeCard, export_name
from patron.contracts.segment_tables import SEGMENT_DEFINITIONS


def build_definitions(cards: Sequence[SchemeCard], as_of: date) -> pa.Table:
    """Return the published table `segment_definitions`: every segment of every scheme, in their order."""
    rows = [
        {
            "scheme": card.key,
            "scheme_name": card.name_en,
            "scheme_name_zh": card.name_zh,
            "segment_key": segment.key,
            "segment_name": segment.name_en,
            "segment_name_zh": segment.name_zh,
            "position": position,
            "export_name": export_name(card.key, segment),
            "colour": segment.colour,
            "meaning": segment.meaning_en,
            "meaning_zh": segment.meaning_zh,
            "rule": segment.rule_en or None,
            "rule_zh": segment.rule_zh or None,
            "as_of": as_of,
        }
        for card in cards
        for position, segment in enumerate(card.segments, start=1)
    ]
    return SEGMENT_DEFINITIONS.check(pa.Table.from_pylist(rows, schema=SEGMENT_DEFINITIONS.schema))
