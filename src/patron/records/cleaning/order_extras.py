"""Order extras: rows that add to an order without being an order or a line: postage and fees, payments and the like."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.contracts.accounts import ORDER_EXTRAS
from patron.records.cleaning.context import Context, cells, looked_up
from patron.records.cleaning.judged import Judged

FEE = "postage or fee of an order"
DETAIL = "detail of an order"
_LOOSE = {FEE: "postage or fee without an order", DETAIL: "detail of an unknown order"}


def added(judged: Judged, orders: ir.Table, context: Context) -> ir.Table | None:
    """Return every row that means to add to an order, `_reason` filled where that order is not there."""
    found = [
        _rows(table, kind, orders)
        for table, mark, kind in ((judged.lines, "fee", FEE), (judged.order_rows, "detail", DETAIL))
        if table is not None and mark in judged.kinds
    ]
    return context.engine.keep(ibis.union(*found) if len(found) > 1 else found[0]) if found else None


def facts(rows: ir.Table, context: Context) -> ir.Table:
    """Return the `order_extras` facts."""
    sound = rows.filter(rows["_reason"].isnull())
    return sound.mutate(amount=sound["_amount"], source=ibis.literal(context.source)).select(*cells(ORDER_EXTRAS))


def _rows(table: ir.Table, kind: str, orders: ir.Table) -> ir.Table:
    mark = "fee" if kind == FEE else "detail"
    rows = table.filter(table["_reason"].isnull() & (table["_kind"] == mark))
    rows = rows.select("_file", "_row_no", "order_id", "_amount", kind=ibis.literal(kind))
    rows = looked_up(rows, orders.select("order_id", _found=ibis.literal(True)), "order_id")
    reason = ibis.ifelse(rows["_found"].isnull(), ibis.literal(_LOOSE[kind]), ibis.null("string"))
    return rows.mutate(_reason=reason).drop("_found")
