"""Sales: orders, their lines and what came back, put together from the accepted rows of all files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from patron.contracts.facts import ORDERS, RETURNS
from patron.records.cleaning import attributes, duplicates, order_extras, order_lines, orders_from_events, returns
from patron.records.cleaning import orders as orders_
from patron.records.cleaning.context import Context, cells, named, without
from patron.records.cleaning.currencies import decimal
from patron.records.cleaning.judged import Judged
from patron.records.cleaning.matching import settled
from patron.records.cleaning.outliers import flagged

_MONEY = "decimal(18, 4)"
_TELL_OF_RETURNS = frozenset(
    {"status", "cancelled_at", "refunded_at", "refunded_amount", "returned_quantity", "line_refunded"}
)
_OF_PRODUCTS = ("product_name", "category", "brand", "list_price", "unit_cost")


@dataclass(frozen=True, slots=True)
class Sales:
    """The facts about sales, and what the ledger needs to know about how rows got there."""

    facts: Mapping[str, ir.Table]
    products: ir.Table | None
    near: ir.Table | None = None  # order_id of near duplicates
    added: ir.Table | None = None  # the rows that mean to add to an order


def sales(judged: Judged, context: Context) -> Sales:
    """Put orders, lines, products and returns together."""
    parts = _parts(judged, context)
    sold = None if parts is None else order_lines.sold(parts)
    products = attributes.products(judged.products, sold, _mentions(judged), context)
    if judged.order_rows is None and parts is None:
        return _only_returns(judged, products, context)
    if parts is not None and products is not None:
        parts = named(order_lines.with_products(parts, products), context.engine)
    heads = orders_.assembled(judged.order_rows, parts, judged.present, context)
    near = _near(heads, parts, context)
    heads = heads if near is None else context.engine.keep(without(heads, near, "order_id"))
    lines = None if parts is None else order_lines.built(order_lines.sold(parts), heads, context)
    return _with_returns(judged, parts, heads, _Built(lines, products, near), context)


def _mentions(judged: Judged) -> tuple[str, ...]:
    """Return what order lines say of products, by its name there."""
    return tuple("title" if name == "product_name" else name for name in _OF_PRODUCTS if name in judged.present)


@dataclass(frozen=True, slots=True)
class _Built:
    lines: ir.Table | None
    products: ir.Table | None
    near: ir.Table | None


def _parts(judged: Judged, context: Context) -> ir.Table | None:
    found = [] if judged.lines is None else [judged.lines]
    if judged.events is not None:
        found.append(orders_from_events.parts(judged.events, context))
    return None if not found else (ibis.union(*found) if len(found) > 1 else found[0])


def _near(heads: ir.Table, parts: ir.Table | None, context: Context) -> ir.Table | None:
    seconds = context.spec.near_duplicate_seconds
    if not seconds or parts is None:
        return None
    placed = heads.mutate(_amount=heads["order_revenue"])
    return context.engine.keep(duplicates.near(placed, order_lines.sold(parts), seconds))


def _with_returns(judged: Judged, parts: ir.Table | None, heads: ir.Table, built: _Built, context: Context) -> Sales:
    rows = [table for table in (judged.lines, judged.order_rows) if table is not None and "return" in judged.kinds]
    from_rows = [context.engine.keep(returns.from_rows(table, heads, context)) for table in rows]
    if judged.returns is not None:
        from_rows.append(judged.returns)
    own = _own_returns(judged, parts, heads, context)
    facts = {"orders": _priced(heads, context)}
    extras = order_extras.added(judged, heads, context)
    if built.lines is not None:
        facts["order_lines"] = built.lines
    if from_rows or own:
        tables = [_accepted(table) for table in (*from_rows, *own)]
        back = context.engine.keep(ibis.union(*tables) if len(tables) > 1 else tables[0])
        facts = settled(facts["orders"], built.lines, back, context.engine)
    if extras is not None:
        facts["order_extras"] = order_extras.facts(extras, context)
    return Sales(facts, built.products, built.near, extras)


def _own_returns(judged: Judged, parts: ir.Table | None, heads: ir.Table, context: Context) -> list[ir.Table]:
    """Collect what the orders' own cells, and refund events, say came back."""
    own = []
    if judged.present & _TELL_OF_RETURNS:
        own.append(returns.of_orders(heads, None if parts is None else order_lines.sold(parts), context))
    if judged.events is not None:
        own.append(returns.of_events(orders_from_events.undone(judged.events, context), heads, context))
    return own


def _only_returns(judged: Judged, products: ir.Table | None, context: Context) -> Sales:
    if judged.returns is None:
        return Sales({}, products)
    return Sales({"returns": context.engine.keep(_accepted(judged.returns))}, products)


def _priced(heads: ir.Table, context: Context) -> ir.Table:
    table = flagged(heads, "order_revenue", context)
    return table.mutate(
        refunded_amount=ibis.ifelse(table["order_revenue"].notnull(), decimal(ibis.literal(0)), ibis.null(_MONEY)),
        net_revenue=table["order_revenue"],
        source=ibis.literal(context.source),
    ).select(*cells(ORDERS))


def _accepted(table: ir.Table) -> ir.Table:
    rows = table.filter(table["_reason"].isnull()) if "_reason" in table.columns else table
    return rows.select(*cells(RETURNS))
