"""Returns: what came back, from return files, negative and cancellation rows, refund columns and cancelled orders."""

from __future__ import annotations

from functools import reduce

import ibis
import ibis.expr.types as ir

from patron.contracts.facts import RETURNS
from patron.records.cleaning import duplicates, people
from patron.records.cleaning.context import NO_ROW, Context, cells, looked_up
from patron.records.cleaning.currencies import decimal
from patron.records.cleaning.landing import Landed
from patron.records.cleaning.verdicts import TOO_MUCH, Rule, reason
from patron.records.staging import types

_KINDS = {**types("return"), "source": "string"}


def from_file(rows: Landed, context: Context) -> ir.Table:
    """Return every row of the return files with its `_reason`; rows without an id are named by what they say."""
    table = duplicates.marked(rows, context)
    amount = table["amount"].abs()
    size = ibis.coalesce(amount.cast("float64"), 0.0)
    rules = (
        *duplicates.rules(table)[:2],
        Rule(table["_is_test"], "test order"),
        duplicates.rules(table)[3],
        *people.rules(table["_person"], context.fillers),
        *context.calendar.rules(table["returned_at"]),
        Rule(table["quantity"] == 0, "zero quantity"),
        Rule((size >= TOO_MUCH) | table["quantity"].isinf() | table["quantity"].isnan(), "amount too large to be real"),
    )
    said = [table[name].cast("string") for name in ("order_id", "customer_id", "product_id", "returned_at")]
    words = reduce(lambda first, second: first.concat("|", second), [ibis.coalesce(word, "") for word in said])
    judged = table.mutate(_reason=reason(rules), _words=ibis.coalesce(table["return_id"], words), amount=amount)
    return context.engine.keep(_numbered(judged, context))


def from_rows(rows: ir.Table, orders: ir.Table, context: Context) -> ir.Table:
    """Return the accepted cancellation and negative rows of line and order files as returns."""
    back = rows.filter(rows["_reason"].isnull() & (rows["_kind"] == "return"))
    by_line = "product_id" in back.columns
    words = back["order_id"].concat("/", back["product_id"]) if by_line else back["order_id"]
    own = looked_up(back.mutate(_words=words), orders.select("order_id", _found=ibis.literal(True)), "order_id")
    amount = own["line_revenue"] if by_line else decimal(own["_amount"].abs())
    return _numbered(
        own.mutate(
            order_id=ibis.ifelse(own["_found"].notnull(), own["order_id"], ibis.null("string")),
            product_id=own["product_id"] if by_line else ibis.null("string"),
            quantity=own["quantity"] if by_line else ibis.null("float64"),
            returned_at=own["ordered_at"],
            amount=amount,
        ),
        context,
    )


def of_orders(orders: ir.Table, lines: ir.Table | None, context: Context) -> ir.Table:
    """Return what the orders' own cells say came back: refund amounts, and whole orders cancelled on a later day."""
    is_whole = orders["_is_undone_later"] | (orders["_is_undone"] & orders["_stated_refund"].isnull())
    refund = ibis.ifelse(is_whole, orders["order_revenue"], orders["_stated_refund"])
    capped = ibis.coalesce(ibis.least(refund, orders["order_revenue"]), refund)
    found = orders.filter((is_whole | (orders["_stated_refund"] > 0)) & (orders["status"] == "paid"))
    at = ibis.ifelse(is_whole, ibis.coalesce(orders["_cancelled_at"], orders["_refunded_at"]), orders["_refunded_at"])
    when = ibis.coalesce(at, orders["_cancelled_at"], orders["ordered_at"])
    whole = found.select(
        return_id=found["order_id"].concat("/refund"),
        order_id=found["order_id"],
        customer_id=found["customer_id"],
        returned_at=ibis.greatest(when, orders["ordered_at"]),
        product_id=ibis.null("string"),
        quantity=ibis.ifelse(is_whole, orders["item_count"], ibis.null("float64")),
        amount=capped,
    )
    every = whole if lines is None else ibis.union(whole, _of_lines(lines, orders.filter(~is_whole)))
    return facts(every.mutate(**NO_ROW), context)


def of_events(undone: ir.Table, orders: ir.Table, context: Context) -> ir.Table:
    """Return refund and cancel events as returns; a cancelled order comes back whole."""
    worth = orders.select("order_id", _worth="order_revenue")
    rows = looked_up(undone, worth, "order_id")
    amount = ibis.ifelse(
        rows["_is_whole"], rows["_worth"], ibis.coalesce(ibis.least(rows["amount"], rows["_worth"]), rows["amount"])
    )
    unsaid = {"product_id": ibis.null("string"), "quantity": ibis.null("float64"), **NO_ROW}
    return facts(rows.mutate(amount=amount, **unsaid), context)


def facts(rows: ir.Table, context: Context, *more: str) -> ir.Table:
    """Return rows as `returns` facts, with the further columns named."""
    quantity = rows["quantity"].abs()
    return rows.mutate(
        day=context.calendar.day(rows["returned_at"]),
        quantity=quantity,
        amount=decimal(rows["amount"]),
        source=ibis.literal(context.source),
    ).select(*cells(RETURNS), *more)


def _of_lines(lines: ir.Table, orders: ir.Table) -> ir.Table:
    back = lines.filter((lines["returned_quantity"] > 0) | (lines["line_refunded"] > 0))
    heads = orders.filter(orders["status"] == "paid").select(
        "order_id", "_refunded_at", _at="ordered_at", _who="customer_id"
    )
    own = back.inner_join(heads, "order_id")
    share = own["line_revenue"].cast("float64") / own["quantity"] * own["returned_quantity"]
    place = own["_row_no"].cast("string")
    return own.select(
        return_id=own["order_id"].concat("/", own["product_id"], "/", place, "/returned"),
        order_id=own["order_id"],
        customer_id=own["_who"],
        returned_at=ibis.greatest(ibis.coalesce(own["_refunded_at"], own["_at"]), own["_at"]),
        product_id=own["product_id"],
        quantity=own["returned_quantity"].nullif(0.0),
        amount=ibis.coalesce(own["line_refunded"].abs(), decimal(share)),
    )


def _numbered(rows: ir.Table, context: Context) -> ir.Table:
    """Name each return by its own words and, where they repeat, by which one it is."""
    nth = ibis.row_number().over(
        group_by=["_words", rows["_reason"].isnull()],
        order_by=[rows["returned_at"], rows["quantity"], rows["amount"], rows["_file"], rows["_row_no"]],
    )
    named = rows.mutate(return_id=rows["_words"].concat("/", (nth + 1).cast("string")))
    return facts(named, context, "_reason")
