"""What intervals covered, rolled over past dates: at each date they come from earlier windows, and later customers judge.

For every shop and horizon, all origins that the history allows are tried, more than a run would judge on. The forecast
is one contender's, the stack's unless another is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.past import past
from benchmarks.accuracy.shops import home_of, make, opened
from patron.engines.duck import DuckEngine
from patron.forecasts.contenders import NAIVE
from patron.forecasts.intervals import measure_coverage
from patron.forecasts.rows import draw, read_rows
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import run_trials
from patron.ground.dates import origins

MODEL = "stack"
SEED = 7
HORIZONS_DAYS = (30, 90, 180)
MOST_ORIGINS = 12
MOST_CUSTOMERS = 5_000  # drawn per origin, spread over purchase counts


@dataclass(frozen=True, slots=True)
class Covered:
    """One origin: shares of customers inside their interval, and the shares that were promised."""

    horizon_days: int
    origin: date
    level: float
    quarter: int | None  # of the forecast, 1 = lowest; None: everyone
    value: float
    promised: float
    log_effect: float  # ln(actual total ÷ said total) of the window


def cover(name: str, data: Path) -> dict[str, Any]:
    """Return the coverage at every origin of one shop."""
    home = home_of(name)
    if not (home / "shelf" / "current").exists():
        make(name, data)
    found = [one for days in HORIZONS_DAYS for one in _rolled(home, days)]
    return {"model": MODEL, "most_customers": MOST_CUSTOMERS, "covered": [asdict(one) for one in found]}


def _rolled(home: Path, days: int) -> Iterator[Covered]:
    spec = ForecastSpec(models=(NAIVE, MODEL), most_customers=MOST_CUSTOMERS)
    with DuckEngine(threads=2) as engine:
        desk, tiled, history = opened(home, engine)
        if len(origins(history.as_of, history.first_day, days, MOST_ORIGINS)) < 2:
            return
        told = past(desk, tiled, history, days, MOST_ORIGINS)
    drawn = draw(told.labelled, spec.most_customers, SEED)
    rows = read_rows(drawn, where="coverage", labelled=True, window_days=days)
    trials, _ = run_trials(rows.where(rows.has_history), spec, days, told.seasons, SEED)
    for i in range(1, len(trials)):
        said = trials[i].said.get(MODEL)
        earlier = [trial for trial in trials[:i] if MODEL in trial.said]
        if said is None or said.net_revenue is None or not earlier:
            continue
        came = float(np.nansum(trials[i].rows.future_revenue))
        effect = float(np.log(came / said.net_revenue.sum())) if came > 0 else float("nan")
        for one in measure_coverage([*earlier, trials[i]], MODEL, spec, SEED):
            yield Covered(days, trials[i].origin, one.level, one.tier, one.value, one.promised, effect)
