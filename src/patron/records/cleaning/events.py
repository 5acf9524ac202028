"""Events: everything a visitor did, one fact a row, anonymous visitors included."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.contracts.facts import EVENT_TYPES, EVENTS
from patron.records.cleaning import duplicates, people
from patron.records.cleaning.context import Context, cells, looked_up
from patron.records.cleaning.currencies import money
from patron.records.cleaning.landing import Landed
from patron.records.cleaning.verdicts import TOO_MUCH, Rule, reason

_AMOUNTS = ("price", "revenue", "shipping_amount", "tax_amount", "discount_amount")
_EXTRA = ("order_id", "coupon", *_AMOUNTS[1:], "_is_date_only", "_orders_from", "_tax_included")
_IDENTITY = ("customer_id", "anonymous_id", "occurred_at", "type", "product_id", "session_id", "order_id")


def judged(rows: Landed, context: Context) -> ir.Table:
    """Return the `events` columns, what orders are made from, and the `_reason` why a row is no event."""
    table = duplicates.marked(rows, context)
    amounts = money(table, context.spec, context.currency)
    table = table.mutate(**{name: amounts.converted(table[name]) for name in _AMOUNTS})
    is_nobody = people.is_filler(table["_person"], context.fillers)
    is_known = table["_person"].notnull() & ~is_nobody
    kind = table["type"].lower()
    units = table["quantity"]
    sizes = ibis.coalesce(table["price"], table["revenue"]).cast("float64").abs() * ibis.coalesce(units, 1.0).abs()
    rules = (
        *duplicates.rules(table)[:2],
        Rule(table["_is_test"], "test order"),
        *duplicates.rules(table)[2:],
        Rule(~ibis.coalesce(is_known, False) & table["anonymous_id"].isnull(), "missing customer"),
        *context.calendar.rules(table["occurred_at"]),
        amounts.rule(),
        Rule(table["price"] < 0, "negative price"),
        Rule(units.isnan() | units.isinf() | (sizes >= TOO_MUCH), "amount too large to be real"),
    )
    facts = table.mutate(
        _reason=reason(rules),
        customer_id=ibis.ifelse(ibis.coalesce(is_known, False), table["customer_id"], ibis.null("string")),
        day=context.calendar.day(table["occurred_at"]),
        hour=context.calendar.hour(table["occurred_at"], table["_is_date_only"]),
        type=ibis.ifelse(kind.isin(EVENT_TYPES), kind, ibis.literal("other")),
        source=ibis.literal(context.source),
    )
    kept = context.engine.keep(facts.select(*cells(EVENTS), *_EXTRA, "_raw_hash", "_reason"))
    return _once(_named(kept, rows, context), context)


def _named(table: ir.Table, rows: Landed, context: Context) -> ir.Table:
    """Name events that came without an id by what they say, and by which of equal ones they are."""
    if "event_id" in rows.present:
        blank = engine_has_blank(table, context)
        if not blank:
            return table.drop("_raw_hash")
    said = ibis.literal("|").join([ibis.coalesce(table[name].cast("string"), "") for name in _IDENTITY])
    named = table.mutate(_said=said.hexdigest("md5"))
    nth = ibis.row_number().over(
        group_by=["_said", named["_reason"].isnull()], order_by=[named["_raw_hash"], named["_file"], named["_row_no"]]
    )
    made = ibis.literal("e_").concat(named["_said"], ibis.ifelse(nth == 0, "", nth.cast("string").lpad(3, "-")))
    return context.engine.keep(named.mutate(event_id=ibis.coalesce(named["event_id"], made)).drop("_said", "_raw_hash"))


def engine_has_blank(table: ir.Table, context: Context) -> bool:
    """Say whether any event lacks an id."""
    return bool(context.engine.rows(table.agg(blank=table["event_id"].isnull().any()))[0]["blank"])


def _once(table: ir.Table, context: Context) -> ir.Table:
    """Keep the last row of each event id."""
    live = table.filter(table["_reason"].isnull())
    place = live["_file"] * (1 << 40) + live["_row_no"]
    spans = live.group_by("event_id").agg(_last=place.max(), _n=live.count())
    last = context.engine.keep(spans.filter(spans["_n"] > 1).drop("_n"))
    if not context.engine.count(last):
        return table
    table = looked_up(table, last, "event_id")
    old = ibis.coalesce(table["_file"] * (1 << 40) + table["_row_no"] < table["_last"], False)
    again = ibis.ifelse(old, duplicates.REPLACED, ibis.null("string"))
    return context.engine.keep(table.mutate(_reason=ibis.coalesce(table["_reason"], again)).drop("_last"))
