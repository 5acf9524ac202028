"""Facts to tiles."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from patron import features
from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.flow.stages.facts import Facts
from patron.ground.errors import NotEnoughData


def make(desk: Desk, facts: Facts) -> tuple[Made, Tiles]:
    """Reduce the facts to tiles, once."""

    def fill(folder: Path) -> int:
        tables = facts.tables(desk.engine)
        known = features.capabilities(tables, desk.engine)
        if "orders" not in known:
            raise NotEnoughData(
                f"The imported files hold no order of a known customer.\n"
                f"Of {facts.rows_read:,} rows read, {facts.rows_rejected:,} were rejected; the reasons are in "
                f"{facts.made.folder / 'ledger.parquet'}.\n"
                "Next: check the mapping with `patron detect FILE`, or add the file that holds the orders."
            )
        signals = features.signal_names(tables, desk.engine)
        kept = features.keep(features.tile(tables, known, signals), folder, desk.engine, desk.watch.note)
        return sum(desk.engine.count(table) for table in kept.tables.values())

    made = desk.stage("tiles", ("features",), facts.made.key, fill)
    return made, features.reopen(made.folder, desk.engine)


def span(desk: Desk, tiles: Tiles) -> tuple[date, date]:
    """Return the first and the last day with a paid order."""
    orders = tiles.tables["orders"]
    row = desk.engine.rows(orders.agg(first=orders.day.min(), last=orders.day.max()))[0]
    if not isinstance(row["first"], date) or not isinstance(row["last"], date):
        raise NotEnoughData(
            "No order counts as a purchase: every one is cancelled, pending or a test.\n"
            "Next: check the status values of the source profile with `patron detect FILE`."
        )
    return row["first"], row["last"]


def day_after(last: date) -> date:
    """Return the default as_of: everything that is in the data is known."""
    return last + timedelta(days=1)
