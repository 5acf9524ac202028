"""Lines: what each row of a line file is: a line of an order, something sent back, postage, or no fact."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from patron.records.cleaning import duplicates, people
from patron.records.cleaning.context import Context, looked_up, named
from patron.records.cleaning.currencies import Money, decimal, money, product
from patron.records.cleaning.landing import Landed
from patron.records.cleaning.verdicts import TOO_MUCH, Rule, keeps_head, reason

HEAD_MONEY = (
    "gross_amount",
    "goods_amount",
    "discount_amount",
    "shipping_amount",
    "tax_amount",
    "total_amount",
    "refunded_amount",
)
HEAD = (*HEAD_MONEY, "item_count", "status", "channel", "coupon", "country", "cancelled_at", "refunded_at")
PRODUCT = ("product_id", "product_name", "category", "brand")
NO_PRODUCT = "(no product)"
LINE_AMOUNTS = ("unit_price", "line_discount", "line_revenue", "list_price", "unit_cost", "line_refunded")
PARTS = (
    "_file",
    "_row_no",
    "order_id",
    "customer_id",
    "ordered_at",
    "_is_date_only",
    "_tax_included",
    "line_no",
    "quantity",
    "returned_quantity",
    *PRODUCT,
    *LINE_AMOUNTS,
    *HEAD,
)
MARKS = ("_reason", "_keeps_head", "_kind", "_amount")


def judged(rows: Landed, context: Context, *, owns_orders: bool) -> ir.Table:
    """Return the columns `PARTS` and `MARKS` of every row; `_kind` is line, return or fee, `_reason` why it is none."""
    table = duplicates.marked(rows, context)
    table = _owned(table, context) if owns_orders else table.mutate(_is_others=ibis.literal(False))
    table = named(_numbered(table), context.engine)
    amounts = money(table, context.spec, context.currency)
    table = named(_priced(table, amounts), context.engine)
    rules = _rules(table, rows, money(table, context.spec, context.currency), context)
    kind = ibis.cases(
        (table["_is_non_product"], "fee"),
        (table["_is_cancellation"] | (table["_units"] < 0), "return"),
        else_="line",
    )
    judged = table.mutate(_reason=reason(rules), _keeps_head=keeps_head(rules), _kind=kind)
    return context.engine.keep(_weighed(judged).select(*PARTS, *MARKS))


def _rules(table: ir.Table, rows: Landed, amounts: Money, context: Context) -> Sequence[Rule]:
    """List the rules in the order in which they are asked; the first that holds gives the reason."""
    units, price = table["_units"], table["_price"]
    pays_back = table["_is_non_product"] & (table["_is_cancellation"] | (units < 0) | (price < 0))
    return (
        *duplicates.rules(table)[:2],
        Rule(table["_is_test"] | (table["status"].lower() == "test"), "test order"),
        *duplicates.rules(table)[2:],
        Rule(table["order_id"].isnull(), "missing order number"),
        *people.rules(table["_person"], context.fillers),
        Rule(table["_is_others"], "order number of another customer"),
        *context.calendar.rules(table["ordered_at"]),
        amounts.rule(),
        Rule(pays_back, "non-product line", keeps_head=True),
        Rule(units.isnull(), "missing quantity", keeps_head=True),
        Rule(units == 0, "zero quantity", keeps_head=True),
        Rule(_too_large(units, price), "amount too large to be real", keeps_head=True),
        Rule(price < 0, "negative price", keeps_head=True),
        Rule(price == 0, "zero price", keeps_head=True),
        Rule(_lacks_price(table, rows), "missing price", keeps_head=True),
    )


def _too_large(units: ir.Value, price: ir.Value) -> ir.BooleanValue:
    off = (units.isnan() | units.isinf() | (units.abs() >= TOO_MUCH)).fill_null(False)
    return off | (ibis.coalesce(price, 0.0).abs() * units.abs() >= TOO_MUCH)


def _lacks_price(table: ir.Table, rows: Landed) -> ir.BooleanValue:
    """A source that states prices must state this one, unless it states what the whole order cost."""
    states_prices = bool({"unit_price", "line_total"} & rows.present)
    states_orders = bool({"goods_amount", "gross_amount", "total_amount"} & rows.present)
    return table["_price"].isnull() & ibis.literal(states_prices and not states_orders)


def _owned(table: ir.Table, context: Context) -> ir.Table:
    """Mark rows of an order number that another customer used first."""
    usable = table.filter(table["order_id"].notnull() & table["customer_id"].notnull() & ~table["_is_replaced"])
    ids = usable.group_by("order_id").agg(
        _least=usable["customer_id"].min(),
        _most=usable["customer_id"].max(),
    )
    shared = context.engine.keep(ids.filter(ids["_least"] != ids["_most"]).select("order_id"))
    first = usable.semi_join(shared, "order_id")
    owners = context.engine.keep(first.group_by("order_id").agg(_owner=first["customer_id"].argmin(first["_row_no"])))
    table = looked_up(table, owners, "order_id")
    return table.mutate(_is_others=ibis.coalesce(table["_owner"] != table["customer_id"], False)).drop("_owner")


def _numbered(table: ir.Table) -> ir.Table:
    """Give orders a number where the source has none: one customer and one instant are one order."""
    made = ibis.literal("o_").concat(
        table["customer_id"].concat("|", table["ordered_at"].epoch_seconds().cast("string")).hexdigest("md5")
    )
    return table.mutate(order_id=ibis.ifelse(table["_wants_order_id"], table["order_id"], made))


def _priced(table: ir.Table, amounts: Money) -> ir.Table:
    """Read units and price; a line total stands for the price where the source has no price of a unit."""
    stated = "quantity" in table.columns
    units = table["quantity"].cast("float64") if stated else ibis.literal(1.0)
    discount = amounts.converted(table["line_discount"].abs())
    total = table["line_total"]
    derived = (total.cast("float64") + ibis.coalesce(discount, 0).cast("float64")) / units.nullif(0.0)
    unit_price = amounts.converted(ibis.coalesce(table["unit_price"], decimal(derived)))
    return table.mutate(
        _units=units,
        _price=ibis.coalesce(unit_price.cast("float64"), derived),
        _unit_price=unit_price,
        _discount=discount,
        _total=ibis.ifelse(table["unit_price"].isnull(), amounts.converted(total), ibis.null("decimal(18, 4)")),
        **{name: amounts.converted(table[name]) for name in ("list_price", "unit_cost", "line_refunded", *HEAD_MONEY)},
    )


def _weighed(table: ir.Table) -> ir.Table:
    """Compute the line's money, exact in DECIMAL(18, 4), where the row passed the rules."""
    sound = ibis.ifelse(table["_reason"].isnull(), table["_units"].abs(), ibis.null("float64"))
    gross = ibis.coalesce(
        table["_total"].abs(), product(sound, table["_unit_price"]) - _none_as_zero(table["_discount"])
    )
    return table.mutate(
        quantity=sound,
        unit_price=ibis.ifelse(table["_reason"].isnull(), table["_unit_price"], ibis.null("decimal(18, 4)")),
        line_discount=table["_discount"],
        line_revenue=ibis.ifelse(table["_reason"].isnull(), decimal(gross), ibis.null("decimal(18, 4)")),
        product_id=ibis.coalesce(table["product_id"], table["product_name"], ibis.literal(NO_PRODUCT)),
        _amount=table["_units"] * table["_price"],
    )


def _none_as_zero(amount: ir.Value) -> ir.Value:
    return ibis.coalesce(amount, ibis.literal(0).cast("decimal(18, 4)"))
