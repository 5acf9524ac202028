"""The few orders far beyond the usual amounts that hold much of the revenue: often a slip of somebody's keyboard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

import ibis
import ibis.expr.types as ir

from patron.contracts.cards import HeavyOrders
from patron.engines.engine import Engine
from patron.flow.stages.history import History

MUCH = 0.2
MOST_ORDERS = 10
_EACH = 0.02  # an order with less of the revenue changes nothing


def heavy_orders(facts: Mapping[str, ir.Table], engine: Engine, history: History) -> HeavyOrders | None:
    """Return the flagged orders that hold at least `MUCH` of the revenue between them, and the rows they came from.

    None where no handful of flagged orders does, or where there is no money.
    """
    orders = facts["orders"]
    paid = orders.filter(orders["status"] == "paid", orders["day"] < history.as_of)
    total = float(str(engine.rows(paid.agg(total=paid["order_revenue"].sum()))[0]["total"] or 0))
    if total <= 0:
        return None
    flagged = paid.filter(paid["is_outlier"], paid["order_revenue"].cast("float64") >= _EACH * total)
    largest = flagged.order_by([ibis.desc("order_revenue"), "order_id"]).limit(MOST_ORDERS)
    found = engine.rows(largest.select("order_id", "order_revenue", "file", "row_no"))
    share = sum(float(str(row["order_revenue"])) for row in found) / total
    if share < MUCH:
        return None
    rows = [_place(row) for row in found if row["row_no"] is not None]
    if not rows and "order_lines" in facts:
        rows = _lines(facts["order_lines"], engine, [str(row["order_id"]) for row in found])
    return HeavyOrders(len(found), min(share, 1.0), tuple(sorted(set(rows))))


def _lines(lines: ir.Table, engine: Engine, order_ids: list[str]) -> list[tuple[str, int]]:
    """Return the dearest line of each order, where it knows its row."""
    mine = lines.filter(lines["order_id"].isin(order_ids), lines["row_no"].notnull())
    by_worth = ibis.window(group_by="order_id", order_by=[ibis.desc(mine["line_revenue"]), mine["line_no"]])
    dearest = mine.mutate(place=ibis.row_number().over(by_worth)).filter(ibis._.place == 0)
    return [_place(row) for row in engine.rows(dearest.select("file", "row_no"))]


def _place(row: Mapping[str, object]) -> tuple[str, int]:
    return PurePath(str(row["file"])).name, int(str(row["row_no"]))
