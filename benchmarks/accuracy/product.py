"""Patron on a protocol, through the path of its runs: an export is imported and tiled, windows teach, a forecast is made.

The export ends on the last day of calibration, so nothing after the cut can be known. The Plan is the same for every
protocol: the default one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.accuracy.past import past
from benchmarks.accuracy.protocols import HoldOut
from benchmarks.accuracy.purchases import FloatArray, Purchases
from patron import flow, forecasts, records
from patron.contracts.protocols import Silent
from patron.engines.duck import DuckEngine
from patron.engines.shelf import Shelf
from patron.flow.desk import Desk
from patron.flow.stages import facts, known, tiles
from patron.flow.stages.history import History, horizons
from patron.forecasts import Backtest, ForecastModel
from patron.records import RecordSpec

PLAN = flow.Plan(
    name="accuracy", sources=(flow.Source(path="orders.parquet"),), records=RecordSpec(currency="USD", zone="UTC")
)
CHAMPION = "champion"
COLUMNS: Mapping[str, str] = {
    "orders": "predicted_number_of_orders",
    "net_revenue": "predicted_clv",
    "active": "repurchase_probability",
}
_DAY = "next_order"  # has contenders of its own
_KEY = b"benchmarks.accuracy"
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What Patron says of the customers of a hold-out, in their order: by contender, then by target.

    `champions` has, per target, the model that the product would choose and why; it speaks under the name `champion`.
    """

    said: Mapping[str, Mapping[str, FloatArray]]
    champions: Mapping[str, tuple[str, str]]
    judged_days: int
    judged_origins: tuple[date, ...]
    refused: Mapping[str, str]


def answer(held: HoldOut) -> Answer:
    """Forecast the hold-out by every default contender, and by the champions of the backtest."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        pq.write_table(export(held.known), home / "orders.parquet")
        shelf = Shelf(home / "shelf")
        with shelf.hold(), DuckEngine(threads=_THREADS, spill=home) as engine:
            return _answer(Desk(PLAN, home, shelf, engine, Silent()), held)


def export(known_by_cut: Purchases) -> pa.Table:
    """Write purchases as a shop would export them: one row an order."""
    names = np.array(known_by_cut.names)
    return pa.table(
        {
            "order_id": [f"order {i}" for i in range(known_by_cut.day.size)],
            "customer_id": names[known_by_cut.customer],
            "ordered_at": known_by_cut.day.astype("datetime64[s]"),
            "total_amount": known_by_cut.amount.round(4),
        }
    )


def _answer(desk: Desk, held: HoldOut) -> Answer:
    tiled = tiles.make(desk, facts.make(desk, _KEY, None))
    first_day, last_day = tiles.span(desk, tiled[1])
    history = History(tiles.known_day(held.as_of, last_day), first_day)
    snapshot = known.read(known.snapshot(desk, tiled, history.as_of), "features")
    [judged_days] = horizons((held.horizon_days,), history)
    spec, seed = desk.plan.forecasts, desk.plan.seed
    most = desk.plan.features.most_origins
    told = past(desk, tiled, history, judged_days, most)
    windows = past(desk, tiled, history, held.horizon_days, most)
    judged = forecasts.backtest(told.labelled, spec, horizon_days=judged_days, seed=seed, seasons=told.seasons)
    labelled = windows.labelled
    order = _order(snapshot, held.known)
    said: dict[str, Mapping[str, FloatArray]] = {}
    refused: dict[str, str] = {}
    for name in spec.models:
        asked = _crowned(judged, name)
        model = forecasts.fit(labelled, snapshot, spec, horizon_days=held.horizon_days, backtest=asked, seed=seed)
        if {model.champions[target] for target in COLUMNS if target in model.champions} == {name}:
            said[name] = _said(model, snapshot, order)
        else:
            refused[name] = next(one.why for one in model.refusals if one.what == name)
    winners = {champion.model for champion in judged.champions if champion.target != _DAY}
    if len(winners) == 1:
        crowned = said[winners.pop()]
    else:
        model = forecasts.fit(labelled, snapshot, spec, horizon_days=held.horizon_days, backtest=judged, seed=seed)
        crowned = _said(model, snapshot, order)
    champions = {champion.target: (champion.model, champion.reason) for champion in judged.champions}
    return Answer({CHAMPION: crowned, **said}, champions, judged_days, judged.origins, refused)


def _said(model: ForecastModel, snapshot: pa.Table, order: np.ndarray) -> Mapping[str, FloatArray]:
    """Return what a model says, before its gates leave anything empty."""
    table = forecasts.apply(replace(model, gates=()), snapshot)
    return {target: table[column].to_numpy()[order] for target, column in COLUMNS.items()}


def _crowned(judged: Backtest, name: str) -> Backtest:
    """Return the backtest as if one contender had won every target that all contenders speak of."""
    others = (champion for champion in judged.champions if champion.target != _DAY)
    return replace(judged, champions=tuple(replace(champion, model=name) for champion in others))


def _order(snapshot: pa.Table, known_by_cut: Purchases) -> np.ndarray:
    """Return where in the snapshot each customer of the hold-out is.

    Raises:
        AssertionError: the import lost a customer or a purchase.
    """
    if snapshot.num_rows != len(known_by_cut.names):
        raise AssertionError(f"{len(known_by_cut.names)} customers went in, {snapshot.num_rows} came out")
    there = {name: i for i, name in enumerate(snapshot["customer_id"].to_pylist())}
    order = np.array([there[records.pseudonym(name, _KEY)] for name in known_by_cut.names])
    counted = snapshot["orders_count_lifetime"].to_numpy()[order]
    if not np.array_equal(counted, known_by_cut.counts):
        raise AssertionError(f"{known_by_cut.counts.sum():,.0f} purchases went in, {counted.sum():,.0f} came out")
    return order
