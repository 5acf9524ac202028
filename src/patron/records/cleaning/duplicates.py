"""Duplicates: a file given twice, rows equal in every column, orders reported again, and double clicks."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.records.cleaning.context import Context, looked_up, named
from patron.records.cleaning.landing import Landed
from patron.records.cleaning.verdicts import Rule

REPEATED_FILE = "file given twice"
EXACT = "exact duplicate"
NEAR = "near duplicate order"
REPLACED = "replaced by a later version"


def marked(rows: Landed, context: Context) -> ir.Table:
    """Add `_is_copy` (a row equal in every column came before) and `_is_replaced` (a later file has its order)."""
    table = _copies(rows.table, context)
    if rows.level in ("order", "line", "return") and rows.file_count > 1:
        return named(_replaced(table, context), context.engine)
    return named(table.mutate(_is_replaced=ibis.literal(False)), context.engine)


def rules(table: ir.Table) -> tuple[Rule, ...]:
    """Return the rules on rows that are there twice, for a table that `marked` has seen."""
    return (
        Rule(table["_is_repeat"], REPEATED_FILE),
        Rule(table["_issue"].notnull(), table["_issue"]),
        Rule(table["_is_replaced"], REPLACED),
        Rule(table["_is_copy"], EXACT),
    )


def latest_first(table: ir.Table) -> tuple[ir.Value, ...]:
    """Return the order in which later rows come first."""
    return (table["_file"].desc(), table["_row_no"].desc())


def near(orders: ir.Table, lines: ir.Table, seconds: int) -> ir.Table:
    """Return the ids of orders that repeat the customer's previous order, line for line, within so many seconds."""
    signature = lines.group_by("order_id").agg(
        _lines=(lines["product_id"].concat("\x1f", lines["quantity"].cast("string"))).group_concat(
            "\x1e", order_by=[lines["product_id"], lines["quantity"]]
        )
    )
    placed = looked_up(orders.select("order_id", "customer_id", "ordered_at", "_amount"), signature, "order_id")
    group = ["customer_id", "_lines", "_amount"]
    before = (
        placed["ordered_at"]
        .lag()
        .over(ibis.window(group_by=group, order_by=[placed["ordered_at"], placed["order_id"]]))
    )
    gap = placed.mutate(_gap=placed["ordered_at"].epoch_seconds() - before.epoch_seconds())
    return gap.filter(gap["_gap"] <= seconds).select("order_id")


def _copies(table: ir.Table, context: Context) -> ir.Table:
    if context.spec.exact_duplicates == "keep":
        return table.mutate(_is_copy=ibis.literal(False))
    candidates = table.filter(~table["_keeps_duplicates"] & ~table["_is_repeat"])
    hashes = candidates.group_by("_raw_hash").agg(_n=candidates.count())
    twice = context.engine.keep(hashes.filter(hashes["_n"] > 1).select("_raw_hash"))
    suspects = candidates.semi_join(twice, "_raw_hash").select("_raw_hash", "_file", "_row_no")
    first = context.engine.keep(suspects.group_by("_raw_hash").agg(_first=_place(suspects).min()))
    table = looked_up(table, first, "_raw_hash")
    copy = (_place(table) != table["_first"]) & ~table["_keeps_duplicates"] & ~table["_is_repeat"]
    return table.mutate(_is_copy=ibis.coalesce(copy, False)).drop("_first")


def _place(table: ir.Table) -> ir.Value:
    """Order rows so that the first row of the last file comes first."""
    return table["_row_no"] - table["_file"] * (1 << 40)


def _replaced(table: ir.Table, context: Context) -> ir.Table:
    """Mark rows whose order a later file of the same level reports again: that version wins wholly."""
    usable = table.filter(
        table["order_id"].notnull() & table["_issue"].isnull() & ~table["_is_repeat"] & ~table["_is_supplement"]
    )
    spans = usable.group_by("order_id").agg(_last=usable["_file"].max(), _first=usable["_file"].min())
    again = context.engine.keep(spans.filter(spans["_last"] > spans["_first"]).drop("_first"))
    table = looked_up(table, again, "order_id")
    replaced = ibis.coalesce(table["_file"] < table["_last"], False) & ~table["_is_supplement"]
    return table.mutate(_is_replaced=replaced).drop("_last")
