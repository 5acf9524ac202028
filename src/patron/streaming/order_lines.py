"""The lines that an order's message carries: a list of objects in its field `lines`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import ibis
import ibis.expr.types as ir

from patron.contracts.facts import FACTS
from patron.contracts.tables import IBIS
from patron.engines.duck_functions import parsed_json
from patron.ground.currencies import NO_CURRENCY
from patron.records import TOO_MUCH
from patron.streaming.shapes import LINE_FIELDS

_MONEY = "decimal(18, 4)"
_ZERO = 0


def parsed(lines: ir.StringValue) -> ir.Value:
    """Return the lines as an array of their fields as text; empty where there is no list."""
    is_list = lines.re_search(r"^\s*\[")
    return ibis.ifelse(is_list, parsed_json(lines, [field.name for field in LINE_FIELDS], many=True), None)


def rules(table: ir.Table) -> Iterator[tuple[ir.Value, ir.Value | str]]:
    """Yield what lines must not be: an order with a broken line is kept aside whole."""
    lines = table._lines
    yield table._said_lines.notnull() & lines.isnull(), "lines: no list"
    yield lines.filter(lambda line: line["product_id"].isnull()).length() > 0, "lines: one without product_id"
    for field in LINE_FIELDS:
        if IBIS[field.kind] in ("string", "boolean"):
            continue
        broken = lines.filter(lambda line, field=field: _unreadable(line[field.name]))
        yield broken.length() > 0, f"lines: a {field.name} that is no {field.kind}"
    dear = lines.filter(lambda line: (_quantity(line) * _price(line)).abs() >= TOO_MUCH)
    yield dear.length() > 0, "lines: an amount too large to be real"


def head(table: ir.Table, currency: str) -> Mapping[str, ir.Value]:
    """Return what an order's message need not say: its status, currency, and the sums of its lines."""
    revenue, units = (table._lines.map(of).sums() for of in (_revenue, _quantity))
    gross = _said_or(table, "gross_amount", table._lines.map(_gross).sums().try_cast(_MONEY))
    discount = _said_or(table, "discount_amount", table._lines.map(_discount).sums().try_cast(_MONEY))
    net = table.gross_amount - table.discount_amount.fill_null(_ZERO)
    goods = _said_or(table, "order_revenue", ibis.coalesce(net, revenue)).try_cast(_MONEY)
    return {
        "status": table.status.lower().fill_null("paid"),
        "currency": table.currency.upper().fill_null(currency or NO_CURRENCY),
        "gross_amount": gross,
        "discount_amount": discount,
        "order_revenue": goods,
        "net_revenue": goods,
        "refunded_amount": ibis.null(_MONEY),
        "item_count": _said_or(table, "item_count", units),
        "line_count": table._lines.length(),
        "is_outlier": ibis.literal(False),
    }


def unpacked(orders: ir.Table) -> ir.Table:
    """Return one row a line of the orders, with the columns of `order_lines`."""
    rows = orders.filter(orders._lines.length() > 0)
    each = rows.select(
        "order_id",
        "customer_id",
        "ordered_at",
        "day",
        "status",
        "source",
        line=rows._lines.unnest(),
        line_no=ibis.range(1, rows._lines.length() + 1).unnest().cast("int64"),
    )
    cells = {
        field.name: each.line[field.name].try_cast(IBIS[field.kind])
        for field in LINE_FIELDS
        if field.name not in ("quantity", "line_revenue")
    }
    table = each.mutate(
        **cells,
        quantity=_quantity(each.line),
        line_revenue=_revenue(each.line),
        returned_quantity=ibis.literal(0.0),
        is_outlier=ibis.literal(False),
        file=ibis.null("string"),
        row_no=ibis.null("int64"),
    )
    return table.select(*FACTS["order_lines"].names)


def _quantity(line: ir.StructValue) -> ir.FloatingValue:
    return line["quantity"].try_cast("float64").fill_null(1.0)


def _said_or(table: ir.Table, name: str, worked_out: ir.Value) -> ir.Value:
    """Return what a field says, also where that cannot be read; where it says nothing, what its lines come to."""
    return ibis.ifelse(table[f"_said_{name}"].notnull(), table[name], worked_out)


def _revenue(line: ir.StructValue) -> ir.DecimalValue:
    goods = _gross(line) - _discount(line).fill_null(_ZERO)
    return ibis.coalesce(line["line_revenue"].try_cast(_MONEY), goods.try_cast(_MONEY))


def _gross(line: ir.StructValue) -> ir.DecimalValue:
    return (_quantity(line) * _price(line)).try_cast(_MONEY)


def _price(line: ir.StructValue) -> ir.FloatingValue:
    return line["unit_price"].try_cast(_MONEY).cast("float64")


def _discount(line: ir.StructValue) -> ir.DecimalValue:
    return line["line_discount"].try_cast(_MONEY)


def _unreadable(text: ir.StringValue) -> ir.BooleanValue:
    number = text.try_cast("float64")
    is_finite = ~(number.isnan() | number.isinf()) & (number.abs() < TOO_MUCH)
    return text.notnull() & ~is_finite.fill_null(False)
