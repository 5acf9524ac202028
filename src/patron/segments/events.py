"""What became of every learned segment, as rows: same, split, merged, born, died."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from patron.contracts.cards import SchemeCard
from patron.contracts.segment_tables import SEGMENT_EVENTS
from patron.segments.changes import Change
from patron.segments.methods.matching import Matching


@dataclass(frozen=True, slots=True)
class Told:
    """What the rows say beside the numbers: both cuts' names, the run before, the change and whether it waits."""

    old: SchemeCard
    new: SchemeCard
    before_run_id: str
    as_of: date
    change: Change
    is_held: bool


def event_rows(found: Matching, told: Told) -> pa.Table:
    """Return the published table `segment_events`, in the order of the old segments, births last."""
    rows = [_row(found, told, *one) for one in _events(found)]
    return SEGMENT_EVENTS.check(pa.Table.from_pylist(rows, schema=SEGMENT_EVENTS.schema))


def _events(found: Matching) -> Iterator[tuple[str, int | None, int | None]]:
    for i in range(found.counts.shape[0]):
        if found.same[i] >= 0:
            yield "same", i, int(found.same[i])
        yield from (("split", i, j) for j in found.splits.get(i, ()))
        yield from (("merged", i, j) for j, parts in found.merges.items() if i in parts)
        if i in found.died:
            yield "died", i, None
    yield from (("born", None, j) for j in found.born)


def _row(found: Matching, told: Told, event: str, i: int | None, j: int | None) -> dict[str, Any]:
    old = None if i is None else told.old.segments[i]
    new = None if j is None else told.new.segments[j]
    return {
        "scheme": told.new.key,
        "event": event,
        "from_segment": old and old.key,
        "from_name": old and old.name_en,
        "from_name_zh": old and old.name_zh,
        "to_segment": new and new.key,
        "to_name": new and new.name_en,
        "to_name_zh": new and new.name_zh,
        **_numbers(found, i, j),
        "is_published": not told.is_held,
        "to_confirm": told.change.confirmable if told.is_held else None,
        "change": told.change.en or None,
        "change_zh": told.change.zh or None,
        "before_run_id": told.before_run_id,
        "as_of": told.as_of,
    }


def _numbers(found: Matching, i: int | None, j: int | None) -> dict[str, float | int | None]:
    n_i = 0 if i is None else int(found.counts[i].sum())
    n_j = 0 if j is None else int(found.counts[:, j].sum())
    if i is None or j is None:
        return {"customers": n_i + n_j}
    both, distance = int(found.counts[i, j]), float(found.distance[i, j])
    return {
        "customers": both,
        "share_of_from": both / n_i if n_i else None,
        "share_of_to": both / n_j if n_j else None,
        "jaccard": float(found.jaccard[i, j]),
        "centre_distance": distance if np.isfinite(distance) else None,
    }
