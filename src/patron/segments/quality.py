"""The judgement of segments: how the learned cut was chosen, and how even every scheme is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from patron.contracts.published import QUALITY
from patron.segments.fitted import SegmentModel
from patron.segments.judgement import Judgement
from patron.segments.schemes import GridScheme

_NEARLY_EVERYONE = 0.8


def evaluate(model: SegmentModel, segments: pa.Table) -> pa.Table:
    """Return the judgements as rows of the `quality` table.

    Args:
        model: fitted; it remembers every candidate K, every vote and every threshold.
        segments: what `apply` made; each scheme is judged by its largest segment's share of all customers, and where
            customers go by their own rhythm, those whom it has moved are counted.
    """
    rows = [_row(it) for it in (*model.judgements, *_evenness(segments), *_moved(model, segments))]
    return QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema))


def _evenness(segments: pa.Table) -> list[Judgement]:
    counted = segments.group_by(["scheme", "segment_key"]).aggregate([("customer_id", "count")])
    found = []
    for scheme in sorted(pc.unique(counted["scheme"]).to_pylist()):
        sizes = counted.filter(pc.equal(counted["scheme"], scheme))["customer_id_count"].to_pylist()
        share = max(sizes) / sum(sizes)
        word = (
            "poor: nearly everyone is in one segment"
            if share > _NEARLY_EVERYONE
            else "good: no segment holds nearly everyone"
        )
        found.append(Judgement("largest_share_of_all", scheme, share, word))
        found.append(Judgement("segments_in_use", scheme, float(len(sizes)), "info: segments with customers"))
    return found


def _moved(model: SegmentModel, segments: pa.Table) -> list[Judgement]:
    if not model.rules.personal_cadence:
        return []
    moved = segments.filter(pc.is_valid(segments["placed_because"]))
    found = []
    for scheme in model.rules.schemes:
        if isinstance(scheme, GridScheme) and scheme.at_risk is not None:
            mine = moved.filter(pc.equal(moved["scheme"], scheme.card.key))
            late = int(pc.sum(pc.equal(mine["segment_key"], scheme.card.segments[scheme.at_risk].key)).as_py() or 0)
            told = "info: customers of three or more orders, by twice their usual gap"
            found.append(Judgement("moved_to_at_risk_by_own_rhythm", scheme.card.key, float(late), told))
            told = "info: customers of three or more orders, silent within their usual gap"
            found.append(Judgement("kept_by_own_rhythm", scheme.card.key, float(mine.num_rows - late), told))
    return found


def _row(it: Judgement) -> Mapping[str, Any]:
    return {
        "room": "segments",
        "measure": it.measure,
        "slice": it.slice,
        "value": None if it.value is None else float(it.value),
        "lower": it.lower,
        "upper": it.upper,
        "baseline": it.baseline,
        "verdict": it.verdict,
        "reason": it.reason,
    }
