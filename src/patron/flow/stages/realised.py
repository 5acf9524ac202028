"""Earlier forecasts that have come due: what they said, and what happened since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import features, forecasts
from patron.contracts.published import QUALITY, REALISED
from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.flow.stages.forecasts import History, horizons
from patron.forecasts import Due


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A finished run of this shop, as of its day or an earlier one."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def as_of(self) -> date:
        return date.fromisoformat(self.manifest["as_of"])

    @property
    def horizons_days(self) -> tuple[int, ...]:
        said = pq.read_table(self.folder / "tables" / "forecasts.parquet", columns=["horizon_days"])["horizon_days"]
        return tuple(sorted(pc.unique(said).to_pylist()))


def make(desk: Desk, tiled: tuple[Made, Tiles], history: History) -> Made:
    """Compare, per horizon, the newest earlier forecast that has come due; where none has, say when ours will."""
    made, tiles = tiled
    due = _newest_due(_earlier(desk, history), history)
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


def _earlier(desk: Desk, history: History) -> list[_Earlier]:
    """Return the finished runs up to this day whose amounts are in the same currency, the oldest as_of first."""
    folders = [desk.shelf.root / "runs" / name for name in desk.shelf.run_ids()]
    runs = [_Earlier(path, json.loads((path / "manifest.json").read_text(encoding="utf-8"))) for path in folders]
    mine = desk.plan.records.currency
    alike = [run for run in runs if run.manifest["plan"]["records"].get("currency") == mine]
    return sorted((run for run in alike if run.as_of <= history.as_of), key=lambda run: run.as_of)


def _newest_due(earlier: list[_Earlier], history: History) -> dict[int, _Earlier]:
    found: dict[int, _Earlier] = {}
    for run in earlier:
        for days in run.horizons_days:
            if run.as_of + timedelta(days=days) <= history.as_of:
                found[days] = run
    return dict(sorted(found.items()))


def _first_due(desk: Desk, history: History) -> date | None:
    """Return the day on which this run's first forecast comes due; None: nothing is forecast.

    Not that of other runs on the shelf: where nothing is compared, they must not change a run.
    """
    own = horizons(desk.plan.forecasts.horizons_days, history)
    return history.as_of + timedelta(days=min(own)) if own else None


def _compared(desk: Desk, tiles: Tiles, run: _Earlier, days: int) -> tuple[pa.Table, pa.Table]:
    tables = run.folder / "tables"
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
