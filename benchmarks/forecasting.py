"""The speed of forecasts: the tournament of every contender, scoring with the champion, and the reasons behind it.

The tournament is held on both sheets of Online Retail II (the folder that the environment variable ONLINE_RETAIL_II names), scoring
and reasons on simulated shops. What they need, imports to fitted model, is made by the stages of a run and not timed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks import worlds
from benchmarks.accuracy.past import past
from benchmarks.measuring import Bar, Benchmark, Said, Side, Work
from benchmarks.worlds import WORLDS
from patron import explanations, flow, forecasts
from patron.contracts.protocols import Silent
from patron.engines.duck import DuckEngine
from patron.engines.shelf import Shelf
from patron.features import FeatureSpec
from patron.flow.desk import Desk, Made
from patron.flow.stages import explanations as explaining
from patron.flow.stages import facts, known, tiles
from patron.flow.stages import forecasts as forecasting
from patron.flow.stages.history import History
from patron.forecasts import ForecastModel, ForecastSpec
from patron.forecasts.contenders import LEARN
from patron.records import RecordSpec

HORIZON_DAYS = 90
ORIGINS = 3
_FOLDER = "ONLINE_RETAIL_II"
_KEY = b"benchmarks"
_BATCH_ROWS = 100_000
_COMPETE = ("naive", "last_period", "stack")  # so that the champion is the dearest of the default contenders to ask


@contextmanager
def _desk(name: str, sources: tuple[flow.Source, ...], currency: str) -> Iterator[Desk]:
    home = WORLDS / name
    home.mkdir(parents=True, exist_ok=True)
    plan = flow.Plan(
        name=name,
        sources=sources,
        records=RecordSpec(currency=currency),
        features=FeatureSpec(most_origins=ORIGINS),
        forecasts=ForecastSpec(horizons_days=(HORIZON_DAYS,), models=_COMPETE),
    )
    shelf = Shelf(home / "shelf")
    with shelf.hold(), DuckEngine(threads=2, memory_limit="5GB", spill=shelf.root) as engine:
        yield Desk(plan, home, shelf, engine, Silent())


def _tiled(desk: Desk) -> tuple[tuple[Made, tiles.Tiles], History]:
    tiled = tiles.make(desk, facts.make(desk, _KEY, None))
    first_day, last_day = tiles.span(desk, tiled[1])
    return tiled, History(tiles.known_day(None, last_day), first_day)


def _tournament(size: int) -> Work:  # noqa: ARG001  the size is the shop's own
    folder = Path(os.environ[_FOLDER]).resolve()
    with _desk("tournament", (flow.Source(path=f"{folder}/*", profile="online-retail"),), "GBP") as desk:
        tiled, history = _tiled(desk)
        told = past(desk, tiled, history, HORIZON_DAYS, ORIGINS)
        spec = desk.plan.forecasts.model_copy(update={"models": tuple(LEARN)})

    def work() -> Said:
        judged = forecasts.backtest(told.labelled, spec, horizon_days=HORIZON_DAYS, seed=7, seasons=told.seasons)
        return {
            "contenders": sorted(judged.trials[-1].said),
            "origins": len(judged.trials),
            "champions": {champion.target: champion.model for champion in judged.champions},
        }

    return work


def _fitted(size: int) -> tuple[Path, Path]:
    """Return a simulated shop's features and the folder of its fitted model, made by the stages of a run."""
    with _desk(f"forecast-{size}", (flow.Source(path=str(worlds.exports(size) / "*.parquet")),), "EUR") as desk:
        tiled, history = _tiled(desk)
        snapshot = known.snapshot(desk, tiled, history.as_of)
        made = forecasting.make(desk, tiled, snapshot, known.past(desk, tiled, history), history)
        return snapshot.folder / "features.parquet", made.folder / "models" / f"{HORIZON_DAYS}d"


def _scoring(size: int) -> Work:
    features, home = _fitted(size)
    model = ForecastModel.load(home)

    def work() -> Said:
        batches = pq.ParquetFile(features).iter_batches(_BATCH_ROWS)
        customers = sum(forecasts.apply(model, batch).num_rows for batch in batches)
        return {"customers": customers, "champions": dict(model.champions)}

    return work


def _reasons(size: int) -> Work:
    features, home = _fitted(size)
    model, spec = ForecastModel.load(home), explanations.ExplanationSpec()
    sample = explaining.drawn(features, spec.sample_customers, 7)
    explainer = explaining.explainer_of(model, sample, spec, 7)
    if explainer is None:
        raise SystemExit("the champion is a formula: there is nothing to explain")
    table = pq.read_table(features).slice(0, size)

    def work() -> Said:
        said = explanations.explain(explainer, table, currency="EUR")
        return {"customers": table.num_rows, "reasons": said.num_rows, "model": explainer.forecast.model}

    return work


def _no_tournament() -> str:
    if not os.environ.get(_FOLDER):
        return f"{_FOLDER} does not name the folder with its two sheets"
    return (
        "" if find_spec("torch") else "torch is not installed, and two contenders need it: pip install 'patron[deep]'"
    )


TOURNAMENT = Benchmark(
    name="tournament",
    what="Every contender judged on three origins of Online Retail II, 90 days; sizes are invoice lines",
    sizes=(1_067_370,),
    sides=(Side("Patron", _tournament),),
    bars=(Bar("seconds", "at most", 180, lambda result: result.seconds()),),
    skip=_no_tournament,
)
SCORING = Benchmark(
    name="scoring",
    what="The champion's forecast of every customer, from features to the published table; sizes are customers",
    sizes=(10_000, 100_000, 1_000_000),
    sides=(Side("Patron", _scoring),),
    bars=(Bar("seconds at the largest size", "at most", 60, lambda result: result.seconds()),),
    ready=_fitted,
)
REASONS = Benchmark(
    name="reasons",
    what="Reasons of every customer's forecast, by TreeSHAP; sizes are customers",
    sizes=(10_000, 100_000),
    sides=(Side("Patron", _reasons),),
    bars=(Bar("seconds at the largest size", "at most", 120, lambda result: result.seconds()),),
    ready=_fitted,
)
