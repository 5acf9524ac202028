"""This run's segments beside those of the run before it: who moved, in customers and in money."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from patron import segments
from patron.contracts.segment_tables import SEGMENT_MOVES
from patron.flow.desk import Desk, Made
from patron.flow.stages import finished_runs, known, succession
from patron.flow.stages.finished_runs import FinishedRun
from patron.flow.stages.segments import cards
from patron.segments import Side

_MONEY = "net_revenue_sum_365d"
_PLACES = ("customer_id", "segment_key", "segment_name", "scheme")


def make(desk: Desk, snapshot: Made, segmented: Made, as_of: date) -> Made:
    """Count who moved since the newest finished run as of an earlier day; nobody where there is none."""
    before = next((run for run in reversed(finished_runs.up_to(desk, as_of)) if run.as_of < as_of), None)

    def fill(folder: Path) -> int:
        moves = SEGMENT_MOVES.empty() if before is None else _moves(before, snapshot, segmented, as_of)
        pq.write_table(moves, folder / "segment_moves.parquet")
        return int(moves.num_rows)

    inputs = (snapshot.key, segmented.key, before.id if before else "")
    return desk.stage("stages/migration", ("segments",), inputs, fill)


def _moves(before: FinishedRun, snapshot: Made, segmented: Made, as_of: date) -> pa.Table:
    there = known.columns_of(snapshot, "features")
    worth = known.read(snapshot, "features", ["customer_id", *([_MONEY] if _MONEY in there else [])])
    then = pq.read_table(before.tables / "segments.parquet", columns=list(_PLACES))
    now = pq.read_table(segmented.folder / "segments.parquet", columns=list(_PLACES))
    return segments.migrate(
        Side(before.id, before.as_of, then, succession.cards_of(before)),
        Side("", as_of, now, cards(segmented)),
        worth,
    )
