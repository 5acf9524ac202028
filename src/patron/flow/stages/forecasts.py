"""What is known to forecasts: for each horizon that the history allows, judge, refit, and say it of everyone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from patron import forecasts
from patron.contracts.published import CALIBRATION, FORECASTS, QUALITY
from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.flow.stages import known, seasons
from patron.flow.stages.history import History, Shortfall, shortfalls
from patron.flow.stages.known import Past
from patron.forecasts import Backtest, ForecastModel, LastYear, Refusal
from patron.ground.errors import NotEnoughData


def _too_short(one: Shortfall) -> Refusal:
    instead = f"; {one.instead_days} days are forecast instead" if one.instead_days else ""
    why = (
        f"A {one.asked_days}-day forecast needs {one.needed_days} days of orders to be checked, "
        f"and there are {one.span_days}{instead}."
    )
    numbers = {"days": one.asked_days, "needed": one.needed_days, "found": one.span_days, "instead": one.instead_days}
    key = "short_history_instead" if one.instead_days else "short_history"
    return Refusal(f"forecasts_{one.asked_days}d", why, key, numbers)


def make(desk: Desk, tiled: tuple[Made, Tiles], snapshot: Made, trained: Mapping[int, Past], history: History) -> Made:
    """Forecast every customer for every horizon; what the data cannot support is recorded as refused.

    Args:
        desk: the run's.
        tiled: the tiles.
        snapshot: today's features.
        trained: by horizon, what can be learned from.
        history: what the data span.
    """
    spec = desk.plan.forecasts
    refused = [_too_short(one) for one in shortfalls(spec.horizons_days, history)]

    def fill(folder: Path) -> int:
        taken = seasons.ledger(desk.engine, tiled[1], history.first_day, history.as_of)
        asked = {days: (*past.origins, history.as_of) for days, past in trained.items()}
        known_of = {days: seasons.expected(desk.engine, tiled[1], taken, asked[days], days) for days in trained}
        parts = [_one(desk, (past.made, snapshot), known_of[days], days, folder) for days, past in trained.items()]
        rows = [part.quality for part in parts] + [_refusals(refused)]
        said = forecasts.agree([part.forecasts for part in parts])
        _write(pa.concat_tables([FORECASTS.empty(), *said]), folder, "forecasts")
        _write(pa.concat_tables([CALIBRATION.empty(), *(part.calibration for part in parts)]), folder, "calibration")
        _write(pa.concat_tables(rows), folder, "quality")
        return sum(part.forecasts.num_rows for part in parts)

    inputs = (snapshot.key, [past.made.key for past in trained.values()], spec.model_dump(mode="json"), desk.plan.seed)
    return desk.stage("stages/forecasts", ("forecasts",), inputs, fill)


HELD_OUT = "held_out"  # what the champion said of the newest origin, by horizon


@dataclass(frozen=True, slots=True)
class _Part:
    forecasts: pa.Table
    calibration: pa.Table
    quality: pa.Table


def _one(
    desk: Desk, made: tuple[Made, Made], expected: Mapping[date, LastYear], horizon_days: int, folder: Path
) -> _Part:
    (trained, snapshot), spec, seed = made, desk.plan.forecasts, desk.plan.seed
    labelled = known.read(trained, "labelled")
    desk.watch.note(f"judging {horizon_days} days on {labelled.num_rows:,} past rows")
    try:
        judged: Backtest | None = forecasts.backtest(
            labelled, spec, horizon_days=horizon_days, seed=seed, seasons=expected
        )
        refused = []
    except NotEnoughData as error:
        judged, refused = None, [Refusal.of(f"forecasts_{horizon_days}d", error)]
    names = [name for name in known.columns_of(snapshot, "features") if name in labelled.column_names]
    model = forecasts.fit(
        labelled if judged else None,
        known.read(snapshot, "features", names),
        spec,
        horizon_days=horizon_days,
        backtest=judged,
        seed=seed,
    )
    home = folder / "models" / f"{horizon_days}d"
    home.mkdir(parents=True)
    model.save(home)
    if judged:
        pq.write_table(forecasts.held_out(judged), folder / f"{HELD_OUT}_{horizon_days}d.parquet")
    desk.watch.note(f"forecasting {horizon_days} days")
    everyone = desk.engine.parquet(snapshot.folder / "features.parquet")
    said = desk.engine.map_batches(everyone, partial(_said, home), FORECASTS.schema)
    quality = pa.concat_tables([forecasts.evaluate(judged) if judged else _refusals(refused), forecasts.gated(model)])
    return _Part(
        FORECASTS.check(said.sort_by("customer_id")),
        forecasts.calibration(judged) if judged else CALIBRATION.empty(),
        quality,
    )


def _said(model: Path, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Forecast some of the customers, wherever they are, with the model that is kept in a folder."""
    fitted = ForecastModel.load(model)
    for batch in batches:
        yield from forecasts.apply(fitted, batch).cast(FORECASTS.schema).to_batches()


def _refusals(refused: Sequence[Refusal]) -> pa.Table:
    rows = [
        {
            "room": "forecasts",
            "measure": "refused horizon",
            "slice": one.what,
            "verdict": f"refused: {one.why}",
            "reason": json.dumps({"key": one.key, **one.numbers}),
        }
        for one in refused
    ]
    return QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema)) if rows else QUALITY.empty()


def _write(table: pa.Table, folder: Path, name: str) -> None:
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
