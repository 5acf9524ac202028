"""Tiles to what is known: today's features of everyone, and past features with what came after, for learning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from patron import features
from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.ground.errors import NotEnoughData
from patron.ground.seeds import derive


def snapshot(desk: Desk, tiled: tuple[Made, Tiles], as_of: date) -> Made:
    """Compute every feature of every customer as of one day, the cohorts, and the gaps between orders."""
    made, tiles = tiled
    spec = desk.plan.features

    def fill(folder: Path) -> int:
        n_customers = desk.engine.count(features.customers_before(tiles, as_of))
        if not n_customers:
            raise NotEnoughData(f"No customer has a paid order before {as_of}.\nNext: choose a later --as-of.")
        desk.engine.write_parquet(
            features.build(tiles, as_of, spec.leave_out), folder / "features.parquet", order_by=("customer_id",)
        )
        desk.engine.write_parquet(
            features.cohorts(tiles, as_of), folder / "cohorts.parquet", order_by=("cohort_month", "age_months")
        )
        desk.engine.write_parquet(features.gap_quantiles(tiles, as_of), folder / "gaps.parquet")
        return n_customers

    return desk.stage("stages/features", ("features",), (made.key, str(as_of), sorted(spec.leave_out)), fill)


def training(desk: Desk, tiled: tuple[Made, Tiles], origins: Sequence[date], horizon_days: int) -> Made:
    """Compute features at past origins and what followed each, for a stated sample of customers per origin."""
    made, tiles = tiled
    spec = desk.plan.features

    def fill(folder: Path) -> int:
        spines = [_sampled(desk, features.customers_before(tiles, origin), origin) for origin in origins]
        spine = desk.engine.keep(ibis.union(*spines, distinct=False) if len(spines) > 1 else spines[0])
        known = features.build(tiles, spine, spec.leave_out)
        pair = ["customer_id", "as_of"]
        labelled = known.inner_join(features.label(tiles, spine, horizon_days), pair)
        desk.engine.write_parquet(labelled, folder / "labelled.parquet", order_by=("as_of", "customer_id"))
        n_rows = desk.engine.count(spine)
        desk.engine.drop(spine)
        return n_rows

    inputs = (made.key, [str(day) for day in origins], horizon_days, spec.model_dump(mode="json"), desk.plan.seed)
    return desk.stage("stages/training", ("features",), inputs, fill, f"{horizon_days} days")


def read(made: Made, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Read one of a stage's tables."""
    return pq.read_table(made.folder / f"{name}.parquet", columns=list(columns) if columns is not None else None)


def columns_of(made: Made, name: str) -> tuple[str, ...]:
    """Return the columns of one of a stage's tables."""
    return tuple(pq.read_schema(made.folder / f"{name}.parquet").names)


def _sampled(desk: Desk, spine: ir.Table, origin: date) -> ir.Table:
    """Draw a stated number of customers by the hash of their id: the same ones on every engine and every day."""
    salt = str(derive(desk.plan.seed, "training", str(origin)))
    drawn = spine.mutate(draw=(spine.customer_id + salt).hexdigest("md5"))
    return drawn.order_by("draw").limit(desk.plan.features.training_customers).drop("draw")
