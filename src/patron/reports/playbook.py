"""What the decisions come to, per action: people, cost and expected money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.reports.customers import IntArray, codes
from patron.reports.reading import Reading

NO_ACTION = "none"
NO_CONTACT = "no_contact"


@dataclass(frozen=True, slots=True)
class ActionTotals:
    """One action: who gets it, who is held out, what it costs and what it is expected to bring after cost.

    `segments` counts the treated customers per segment of the main scheme; amounts are NaN where unknown;
    `contacts` is False for an action that leaves people alone.
    """

    key: str
    title: str
    offer: str
    channel: str
    owner: str
    treated: int
    held_out: int
    cost: float
    margin: float
    measure_until: date | None
    segments: IntArray
    contacts: bool = True


def action_totals(reading: Reading) -> tuple[ActionTotals, ...]:
    """Add up the decisions, the action with most expected money first (most customers first where money is unknown).

    Those that leave people alone come last.
    """
    decisions = reading.story.decisions
    acted = _with_segment(reading, decisions.filter(pc.not_equal(decisions["action"], NO_ACTION)))
    keys = sorted(pc.unique(acted["action"]).to_pylist())
    found = [_one(reading, key, acted.filter(pc.equal(acted["action"], key))) for key in keys]
    return tuple(sorted(found, key=lambda one: (not one.contacts, -np.nan_to_num(one.margin), -one.treated, one.key)))


def _one(reading: Reading, key: str, rows: pa.Table) -> ActionTotals:
    treated = rows.filter(pc.equal(rows["arm"], "treatment"))
    card = next((card for card in reading.story.actions if card.key == key), None)
    voice, channel = reading.voice, (card.channel if card else "") or _first(rows["channel"])
    return ActionTotals(
        key=key,
        title=voice.pick(card.title_en, card.title_zh) if card else voice.name("action", key),
        offer=voice.pick(card.offer_en, card.offer_zh) if card else _first(rows["offer"]),
        channel=voice.name("channel", channel),
        owner=(card.owner if card else "") or _first(rows["owner"]),
        treated=treated.num_rows,
        held_out=rows.num_rows - treated.num_rows,
        cost=_sum(treated["cost"]),
        margin=_sum(treated["expected_margin"]),
        measure_until=pc.max(rows["measure_until"]).as_py(),
        segments=_per_segment(reading, treated),
        contacts=channel != NO_CONTACT,
    )


def _with_segment(reading: Reading, rows: pa.Table) -> pa.Table:
    """Add each customer's position among the main scheme's segments; -1 for a customer without one."""
    at = codes(rows["customer_id"], reading.customers.ids)
    return rows.append_column("segment", pa.array(np.where(at >= 0, reading.customers.segment[at], -1)))


def _per_segment(reading: Reading, rows: pa.Table) -> IntArray:
    code = rows["segment"].to_numpy()
    return np.bincount(code[code >= 0], minlength=len(reading.scheme.segments))


def _first(column: pa.ChunkedArray) -> str:
    present = column.drop_null()
    return str(present[0].as_py()) if len(present) else ""


def _sum(column: pa.ChunkedArray) -> float:
    total = pc.sum(column).as_py()
    return float("nan") if total is None else float(total)
