"""Facts to tiles."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from patron import features
from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.flow.stages.facts import Facts
from patron.flow.stages.refusals import no_order
from patron.ground.errors import InputError, NotEnoughData

MOST_SILENT_DAYS = 92  # a quarter: exports are late, and some shops close for a season


def make(desk: Desk, facts: Facts) -> tuple[Made, Tiles]:
    """Reduce the facts to tiles, once."""

    def fill(folder: Path) -> int:
        tables = facts.tables(desk.engine)
        known = features.capabilities(tables, desk.engine)
        if "orders" not in known:
            raise no_order(facts)
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


def known_day(as_of: date | None, last_day: date) -> date:
    """Return the as_of of a run: the day asked for, or the day after the last order, when all of the data are known.

    Raises:
        InputError: the day asked for lies so far after the data that most of the days before it are unknown, which
            must not be taken for days without orders.
    """
    if as_of is None:
        return last_day + timedelta(days=1)
    silent_days = (as_of - last_day).days
    if silent_days > MOST_SILENT_DAYS:
        raise InputError(
            f"--as-of {as_of} lies {silent_days:,} days after the last order ({last_day}).\n"
            f"What happened since is not in the data; at most {MOST_SILENT_DAYS} such days are allowed.\n"
            "Next: add the newer exports, or choose an earlier day."
        )
    return as_of
