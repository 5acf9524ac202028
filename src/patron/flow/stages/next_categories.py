"""What the next order will hold: for each horizon, judge, refit, and name three categories for everyone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import features, forecasts
from patron.contracts.published import NEXT_CATEGORIES, QUALITY
from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.flow.stages import known
from patron.flow.stages.history import History, horizons
from patron.ground.dates import origins
from patron.ground.errors import NotEnoughData


@dataclass(frozen=True, slots=True)
class _Bought:
    """What the shop's customers bought: its tiles, and one row per customer, day and category."""

    tiles: Tiles
    days: ir.Table
    history: History


def make(desk: Desk, tiled: tuple[Made, Tiles], history: History) -> Made:
    """Name the categories of every customer's next order; a shop without categories gets empty tables."""
    made, tiles = tiled
    spec, most = desk.plan.forecasts, desk.plan.features

    def fill(folder: Path) -> int:
        parts = [(NEXT_CATEGORIES.empty(), QUALITY.empty())]
        if features.has_categories(tiles):
            bought = _Bought(tiles, desk.engine.keep(features.category_days(tiles)), history)
            parts += [_one(desk, bought, days) for days in horizons(spec.horizons_days, history)]
            desk.engine.drop(bought.days)
        for name, tables in zip(("next_categories", "quality"), zip(*parts, strict=True), strict=True):
            pq.write_table(pa.concat_tables(tables), folder / f"{name}.parquet", compression="zstd")
        return sum(named.num_rows for named, _ in parts)

    inputs = (
        made.key,
        [str(history.as_of), str(history.first_day)],
        [spec.model_dump(mode="json"), most.training_customers, most.most_origins],
        desk.plan.seed,
    )
    return desk.stage("stages/next_categories", ("features", "forecasts"), inputs, fill)


def _one(desk: Desk, bought: _Bought, horizon_days: int) -> tuple[pa.Table, pa.Table]:
    """Return the rows of `next_categories` and of `quality` for one horizon."""
    spec, seed, span = desk.plan.forecasts, desk.plan.seed, bought.history
    starts = origins(span.as_of, span.first_day, horizon_days, desk.plan.features.most_origins)
    windows = [_window(desk, bought, day, horizon_days) for day in starts]
    desk.watch.note(f"judging {horizon_days} days")
    try:
        judged = forecasts.judge_categories(windows, spec, horizon_days=horizon_days, seed=seed)
    except NotEnoughData as error:
        return NEXT_CATEGORIES.empty(), forecasts.refuse_categories(horizon_days, error)
    named = _categories(desk, bought, span.as_of)
    sample = forecasts.read_baskets(_past(desk, bought, span.as_of), named, span.as_of)
    model = forecasts.fit_categories(sample, windows, judged)
    said = [forecasts.name_categories(model, one) for one in _everyone(desk, bought, named)]
    return pa.concat_tables(said), forecasts.evaluate_categories(judged)


def _window(desk: Desk, bought: _Bought, origin: date, horizon_days: int) -> forecasts.CategoryWindow:
    """Read a past date for the drawn customers, and what those of them who ordered in the window bought first."""
    spine = _drawn(desk, bought, origin)
    came = desk.engine.arrow(features.next_categories(bought.days, spine, horizon_days))
    history = desk.engine.arrow(features.category_history(bought.days, spine))
    return forecasts.CategoryWindow(origin, history, came, _categories(desk, bought, origin))


def _past(desk: Desk, bought: _Bought, day: date) -> pa.Table:
    return desk.engine.arrow(features.category_history(bought.days, _drawn(desk, bought, day)))


def _drawn(desk: Desk, bought: _Bought, day: date) -> ir.Table:
    everyone = features.customers_before(bought.tiles, day)
    return known.sampled(desk, everyone, day, desk.plan.features.training_customers)


def _categories(desk: Desk, bought: _Bought, day: date) -> tuple[str, ...]:
    rows = desk.engine.rows(features.most_bought(bought.days, day, forecasts.MOST_CATEGORIES))
    return tuple(str(row["category"]) for row in rows)


def _everyone(desk: Desk, bought: _Bought, categories: tuple[str, ...]) -> Iterator[forecasts.Baskets]:
    """Read today's customers batch by batch."""
    as_of = bought.history.as_of
    ordered = features.category_history(bought.days, as_of).order_by("customer_id")
    for table in _whole_customers(desk.engine.batches(ordered)):
        yield forecasts.read_baskets(table, categories, as_of)


def _whole_customers(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Cut a stream that is sorted by customer between two customers."""
    rest: pa.Table | None = None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        table = table if rest is None else pa.concat_tables([rest, table])
        ends = pc.index(table["customer_id"], table["customer_id"][-1]).as_py()
        rest = table.slice(ends)
        if ends:
            yield table.slice(0, ends)
    if rest is not None:
        yield rest
