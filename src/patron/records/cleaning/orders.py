"""Orders: heads and lines brought together, with what was sold for how much.

The monetary basis is goods after discounts, without postage and, where the source states it, without tax:
``order_revenue = goods_amount``, else ``gross_amount - discount_amount``, else the sum of ``quantity * unit_price -
line_discount``, else ``total_amount - shipping_amount - tax_amount``. A source without money gives no money.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import ibis
import ibis.expr.types as ir

from patron.records.cleaning.context import NO_ROW, Context, looked_up
from patron.records.cleaning.currencies import decimal, product
from patron.records.cleaning.lines import HEAD, HEAD_MONEY
from patron.records.staging import types

_CANCELLED = ("cancelled", "canceled", "voided", "failed")
_NOTHING = ibis.literal(0).cast("decimal(18, 4)")
_KINDS = types("order")
_FROM_LINES: Mapping[str, str] = {
    "_lines_gross": "decimal(18, 4)",
    "_lines_discount": "decimal(18, 4)",
    "_lines_revenue": "decimal(18, 4)",
    "_lines_cost": "decimal(18, 4)",
    "_lines_refunded": "decimal(18, 4)",
    "_fees": "decimal(18, 4)",
    "_units": "float64",
    "_n_lines": "int64",
}
_WHO = ("customer_id", "ordered_at", "_is_date_only", "_tax_included")


def assembled(
    order_rows: ir.Table | None, parts: ir.Table | None, present: Collection[str], context: Context
) -> ir.Table:
    """Return one row per order: every contract column but outliers, and the columns its own refunds are read from."""
    heads = None if order_rows is None else _from_order_rows(order_rows, present)
    sums = None if parts is None else _from_parts(parts, present)
    if heads is None or sums is None:
        only = sums if heads is None else heads
        assert only is not None, "an import has order rows or parts"  # noqa: S101
        both = only
    else:
        both = _brought_together(heads, sums)
    return context.engine.keep(_valued(_complete(both), context))


def _from_order_rows(rows: ir.Table, present: Collection[str]) -> ir.Table:
    sound = rows.filter(rows["_reason"].isnull())
    head = [name for name in HEAD if name in present]
    orders = sound.filter(sound["_kind"] == "order").select("order_id", *NO_ROW, *_WHO, *head)
    added = sound.filter(sound["_kind"] == "detail")
    sums = added.group_by("order_id").agg(
        **{f"_{name}": decimal(added[name].sum()) if name in HEAD_MONEY else added[name].arbitrary() for name in head}
    )
    both = looked_up(orders, sums, "order_id")
    return both.mutate(**{name: ibis.coalesce(both[name], both[f"_{name}"]) for name in head}).select(*orders.columns)


def _from_parts(parts: ir.Table, present: Collection[str]) -> ir.Table:
    is_sound = parts["_reason"].isnull()
    is_line = is_sound & (parts["_kind"] == "line")
    alive = is_line | (is_sound & (parts["_kind"] == "head"))
    has_head = parts["_keeps_head"] & (parts["_kind"] != "return")
    place = parts["_row_no"]
    head = {name: parts[name].argmin(place, where=parts[name].notnull() & has_head) for name in HEAD if name in present}
    sums = parts.filter(parts["order_id"].notnull() & (is_sound | has_head)).group_by("order_id")
    orders = sums.agg(
        customer_id=parts["customer_id"].min(where=alive),
        ordered_at=parts["ordered_at"].min(where=alive),
        _is_date_only=parts["_is_date_only"].any(),
        _tax_included=parts["_tax_included"].any(),
        _lines_discount=decimal(parts["line_discount"].sum(where=is_line)),
        _lines_revenue=decimal(parts["line_revenue"].sum(where=is_line)),
        _lines_cost=decimal(product(parts["quantity"], parts["unit_cost"]).sum(where=is_line)),
        _n_costed=parts["unit_cost"].count(where=is_line),
        _lines_refunded=decimal(parts["line_refunded"].sum(where=is_line)),
        _fees=decimal(parts["line_revenue"].sum(where=is_sound & (parts["_kind"] == "fee"))),
        _units=parts["quantity"].sum(where=is_line),
        _n_lines=is_line.sum().nullif(0),
        _n_alive=alive.sum(),
        **head,
    )
    all_costed = orders["_n_costed"] == orders["_n_lines"]
    cost = ibis.ifelse(all_costed, orders["_lines_cost"], ibis.null("decimal(18, 4)"))
    gross = decimal(orders["_lines_revenue"] + ibis.coalesce(orders["_lines_discount"], _NOTHING))
    whole = orders.filter(orders["_n_alive"] > 0).mutate(_lines_cost=cost, _lines_gross=gross)
    return whole.drop("_n_costed", "_n_alive")


def _brought_together(heads: ir.Table, sums: ir.Table) -> ir.Table:
    keyed = sums.rename(**{f"{name}_below": name for name in sums.columns if name in heads.columns})
    both = heads.outer_join(keyed, heads["order_id"] == keyed["order_id_below"])
    shared = [name for name in sums.columns if name in heads.columns]
    merged = both.mutate(**{name: ibis.coalesce(both[name], both[f"{name}_below"]) for name in shared})
    return merged.drop(*(f"{name}_below" for name in shared))


def _complete(orders: ir.Table) -> ir.Table:
    kinds = {**{name: _KINDS[name] for name in HEAD}, **_FROM_LINES}
    empty = {**NO_ROW, **{name: ibis.null(kind) for name, kind in kinds.items()}}
    return orders.mutate(**{name: cell for name, cell in empty.items() if name not in orders.columns})


def _valued(orders: ir.Table, context: Context) -> ir.Table:
    zero = _NOTHING
    discount = ibis.coalesce(orders["discount_amount"].abs(), zero)
    tax = ibis.coalesce(orders["tax_amount"], zero)
    inner_tax = ibis.ifelse(orders["_tax_included"], tax, zero)
    below_line = ibis.ifelse(orders["_lines_discount"].isnull(), discount, zero)
    postage = ibis.coalesce(orders["shipping_amount"], zero)
    revenue = ibis.coalesce(
        orders["goods_amount"] - inner_tax,
        orders["gross_amount"] - discount - inner_tax,
        orders["_lines_revenue"] - below_line - inner_tax,
        orders["total_amount"] - postage - tax,
    )
    shipping = ibis.coalesce(orders["shipping_amount"] + ibis.coalesce(orders["_fees"], zero), orders["_fees"])
    day = context.calendar.day(orders["ordered_at"])
    status, is_undone_later = _status(orders, day, context)
    return orders.select(
        "order_id",
        "customer_id",
        "ordered_at",
        day=day,
        hour=context.calendar.hour(orders["ordered_at"], orders["_is_date_only"]),
        status=status,
        currency=ibis.literal(context.currency),
        gross_amount=decimal(ibis.coalesce(orders["gross_amount"], orders["_lines_gross"])),
        discount_amount=decimal(ibis.coalesce(orders["discount_amount"].abs(), orders["_lines_discount"])),
        shipping_amount=decimal(shipping),
        tax_amount=orders["tax_amount"],
        order_revenue=decimal(revenue),
        margin=decimal(revenue - orders["_lines_cost"]),
        item_count=ibis.coalesce(orders["item_count"], orders["_units"]),
        line_count=orders["_n_lines"],
        channel=orders["channel"],
        coupon=orders["coupon"],
        country=orders["country"],
        _file=orders["_file"],
        _row_no=orders["_row_no"],
        _stated_refund=decimal(orders["refunded_amount"].abs() - ibis.coalesce(orders["_lines_refunded"], zero)),
        _is_undone_later=is_undone_later,
        _is_undone=(status == "paid") & (orders["status"].lower() == "refunded"),
        _cancelled_at=orders["cancelled_at"],
        _refunded_at=orders["refunded_at"],
    )


def _status(orders: ir.Table, day: ir.Value, context: Context) -> tuple[ir.StringValue, ir.BooleanValue]:
    """Read the status: cancelled after its day, an order was a purchase and is undone later; else it never was one."""
    said = ibis.coalesce(orders["status"].lower(), "paid")
    is_cancelled = said.isin(_CANCELLED) | orders["cancelled_at"].notnull()
    later = ibis.coalesce(is_cancelled & (context.calendar.day(orders["cancelled_at"]) > day), False)
    status = ibis.cases((later, "paid"), (is_cancelled, "cancelled"), (said == "pending", "pending"), else_="paid")
    return status, later
