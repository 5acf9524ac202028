"""Rule schemes of one snapshot: thresholds and ladders learned once, everyone placed by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from patron.segments import definitions, placements, rules, schemes, scores
from patron.segments.definitions import Ladders
from patron.segments.methods.lifecycle import LifecycleDays, OrderTimes, lifecycle_stages
from patron.segments.methods.value_tiers import CumulativeValueTiers, PercentileValueTiers
from patron.segments.rows import FloatArray, Rows, read_rows
from patron.segments.rules import Rules
from patron.segments.schemes import Scheme
from patron.segments.scores import IntArray
from patron.segments.spec import SegmentSpec

GapDays = tuple[float, float, float]

_FALLBACK_GAPS = (60.0, 120.0)  # days; only for shops where nobody has ordered twice, and said so in the quality table


@dataclass(frozen=True, slots=True)
class Placed:
    """Customers by rule: one table per scheme, and the columns that are the same in all of them."""

    tables: tuple[pa.Table, ...]
    common: dict[str, Any]


def learn(
    rows: Rows, spec: SegmentSpec, gap_days: GapDays | None, own_schemes: Sequence[Scheme]
) -> tuple[Rules, Ladders]:
    """Learn the thresholds of the schemes that the spec names, of the shop's own, and of the ladders."""
    chosen = (*(schemes.read(name) for name in dict.fromkeys(spec.rules.schemes)), *own_schemes)
    return rules.learn_rules(rows, spec, chosen), _ladders(rows, spec, gap_days)


def place(learned: Rules, ladders: Ladders, rows: Rows) -> Placed:
    """Place customers in every rule scheme."""
    found = scores.score(learned.published, rows)
    steps = _positions(ladders, rows)
    common = placements.columns_of_all(rows, found, steps["lifecycle"], steps["value_tiers"])
    parts = []
    for placed in rules.assign(learned, rows, found, steps):
        card = definitions.card_of(placed.scheme, learned, ladders)
        reasons = placements.because(rows, placed.moved) if placed.moved.any() else {}
        parts.append(placements.table(card, placed.positions, common | reasons))
    return Placed(tuple(parts), common)


def place_by_rules(
    known_then: pa.Table,
    known_later: Sequence[pa.Table],
    spec: SegmentSpec,
    *,
    gap_days: GapDays | None = None,
    own_schemes: Sequence[Scheme] = (),
) -> tuple[pa.Table, ...]:
    """Place customers of several days by the thresholds of one day.

    Args:
        known_then: the customers that thresholds are learned from, as for `fit`.
        known_later: tables of those to place.
        spec: as for `fit`.
        gap_days: as for `fit`.
        own_schemes: as for `fit`.

    Returns:
        For each of `known_later` the rows of the published table `segments` in every rule scheme.

    Raises:
        MissingColumns, EmptyInput, InputError: a table is not such a table.
    """
    learned, ladders = learn(read_rows(known_then, "segments.place_by_rules"), spec, gap_days, own_schemes)
    later = (read_rows(table, "segments.place_by_rules") for table in known_later)
    return tuple(pa.concat_tables(place(learned, ladders, rows).tables) for rows in later)


def _ladders(rows: Rows, spec: SegmentSpec, gap_days: tuple[float, float, float] | None) -> Ladders:
    by = "predicted_clv" if spec.tier_by == "predicted_clv" and rows.predicted is not None else "net_revenue"
    by = "orders" if by == "net_revenue" and rows.money is None else by
    worth = _worth(rows, by)[:, None]
    edges = [way().fit(worth).edges_[0] for way in (CumulativeValueTiers, PercentileValueTiers)]
    by_value, by_rank = (tuple(float(edge) for edge in each) for each in edges)
    return Ladders(_lifecycle_days(spec, gap_days), by, by_value, by_rank)


def _lifecycle_days(spec: SegmentSpec, gap_days: tuple[float, float, float] | None) -> LifecycleDays:
    if spec.lifecycle_days is not None:
        return LifecycleDays(*spec.lifecycle_days)
    return LifecycleDays.from_gaps(*(_FALLBACK_GAPS if gap_days is None else gap_days[1:]))


def _positions(ladders: Ladders, rows: Rows) -> dict[str, IntArray]:
    times = OrderTimes(rows.days_since_last, rows.days_since_first, rows.order_count, rows.last_gap_days)
    worth = np.nan_to_num(_worth(rows, ladders.tier_by))[:, None]
    return {
        "lifecycle": lifecycle_stages(times, ladders.lifecycle),
        "value_tiers": (worth < np.asarray(ladders.tier_edges)).sum(axis=1),
        "value_percentiles": (worth < np.asarray(ladders.percentile_edges)).sum(axis=1),
    }


def _worth(rows: Rows, by: str) -> FloatArray:
    found = {"predicted_clv": rows.predicted, "net_revenue": rows.money, "orders": rows.order_count}[by]
    return np.zeros(rows.n) if found is None else found
