"""Tiles to what is known: today's features of everyone, and past features with what came after, for learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from patron import features
from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.flow.stages.history import History, horizons
from patron.ground.dates import inner_windows, origins
from patron.ground.errors import NotEnoughData
from patron.ground.seeds import derive

_INNER_PARTS = 4  # at most four shorter windows end on one day: together they weigh as much as a whole one


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


@dataclass(frozen=True, slots=True)
class Window:
    """The days [origin, origin + days), over by now: what customers did in them can be learned from."""

    origin: date
    days: int


def windows(starts: Sequence[date], as_of: date, first_day: date, horizon_days: int) -> tuple[Window, ...]:
    """Return the whole windows that begin at the origins, and shorter ones that end at each of them and today."""
    whole = [Window(origin, horizon_days) for origin in starts]
    inner = [Window(*one) for day in (*starts, as_of) for one in inner_windows(day, first_day, horizon_days)]
    return (*whole, *dict.fromkeys(window for window in inner if window.days < horizon_days))


@dataclass(frozen=True, slots=True)
class Past:
    """What can be learned from for one horizon: the days from which it is checked, and the labelled rows."""

    origins: tuple[date, ...]
    made: Made


def past(desk: Desk, tiled: tuple[Made, Tiles], history: History) -> dict[int, Past]:
    """Compute what can be learned from, for each horizon that the history allows, shortest first."""
    first_day, as_of, most = history.first_day, history.as_of, desk.plan.features.most_origins
    found = {}
    for days in horizons(desk.plan.forecasts.horizons_days, history):
        starts = origins(as_of, first_day, days, most)
        found[days] = Past(starts, training(desk, tiled, windows(starts, as_of, first_day, days), days))
    return found


def training(desk: Desk, tiled: tuple[Made, Tiles], asked: Sequence[Window], horizon_days: int) -> Made:
    """Compute features at the windows' origins and what followed, for a stated sample of customers per origin."""
    made, tiles = tiled
    spec = desk.plan.features

    def fill(folder: Path) -> int:
        lengths = sorted({window.days for window in asked})
        parts = [_labelled(desk, tiles, asked, days, horizon_days) for days in lengths]
        came = _together(desk, parts)
        spine = desk.engine.keep(came.select("customer_id", "as_of").distinct())
        known = features.build(tiles, spine, spec.leave_out)
        both = known.inner_join(came, ["customer_id", "as_of"])
        desk.engine.write_parquet(both, folder / "labelled.parquet", order_by=("as_of", "window_days", "customer_id"))
        n_rows = desk.engine.count(came)
        for kept in (*parts, came, spine):
            desk.engine.drop(kept)
        return n_rows

    inputs = (
        made.key,
        [[str(window.origin), window.days] for window in asked],
        horizon_days,
        spec.model_dump(mode="json"),
        desk.plan.seed,
    )
    return desk.stage("stages/training", ("features",), inputs, fill, f"{horizon_days} days")


def _labelled(desk: Desk, tiles: Tiles, asked: Sequence[Window], days: int, horizon_days: int) -> ir.Table:
    """Keep sampled customers with what they did in the windows of one length."""
    most = desk.plan.features.training_customers
    most = most if days == horizon_days else max(most // _INNER_PARTS, 1)
    origins = [window.origin for window in asked if window.days == days]
    spine = _together(desk, [sampled(desk, features.customers_before(tiles, day), day, most) for day in origins])
    labelled = features.label(tiles, spine, days).mutate(window_days=ibis.literal(days).cast("float64"))
    kept = desk.engine.keep(labelled)
    desk.engine.drop(spine)
    return kept


def _together(desk: Desk, parts: Sequence[ir.Table]) -> ir.Table:
    """Keep the rows of several tables as one."""
    return desk.engine.keep(ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0])


def read(made: Made, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Read one of a stage's tables."""
    return pq.read_table(made.folder / f"{name}.parquet", columns=list(columns) if columns is not None else None)


def columns_of(made: Made, name: str) -> tuple[str, ...]:
    """Return the columns of one of a stage's tables."""
    return tuple(pq.read_schema(made.folder / f"{name}.parquet").names)


def sampled(desk: Desk, spine: ir.Table, origin: date, most: int) -> ir.Table:
    """Draw a stated number of customers by the hash of their id: the same ones on every engine and every day."""
    salt = str(derive(desk.plan.seed, "training", str(origin)))
    drawn = spine.mutate(draw=(spine.customer_id + salt).hexdigest("md5"))
    return drawn.order_by("draw").limit(most).drop("draw")
