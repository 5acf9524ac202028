"""Every metric of every champion on real shops, beside the naive formula's: is any worse?

Each shop is made and run as anyone would: `patron init` and `patron run`, both of which must succeed. What the run says
of itself in `quality` is read. Where a metric is worse than the naive formula's, the same backtest is made again from the
windows on the shop's shelf, and customers are drawn, the same for both, to tell luck from a lasting difference.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import patron
from benchmarks.accuracy.metrics import EVERY, Metric
from benchmarks.accuracy.past import past
from benchmarks.worlds import WORLDS
from patron import features, flow, forecasts, measures
from patron.contracts.protocols import Silent
from patron.engines.duck import DuckEngine
from patron.engines.shelf import Shelf
from patron.flow.desk import Desk, Made
from patron.flow.stages.history import History
from patron.forecasts import Backtest
from patron.forecasts.judgement import outcome
from patron.ground.dates import stopwatch

SHOPS: Mapping[str, str] = {
    "cdnow_sample": "cdnow/sample.parquet",
    "cdnow_master": "cdnow/master.parquet",
    "online_retail": "online_retail_cc0",
    "online_retail_ii": "online_retail_ii",
    "complete_journey": "complete_journey",
    "complete_journey_small": "complete_journey_small",
    "olist": "olist_sample",
    "rees46": "rees46_sample",
    "retailrocket": "retailrocket",
    "taobao": "taobao_behavior",
}
DRAWS, SEED = 400, 7
_NAIVE = "naive"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric of one champion, its interval, and the naive formula's value; `lead` above zero is better than that.

    `lower` and `upper` hold the paired 95 % interval of the lead where it is below zero, as customers are drawn.
    """

    horizon_days: int
    target: str
    model: str
    measure: str
    value: float
    baseline: float
    lead: float
    lower: float | None = None
    upper: float | None = None


def missing(name: str, data: Path) -> str:
    """Say why a shop cannot be run, or nothing."""
    path = data / SHOPS[name]
    return "" if path.exists() else f"{path} is not there"


def compare(name: str, data: Path) -> dict[str, Any]:
    """Make and run a shop, and set its champions beside the naive formula."""
    home = home_of(name)
    started = stopwatch()
    make(name, data)
    seconds = stopwatch() - started
    run = patron.open(home).current()
    quality = run.quality.to_arrow().to_pylist()
    found = list(_compared(quality))
    worse = sorted({one.horizon_days for one in found if one.lead < 0})
    if worse:
        again = dict(_judged_again(home, worse))
        found = [_paired(one, again[one.horizon_days]) if one.lead < 0 else one for one in found]
    return {
        "seconds": round(seconds),
        "run": {key: run.manifest[key] for key in ("as_of", "first_day", "customers", "orders")},
        "compared": [asdict(one) for one in found],
        "refused": [row["verdict"] for row in quality if row["measure"].startswith("refused horizon")],
    }


def home_of(name: str) -> Path:
    """Return where a shop is made."""
    return WORLDS / "accuracy" / name


def make(name: str, data: Path) -> None:
    """Make a shop of its exports and run it; both commands must succeed."""
    home = home_of(name)
    shutil.rmtree(home, ignore_errors=True)
    for command in (("init", str(home), str(data / SHOPS[name]), "--yes"), ("run", "--shop", str(home))):
        done = subprocess.run([sys.executable, "-m", "patron", *command], check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"patron {' '.join(command)} failed ({done.returncode}):\n{done.stderr[-4000:]}")


def opened(home: Path, engine: DuckEngine) -> tuple[Desk, tuple[Made, features.Tiles], History]:
    """Open the desk of a finished run, its tiles, and what they span."""
    manifest = patron.open(home).current().manifest
    key = manifest["stages"]["tiles"]
    folder = home / "shelf" / "tiles" / key
    desk = Desk(flow.read_plan(home / flow.PLAN_FILE), home, Shelf(home / "shelf"), engine, Silent())
    history = History(date.fromisoformat(manifest["as_of"]), date.fromisoformat(manifest["first_day"]))
    return desk, (Made(folder, key), features.reopen(folder, engine)), history


def _compared(quality: list[dict[str, Any]]) -> Iterator[Comparison]:
    """Read the champions' rows: one a measure, `slice` reads {horizon}d/{target}/{model}."""
    champions = {
        tuple(row["slice"].split("/")): row["verdict"].split(": ")[1].split(".")[0]
        for row in quality
        if row["room"] == "forecasts" and row["measure"] == "champion"
    }
    for row in quality:
        parts = tuple(str(row["slice"]).split("/"))
        if row["room"] != "forecasts" or len(parts) != 3 or champions.get(parts[:2]) != parts[2]:
            continue
        metric = EVERY.get(parts[1], {}).get(row["measure"])
        if metric is None or row["value"] is None or row["baseline"] is None:
            continue
        lead = metric.score(row["value"]) - metric.score(row["baseline"])
        yield Comparison(int(parts[0][:-1]), parts[1], parts[2], row["measure"], row["value"], row["baseline"], lead)


def _judged_again(home: Path, horizons: list[int]) -> Iterator[tuple[int, Backtest]]:
    """Make a run's backtests again, from the training windows that its shelf keeps."""
    with DuckEngine(threads=2) as engine:
        desk, tiled, history = opened(home, engine)
        spec, seed = desk.plan.forecasts, desk.plan.seed
        for days in horizons:
            told = past(desk, tiled, history, days, desk.plan.features.most_origins)
            yield days, forecasts.backtest(told.labelled, spec, horizon_days=days, seed=seed, seasons=told.seasons)


def _paired(one: Comparison, judged: Backtest) -> Comparison:
    """Add the interval of a lead."""
    trial = judged.trials[-1]
    actual = outcome(trial.rows, one.target)
    ours, naive = (trial.said[name].of(one.target) for name in (one.model, _NAIVE))
    if actual is None or ours is None or naive is None:
        raise AssertionError(f"{one.target} of {one.model} cannot be made again")
    there = np.isfinite(actual) & np.isfinite(ours) & np.isfinite(naive)
    metric: Metric = EVERY[one.target][one.measure]

    def lead(y: Any, p: Any, q: Any) -> float:
        return metric.score(metric.of(y, p)) - metric.score(metric.of(y, q))

    found = measures.interval(lead, actual[there], ours[there], naive[there], draws=DRAWS, seed=SEED)
    if abs(found.value - one.lead) > 1e-6 * max(1.0, abs(one.lead)):
        raise AssertionError(f"{one} was {found.value} when made again")
    return Comparison(**{**asdict(one), "lower": found.lower, "upper": found.upper})
