"""Order lines: the accepted lines, numbered within their order, with what the products file knows."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.contracts.facts import ORDER_LINES
from patron.records.cleaning.context import Context, cells, looked_up
from patron.records.cleaning.outliers import flagged


def sold(parts: ir.Table) -> ir.Table:
    """Return the parts that are lines of an order."""
    return parts.filter(parts["_reason"].isnull() & (parts["_kind"] == "line"))


def with_products(parts: ir.Table, products: ir.Table | None) -> ir.Table:
    """Fill category, brand, list price and cost from the products where the line itself lacks them."""
    if products is None:
        return parts
    about = products.select(
        "product_id", _category="category", _brand="brand", _list_price="list_price", _unit_cost="unit_cost"
    )
    table = looked_up(parts, about, "product_id")
    fills = {name: ibis.coalesce(table[name], table[f"_{name}"]) for name in _FILLED}
    return table.mutate(**fills).drop(*about.columns[1:])


def built(lines: ir.Table, orders: ir.Table, context: Context) -> ir.Table:
    """Return the `order_lines` facts of these orders, before returns."""
    heads = orders.select("order_id", "day", "status", "customer_id", "ordered_at")
    owned = lines.drop(*heads.columns[2:]).inner_join(heads, "order_id")
    number = ibis.row_number().over(
        group_by="order_id", order_by=[owned["line_no"].asc(nulls_first=False), owned["_file"], owned["_row_no"]]
    )
    facts = owned.select(
        "order_id",
        line_no=(number + 1).cast("int64"),
        customer_id=owned["customer_id"],
        ordered_at=owned["ordered_at"],
        day=owned["day"],
        product_id=owned["product_id"],
        category=top_level(owned["category"]),
        brand=owned["brand"],
        quantity=owned["quantity"],
        unit_price=owned["unit_price"],
        line_discount=owned["line_discount"],
        line_revenue=owned["line_revenue"],
        list_price=owned["list_price"],
        returned_quantity=ibis.literal(0.0),
        status=owned["status"],
        source=ibis.literal(context.source),
        _file=owned["_file"],
        _row_no=owned["_row_no"],
    )
    return flagged(context.engine.keep(facts), "line_revenue", context).select(*cells(ORDER_LINES))


def top_level(category: ir.StringValue) -> ir.StringValue:
    """Return the first level of a category path written with ' / ', '>', '|', '/', or as dotted.lower.case."""
    is_dotted = category.re_search(r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")
    first = ibis.ifelse(
        is_dotted, category.re_extract(r"^([^.]+)", 1), category.re_extract(r"^\s*([^/>|]*[^/>|\s])", 1)
    )
    return first.nullif("")


_FILLED = ("category", "brand", "list_price", "unit_cost")
