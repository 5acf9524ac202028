"""What the year before is worth: month by month, the stack's total with and without it, beside what came.

Only dates at which the shop is steady are forecast: at the others nothing is drawn (docs/why/season.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.accuracy.past import past
from benchmarks.accuracy.shops import SEED, home_of, make, opened
from patron import features, forecasts
from patron.engines.duck import DuckEngine
from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.flow.stages import known
from patron.flow.stages.history import History
from patron.forecasts import ForecastModel, ForecastSpec

MODEL, NAIVE = "stack", "naive"
HORIZONS_DAYS = (90, 180)
STEP_DAYS = 30
BEGIN_DAYS = 365 + 10
_SPEC = ForecastSpec(models=(NAIVE, MODEL), bootstrap_draws=20)
_SAID = {"orders": "predicted_number_of_orders", "net_revenue": "predicted_clv"}
_CAME = {"orders": "future_order_count", "net_revenue": "future_net_revenue"}


@dataclass(frozen=True, slots=True)
class Looked:
    """One date: said ÷ came in total, by target; empty where the shop was not steady."""

    horizon_days: int
    as_of: date
    without: dict[str, float]
    drawn: dict[str, float]
    year_before: dict[str, float]  # what it leads to expect ÷ what came


def look(name: str, data: Path) -> dict[str, Any]:
    """Return what was said and came at every date of one shop."""
    home = home_of(name)
    if not (home / "shelf" / "current").exists():
        make(name, data)
    with DuckEngine(threads=2) as engine:
        desk, tiled, history = opened(home, engine)
        found = [asdict(_look(desk, tiled, *when)) for when in _dates(history)]
    return {"model": MODEL, "looked": found}


def _dates(history: History) -> Iterator[tuple[History, int]]:
    for days in HORIZONS_DAYS:
        day = history.first_day + timedelta(days=BEGIN_DAYS)
        while day + timedelta(days=days) <= history.as_of:
            yield History(day, history.first_day), days
            day += timedelta(days=STEP_DAYS)


def _look(desk: Desk, tiled: tuple[Made, Tiles], then: History, days: int) -> Looked:
    told = past(desk, tiled, then, days, desk.plan.features.most_origins)
    expected = told.seasons.get(then.as_of)
    if expected is None or expected.orders is None:
        return Looked(days, then.as_of, {}, {}, {})
    snapshot = known.read(known.snapshot(desk, tiled, then.as_of), "features")
    judged = forecasts.backtest(told.labelled, _SPEC, horizon_days=days, seed=SEED, seasons=told.seasons)
    said = ("net_revenue", "orders", "active")
    champions = (replace(one, model=MODEL) if one.target in said else one for one in judged.champions)
    asked = replace(judged, champions=tuple(champions))
    model = forecasts.fit(told.labelled, snapshot, _SPEC, horizon_days=days, backtest=asked, seed=SEED)
    spine = features.customers_before(tiled[1], then.as_of)
    came = _sums(desk.engine.arrow(features.label(tiled[1], spine, days)), _CAME)
    before = {"orders": expected.orders, "net_revenue": expected.net_revenue}
    return Looked(
        days,
        then.as_of,
        _ratios(_said(replace(model, levels=dict(judged.levels)), snapshot), came),
        _ratios(_said(model, snapshot), came),
        _ratios({name: one * snapshot.num_rows for name, one in before.items() if one is not None}, came),
    )


def _said(model: ForecastModel, snapshot: pa.Table) -> dict[str, float]:
    return _sums(forecasts.apply(replace(model, gates=()), snapshot), _SAID)


def _sums(table: pa.Table, columns: dict[str, str]) -> dict[str, float]:
    there = {target: name for target, name in columns.items() if name in table.column_names}
    return {target: float(pc.sum(table[name]).as_py() or 0.0) for target, name in there.items()}


def _ratios(said: dict[str, float], came: dict[str, float]) -> dict[str, float]:
    return {target: said[target] / came[target] if came[target] else np.nan for target in said if target in came}
