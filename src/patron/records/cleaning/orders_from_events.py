"""Orders from events: purchases of known customers grouped into orders; the events themselves stay facts too."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.records.cleaning.context import Context, looked_up
from patron.records.cleaning.currencies import decimal
from patron.records.cleaning.lines import MARKS, PARTS
from patron.records.staging import types

_KINDS = {**types("order"), **types("line"), "line_revenue": "decimal(18, 4)"}


def parts(events: ir.Table, context: Context) -> ir.Table:
    """Return purchase events as parts of orders: lines where they name a product, else heads only."""
    bought = _bought(events, ("purchase",), context)
    units = ibis.coalesce(bought["quantity"], 1.0)
    revenue = decimal(units * bought["price"].cast("float64"))
    made = bought.mutate(
        ordered_at=bought["occurred_at"],
        quantity=units,
        unit_price=bought["price"],
        line_revenue=revenue,
        goods_amount=bought["revenue"],
        status=ibis.literal("paid"),
        channel=bought["device"],
        _keeps_head=ibis.literal(True),
        _kind=ibis.ifelse(bought["product_id"].notnull() & (units > 0), "line", "head"),
        _amount=revenue.cast("float64"),
    )
    empty = {name: ibis.null(_KINDS[name]) for name in PARTS if name not in made.columns}
    return context.engine.keep(made.mutate(**empty).select(*PARTS, *MARKS))


def undone(events: ir.Table, context: Context) -> ir.Table:
    """Return refund and cancel events of known customers that name their order."""
    back = _bought(events.filter(events["order_id"].notnull()), ("refund", "cancel"), context)
    return back.select(
        return_id=ibis.literal("event/").concat(back["event_id"]),
        order_id=back["order_id"],
        customer_id=back["customer_id"],
        returned_at=back["occurred_at"],
        amount=back["revenue"].abs(),
        _is_whole=(back["type"] == "cancel") | back["revenue"].isnull(),
    )


def _bought(events: ir.Table, kinds: tuple[str, ...], context: Context) -> ir.Table:
    """Pick the events of these types that count, each with the number of its order."""
    rows = events.filter(
        events["_reason"].isnull()
        & events["type"].isin(kinds)
        & events["customer_id"].notnull()
        & (events["_orders_from"] != "")
    )
    how = rows["_orders_from"]
    instant = rows["occurred_at"].epoch_seconds().cast("string")
    day = rows["day"].cast("string")
    group = ibis.cases(
        (how == "session_id", ibis.coalesce(rows["session_id"], day)), (how == "day", day), else_=instant
    )
    made = ibis.literal("o_").concat(rows["customer_id"].concat("|", group).hexdigest("md5"))
    stated = ibis.ifelse(how == "order_id", rows["order_id"], ibis.null("string"))
    numbered = rows.mutate(order_id=ibis.coalesce(stated, made))
    shared = numbered.group_by("order_id").agg(
        _least=numbered["customer_id"].min(), _most=numbered["customer_id"].max()
    )
    placeholders = context.engine.keep(
        shared.filter(shared["_least"] != shared["_most"]).select("order_id", _is_shared=ibis.literal(True))
    )
    return _split(numbered, placeholders)


def _split(rows: ir.Table, placeholders: ir.Table) -> ir.Table:
    """Give each customer an order of their own where several share one number (a placeholder, not an order)."""
    found = looked_up(rows, placeholders, "order_id")
    own = found["order_id"].concat("/", found["customer_id"])
    return found.mutate(order_id=ibis.ifelse(found["_is_shared"].notnull(), own, found["order_id"])).drop("_is_shared")
