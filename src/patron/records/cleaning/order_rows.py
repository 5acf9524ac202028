"""Order rows: what each row of an order file is: an order, money paid back, a detail of an order, or no fact."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir

from patron.records.cleaning import duplicates, people
from patron.records.cleaning.context import Context, looked_up
from patron.records.cleaning.currencies import Money, money
from patron.records.cleaning.landing import Landed
from patron.records.cleaning.lines import HEAD, HEAD_MONEY
from patron.records.cleaning.verdicts import TOO_MUCH, Rule, reason

COLUMNS = (
    "_file",
    "_row_no",
    "order_id",
    "customer_id",
    "ordered_at",
    "_is_date_only",
    "_tax_included",
    *HEAD,
)


def judged(rows: Landed, context: Context) -> ir.Table:
    """Return `COLUMNS`, `_reason`, `_kind` (order, return or detail) and `_amount` of every row."""
    table = duplicates.marked(rows, context)
    amounts = money(table, context.spec, context.currency)
    table = table.mutate(**{name: amounts.converted(table[name]) for name in HEAD_MONEY})
    worth = ibis.coalesce(*(table[name] for name in ("goods_amount", "gross_amount", "total_amount"))).cast("float64")
    kind = ibis.cases(
        (table["_is_supplement"], "detail"),
        (table["_is_cancellation"] | (worth < 0), "return"),
        else_="order",
    )
    table = table.mutate(_reason=reason(_rules(table, worth, amounts, context)), _kind=kind, _amount=worth)
    keys = ("_reason", "_kind", "_amount", "_raw_hash", "_wants_order_id")
    return _once(_numbered(context.engine.keep(table.select(*COLUMNS, *keys)), rows), context)


def _rules(table: ir.Table, worth: ir.Value, amounts: Money, context: Context) -> Sequence[Rule]:
    """List the rules in the order in which they are asked; the first that holds gives the reason."""
    repeated, unread, replaced, copied = duplicates.rules(table)
    whole = ~table["_is_supplement"]
    about = (
        *people.rules(table["_person"], context.fillers),
        *context.calendar.rules(table["ordered_at"]),
    )
    return (
        repeated,
        unread,
        Rule(table["_is_test"] | (table["status"].lower() == "test"), "test order"),
        replaced,
        copied,
        Rule(table["order_id"].isnull() & table["_wants_order_id"], "missing order number"),
        *(Rule(rule.condition & whole, rule.reason) for rule in about),
        amounts.rule(),
        Rule(table["item_count"] == 0, "zero quantity"),
        Rule((table["item_count"] < 0) & ~(worth < 0) & ~table["_is_cancellation"], "negative quantity"),
        Rule(_too_large(table), "amount too large to be real"),
    )


def _too_large(table: ir.Table) -> ir.Value:
    checks = [(table[name].cast("float64").abs() >= TOO_MUCH).fill_null(False) for name in HEAD_MONEY]
    return reduce(lambda first, second: first | second, checks)


def _numbered(table: ir.Table, rows: Landed) -> ir.Table:
    """Number orders of a source without order numbers: customer, instant and which one of that instant it is."""
    if rows.is_numbered:
        return table
    nth = ibis.row_number().over(
        group_by=["_wants_order_id", "customer_id", "ordered_at", table["_reason"].isnull()],
        order_by=[table["_amount"], table["_raw_hash"], table["_file"], table["_row_no"]],
    )
    at = table["ordered_at"].epoch_seconds().cast("string")
    made = ibis.literal("o_").concat(table["customer_id"].concat("|", at, "|", nth.cast("string")).hexdigest("md5"))
    return table.mutate(order_id=ibis.ifelse(table["_wants_order_id"], table["order_id"], made))


def _once(table: ir.Table, context: Context) -> ir.Table:
    """Keep the last row of each order; the ones before are older versions of it."""
    table = context.engine.keep(table.drop("_raw_hash", "_wants_order_id"))
    live = table.filter(table["_reason"].isnull() & (table["_kind"] == "order"))
    place = live["_file"] * (1 << 40) + live["_row_no"]
    spans = live.group_by("order_id").agg(_last=place.max(), _n=live.count())
    last = context.engine.keep(spans.filter(spans["_n"] > 1).drop("_n"))
    table = looked_up(table, last, "order_id")
    old = (table["_kind"] == "order") & (table["_file"] * (1 << 40) + table["_row_no"] < table["_last"])
    again = ibis.ifelse(ibis.coalesce(old, False), duplicates.REPLACED, ibis.null("string"))
    return context.engine.keep(table.mutate(_reason=ibis.coalesce(table["_reason"], again)).drop("_last"))
