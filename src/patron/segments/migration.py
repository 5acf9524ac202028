"""Migration: who was in which segment in an earlier run and is in which now, in customers and in money."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.contracts.segment_tables import SEGMENT_MOVES

MONEY = "net_revenue_sum_365d"


@dataclass(frozen=True, slots=True)
class Side:
    """One run's segments: its id, its day, the published table `segments`, and its schemes as people see them.

    `cards` may be empty for a run that an older version made; its segments are then named as in the table.
    """

    run_id: str
    as_of: date
    segments: pa.Table
    cards: Sequence[SchemeCard]

    def of(self, scheme: str) -> pa.Table:
        """Return who is in which segment of one scheme."""
        mine = self.segments.filter(pc.equal(self.segments["scheme"], scheme))
        return mine.select(["customer_id", "segment_key"])

    def named(self, scheme: str) -> dict[str, tuple[str, str]]:
        """Return the English and the Chinese name of each segment key."""
        mine = self.segments.filter(pc.equal(self.segments["scheme"], scheme))
        pairs = mine.group_by(["segment_key", "segment_name"]).aggregate([]).to_pylist()
        names = {pair["segment_key"]: (pair["segment_name"], pair["segment_name"]) for pair in pairs}
        return names | {one.key: (one.name_en, one.name_zh) for one in self._segments(scheme)}

    def standing(self, scheme: str) -> dict[str, float]:
        """Return where each segment stands among its siblings, 0 best, 1 last; NaN: it has none."""
        found = self._segments(scheme)
        if len(found) == 1:
            return {found[0].key: math.nan}
        return {one.key: (position + 0.5) / len(found) for position, one in enumerate(found)}

    def _segments(self, scheme: str) -> list[SegmentCard]:
        cards = [one for card in self.cards if card.key == scheme for one in card.segments]
        return sorted(cards, key=lambda one: one.order)


def flows(before: Side, after: Side, scheme: str, worth: pa.Table) -> pa.Table:
    """Add up the customers of one scheme by the segment they were in and the one they are in now.

    Args:
        before: the earlier run.
        after: the later run.
        scheme: which scheme.
        worth: `customer_id` and amounts as of the later run.

    Returns:
        `from_segment`, `to_segment` (null: no customer in that run), `customers`, and each amount's sum under its own
        name (null: nobody has one); most customers first.
    """
    joined = members(before, after, scheme).join(worth, "customer_id", join_type="left outer")
    amounts = [name for name in worth.column_names if name != "customer_id"]
    wanted = [("customer_id", "count"), *((name, "sum") for name in amounts)]
    grouped = joined.group_by(["from_segment", "to_segment"]).aggregate(wanted)
    names = {"customer_id_count": "customers", **{f"{name}_sum": name for name in amounts}}
    order = [("customers", "descending"), ("from_segment", "ascending"), ("to_segment", "ascending")]
    return grouped.rename_columns(names).sort_by(order)


def members(before: Side, after: Side, scheme: str) -> pa.Table:
    """Return `customer_id`, `from_segment` and `to_segment` of everyone who is a customer in one of two runs."""
    then = before.of(scheme).rename_columns(["customer_id", "from_segment"])
    now = after.of(scheme).rename_columns(["customer_id", "to_segment"])
    return now.join(then, "customer_id", join_type="full outer").sort_by("customer_id")


def migrate(before: Side, after: Side, worth: pa.Table) -> pa.Table:
    """Return the published table `segment_moves`: every scheme that both runs have, in the order of the later cards.

    Args:
        before: the earlier run.
        after: the later run.
        worth: `customer_id` and, for shops with money, `net_revenue_sum_365d` as of the later run.
    """
    there, here = (set(pc.unique(side.segments["scheme"]).to_pylist()) for side in (before, after))
    rows = [row for key in sorted(there & here) for row in _rows(before, after, key, worth)]
    return SEGMENT_MOVES.check(pa.Table.from_pylist(rows, schema=SEGMENT_MOVES.schema))


def move_of(came: str | None, went: str | None, standing: Mapping[str, float]) -> str:
    """Name one move by the standing of the two segments, 0 best.

    A segment of everyone stands nowhere: who goes from it into one of several, or back, has only been grouped anew.

    >>> move_of("lost", "loyal", {"loyal": 0.25, "lost": 0.75}), move_of(None, "loyal", {}), move_of("a", "b", {})
    ('up', 'joined', 'moved')
    >>> move_of("everyone", "loyal", {"everyone": math.nan, "loyal": 0.25})
    'regrouped'
    """
    if came is None or went is None:
        return "joined" if came is None else "left"
    if came == went:
        return "stayed"
    if math.isnan(standing.get(came, 0.0)) or math.isnan(standing.get(went, 0.0)):
        return "regrouped"
    if came not in standing or went not in standing:
        return "moved"
    return "up" if standing[went] < standing[came] else "down"


def standings(before: Side, after: Side, scheme: str) -> dict[str, float]:
    """Return the standing of each segment of either run; the later run's order wins."""
    return before.standing(scheme) | after.standing(scheme)


def _rows(before: Side, after: Side, scheme: str, worth: pa.Table) -> list[dict[str, Any]]:
    order = standings(before, after, scheme)
    then, now = before.named(scheme), after.named(scheme)
    nothing = (None, None)
    return [
        {
            "scheme": scheme,
            "move": move_of(row["from_segment"], row["to_segment"], order),
            "from_segment": row["from_segment"],
            "to_segment": row["to_segment"],
            **dict(zip(("from_name", "from_name_zh"), then.get(row["from_segment"], nothing), strict=True)),
            **dict(zip(("to_name", "to_name_zh"), now.get(row["to_segment"], nothing), strict=True)),
            "customers": row["customers"],
            "net_revenue_365d": row.get(MONEY),
            "before_run_id": before.run_id,
            "before_as_of": before.as_of,
            "as_of": after.as_of,
        }
        for row in flows(before, after, scheme, worth).to_pylist()
    ]
