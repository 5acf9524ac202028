"""Earlier forecasts that have come due: what they said, and what happened since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import features, forecasts
from patron.contracts.published import QUALITY, REALISED
from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.flow.stages import finished_runs
from patron.flow.stages.finished_runs import FinishedRun
from patron.flow.stages.history import History, horizons
from patron.forecasts import Due


def _horizons_of(run: FinishedRun) -> tuple[int, ...]:
    said = pq.read_table(run.tables / "forecasts.parquet", columns=["horizon_days"])["horizon_days"]
    return tuple(sorted(pc.unique(said).to_pylist()))


def make(desk: Desk, tiled: tuple[Made, Tiles], history: History) -> Made:
    """Compare, per horizon, the newest earlier forecast that has come due; where none has, say when ours will."""
    made, tiles = tiled
    due = _newest_due(finished_runs.up_to(desk, history.as_of), history)
    first = None if due else _first_due(desk, history)

    def fill(folder: Path) -> int:
        found = [_compared(desk, tiles, run, days) for days, run in due.items()]
        quality = [part for _, part in found] if due else [forecasts.nothing_due(first)] if first else []
        table = pa.concat_tables([REALISED.empty(), *(part for part, _ in found)])
        pq.write_table(table, folder / "realised.parquet")
        pq.write_table(pa.concat_tables([QUALITY.empty(), *quality]), folder / "quality.parquet")
        return int(table.num_rows)

    compared = {str(days): run.folder.name for days, run in due.items()}
    inputs = (made.key, str(history.as_of), compared, str(first), desk.plan.seed)
    return desk.stage("stages/realised", ("forecasts", "features"), inputs, fill)


def _newest_due(earlier: Sequence[FinishedRun], history: History) -> dict[int, FinishedRun]:
    found: dict[int, FinishedRun] = {}
    for run in earlier:
        for days in _horizons_of(run):
            if run.as_of + timedelta(days=days) <= history.as_of:
                found[days] = run
    return dict(sorted(found.items()))


def _first_due(desk: Desk, history: History) -> date | None:
    """Return the day on which this run's first forecast comes due; None: nothing is forecast.

    Not that of other runs on the shelf: where nothing is compared, they must not change a run.
    """
    own = horizons(desk.plan.forecasts.horizons_days, history)
    return history.as_of + timedelta(days=min(own)) if own else None


def _compared(desk: Desk, tiles: Tiles, run: FinishedRun, days: int) -> tuple[pa.Table, pa.Table]:
    tables = run.tables
    said = pq.read_table(tables / "forecasts.parquet")
    mine = said.filter(pc.equal(said["horizon_days"], days))
    spine = desk.engine.table(mine.select(["customer_id", "as_of"]))
    happened = desk.engine.arrow(features.label(tiles, spine, days)).drop_columns(["as_of"])
    happened = happened.join(_past_orders(desk, tiles, spine, days), "customer_id")
    due = Due(
        run_id=run.folder.name,
        origin=run.as_of,
        horizon_days=days,
        first_day=date.fromisoformat(run.manifest["first_day"]),
        quality=pq.read_table(tables / "quality.parquet"),
        calibration=pq.read_table(tables / "calibration.parquet"),
    )
    joined = mine.join(happened, "customer_id").sort_by("customer_id")
    return forecasts.realised(due, joined, seed=desk.plan.seed)


def _past_orders(desk: Desk, tiles: Tiles, spine: ir.Table, days: int) -> pa.Table:
    """Return the order days of the window before the forecast: who was active, and could churn."""
    before = spine.mutate(as_of=spine.as_of - ibis.interval(days=days))
    said = desk.engine.arrow(features.label(tiles, before, days).select("customer_id", "future_order_count"))
    return said.rename_columns(["customer_id", "past_order_count"])
