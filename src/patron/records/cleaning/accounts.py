"""Accounts: the one outcome of every judged row, for the ledger and the rejects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import ibis
import ibis.expr.types as ir

from patron.records.cleaning import duplicates
from patron.records.cleaning.context import Context
from patron.records.cleaning.judged import Judged
from patron.records.cleaning.plain_facts import PLAIN
from patron.records.cleaning.sales import Sales
from patron.records.cleaning.verdicts import Verdict

SAID = {
    "orders": "order",
    "order_lines": "order line",
    "events": "event",
    "customers": "customer",
    "products": "product",
    **{plain.contract.name: level for level, plain in PLAIN.items()},
}
MATCHED = "return of an order"
KEPT_APART = "return kept apart, its order was not found"


def verdicts(judged: Judged, sold: Sales, context: Context) -> tuple[Verdict, ...]:
    """Return the outcome of every row, each row in exactly one of the tables."""
    parts: list[Verdict] = []
    if judged.lines is not None:
        parts += _of_sales(judged.lines, "line", "order_lines", sold)
    if judged.order_rows is not None:
        parts += _of_sales(judged.order_rows, "order", "orders", sold)
    if sold.added is not None:
        parts += _added(sold.added)
    if judged.events is not None:
        parts += _plainly(judged.events, "events", judged.events["price"])
    if judged.returns is not None:
        parts.append(_refused(judged.returns, judged.returns["amount"]))
    for table in judged.customers:
        parts += _plainly(table, "customers")
    if judged.products is not None:
        parts += _plainly(judged.products, "products")
    for level, table in judged.plain.items():
        parts += _plainly(table, PLAIN[level].contract.name)
    if "returns" in sold.facts:
        parts.append(_returned(sold.facts["returns"]))
    return tuple(part if part.outcome != "rejects" else _held(part, context) for part in parts)


def kinds(tables: Iterable[ir.Table | None], context: Context) -> frozenset[str]:
    """Return which kinds of sound rows there are."""
    found: set[str] = set()
    for table in tables:
        if table is not None:
            sound = table.filter(table["_reason"].isnull()).select("_kind").distinct()
            found |= {str(row["_kind"]) for row in context.engine.rows(sound)}
    return frozenset(found)


def came_back(returns: ir.Table) -> ir.StringValue:
    """Say of each return whether its order is there."""
    return ibis.ifelse(returns["order_id"].notnull(), MATCHED, KEPT_APART)


def _held(verdict: Verdict, context: Context) -> Verdict:
    return Verdict(verdict.outcome, context.engine.keep(verdict.rows))


def _plainly(table: ir.Table, outcome: str, amount: ir.Value | None = None) -> Iterator[Verdict]:
    yield _refused(table, amount)
    yield Verdict.of(outcome, table.filter(table["_reason"].isnull()), SAID[outcome], amount)


def _refused(table: ir.Table, amount: ir.Value | None = None) -> Verdict:
    rows = table.filter(table["_reason"].notnull())
    return Verdict.of("rejects", rows, rows["_reason"], amount)


def _returned(returns: ir.Table) -> Verdict:
    rows = returns.filter(returns["_row_no"].notnull())
    return Verdict.of("returns", rows, came_back(rows), rows["amount"])


def _of_sales(table: ir.Table, kind: str, outcome: str, sold: Sales) -> Iterator[Verdict]:
    yield _refused(table, table["_amount"])
    rows = table.filter(table["_reason"].isnull() & (table["_kind"] == kind))
    if sold.near is None:
        yield Verdict.of(outcome, rows, SAID[outcome], rows["_amount"])
        return
    yield Verdict.of(outcome, rows.anti_join(sold.near, "order_id"), SAID[outcome], rows["_amount"])
    yield Verdict.of("rejects", rows.semi_join(sold.near, "order_id"), duplicates.NEAR, rows["_amount"])


def _added(table: ir.Table) -> Iterator[Verdict]:
    yield _refused(table, table["_amount"])
    rows = table.filter(table["_reason"].isnull())
    yield Verdict.of("order_extras", rows, rows["kind"], rows["_amount"])
