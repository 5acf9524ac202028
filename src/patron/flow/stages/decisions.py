"""Segments and forecasts to decisions: one action a customer."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import decisions
from patron.decisions import Playbook
from patron.flow.desk import Desk, Made
from patron.flow.stages import known
from patron.ground.errors import PlanError

_NOT_READ = ("as_of", "membership", "distance", "fits_segment")


def playbook(desk: Desk) -> Playbook:
    """Load the Plan's playbook, or the shipped one; a path is relative to the Plan."""
    path = desk.plan.decisions.playbook
    return decisions.load(desk.home / path if path is not None else None)


def make(desk: Desk, snapshot: Made, forecast: Made, segmented: Made) -> Made:
    """Choose an action for every customer within the budget, with a persistent holdout."""
    spec, seed = desk.plan.decisions, desk.plan.seed
    book = playbook(desk)

    def fill(folder: Path) -> int:
        customers = _customers(desk, snapshot, forecast, segmented)
        decided = decisions.decide(customers, book, spec, as_of=customers["as_of"][0].as_py(), seed=seed)
        pq.write_table(decided, folder / "decisions.parquet", compression="zstd")
        judged = decisions.evaluate(decided, customers, book, spec, seed=seed)
        pq.write_table(judged, folder / "quality.parquet")
        return int(decided.num_rows)

    said = (spec.model_dump(mode="json"), book.model_dump(mode="json"), desk.plan.scheme, seed)
    inputs = (snapshot.key, forecast.key, segmented.key, said)
    return desk.stage("stages/decisions", ("decisions",), inputs, fill)


def in_scheme(customers: pa.Table, placed: pa.Table, wanted: str) -> pa.Table:
    """Put a table of customers beside where one scheme places them; `wanted` is its name, with its version or not."""
    mine = placed.filter(pc.equal(placed["scheme"], _scheme(wanted, placed["scheme"])))
    kept = mine.drop_columns([name for name in _NOT_READ if name in mine.column_names])
    return customers.join(kept, "customer_id", join_type="left outer").sort_by("customer_id")


def _customers(desk: Desk, snapshot: Made, forecast: Made, segmented: Made) -> pa.Table:
    """Put one scheme, one horizon and the features that the playbook reads side by side."""
    book, spec = playbook(desk), desk.plan.decisions
    there = known.columns_of(snapshot, "features")
    wanted = [name for name in there if name in book.columns_read or name in decisions.MONEY_READ]
    features = known.read(snapshot, "features", ["customer_id", "as_of", *wanted])
    placed = pq.read_table(segmented.folder / "segments.parquet")
    said = pq.read_table(forecast.folder / "forecasts.parquet").drop_columns(["as_of"])
    allowed = said.filter(pc.is_valid(said["repurchase_probability"]))
    horizons = sorted(pc.unique((allowed if allowed.num_rows else said)["horizon_days"]).to_pylist())
    joined = in_scheme(features, placed, desk.plan.scheme)
    if horizons:
        nearest = min(horizons, key=lambda days: abs(days - spec.horizon_days))
        joined = joined.join(
            said.filter(pc.equal(said["horizon_days"], nearest)), "customer_id", join_type="left outer"
        )
    return joined.sort_by("customer_id")


def _scheme(wanted: str, schemes: pa.ChunkedArray) -> str:
    keys = [str(key) for key in pc.unique(schemes).to_pylist()]
    found = [key for key in keys if wanted in (key, key.rsplit("-", 1)[0])]
    if not found:
        raise PlanError.unknown_choice("patron.toml, scheme", wanted, (key.rsplit("-", 1)[0] for key in keys))
    return found[0]
