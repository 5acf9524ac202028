"""Accounts: the one outcome of every judged row, for the ledger and the rejects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import ibis
import ibis.expr.types as ir

from patron.records.cleaning import duplicates, orders
from patron.records.cleaning.context import Context, looked_up
from patron.records.cleaning.judged import Judged
from patron.records.cleaning.plain_facts import PLAIN
from patron.records.cleaning.sales import Sales
from patron.records.cleaning.verdicts import Verdict

FEE = "postage or fee of an order"
LOOSE_FEE = "postage or fee without an order"
MATCHED = "return of an order"
KEPT_APART = "return kept apart, its order was not found"


def verdicts(judged: Judged, sold: Sales, context: Context) -> tuple[Verdict, ...]:
    """Return the outcome of every row, each row in exactly one of the tables."""
    parts: list[Verdict] = []
    if judged.lines is not None:
        parts += _of_lines(judged, judged.lines, sold)
    if judged.order_rows is not None:
        parts += _of_order_rows(judged, judged.order_rows, sold)
    if judged.events is not None:
        parts += _plainly(judged.events, "events", "event", judged.events["price"])
    if judged.returns is not None:
        parts.append(_refused(judged.returns, judged.returns["amount"]))
    for table in judged.customers:
        parts += _plainly(table, "customers", "customer")
    if judged.products is not None:
        parts += _plainly(judged.products, "products", "product")
    for level, table in judged.plain.items():
        parts += _plainly(table, PLAIN[level].contract.name, level)
    parts += [_returned(rows) for rows in sold.row_returns]
    return tuple(part if part.outcome != "rejects" else _held(part, context) for part in parts)


def kinds(tables: Iterable[ir.Table | None], context: Context) -> frozenset[str]:
    """Return which kinds of sound rows there are."""
    found: set[str] = set()
    for table in tables:
        if table is not None:
            sound = table.filter(table["_reason"].isnull()).select("_kind").distinct()
            found |= {str(row["_kind"]) for row in context.engine.rows(sound)}
    return frozenset(found)


def _held(verdict: Verdict, context: Context) -> Verdict:
    return Verdict(verdict.outcome, context.engine.keep(verdict.rows))


def _plainly(table: ir.Table, outcome: str, what: str, amount: ir.Value | None = None) -> Iterator[Verdict]:
    weight = None if amount is None else amount
    yield _refused(table, weight)
    yield Verdict.of(outcome, table.filter(table["_reason"].isnull()), what, weight)


def _refused(table: ir.Table, amount: ir.Value | None = None) -> Verdict:
    rows = table.filter(table["_reason"].notnull())
    return Verdict.of("rejects", rows, rows["_reason"], amount)


def _returned(rows: ir.Table) -> Verdict:
    why = ibis.ifelse(rows["order_id"].notnull(), MATCHED, KEPT_APART)
    return Verdict.of("returns", rows, why, rows["amount"])


def _of_lines(judged: Judged, table: ir.Table, sold: Sales) -> Iterator[Verdict]:
    yield _refused(table, table["_amount"])
    sound = table.filter(table["_reason"].isnull())
    yield from _placed(sound.filter(sound["_kind"] == "line"), "order_lines", "order line", sold)
    if "fee" not in judged.kinds:
        return
    fees = _in_orders(sound.filter(sound["_kind"] == "fee"), sold)
    yield Verdict.of("orders", fees.filter(fees["_found"].notnull()), FEE, fees["_amount"])
    yield Verdict.of("rejects", fees.filter(fees["_found"].isnull()), LOOSE_FEE, fees["_amount"])


def _of_order_rows(judged: Judged, table: ir.Table, sold: Sales) -> Iterator[Verdict]:
    yield _refused(table, table["_amount"])
    sound = table.filter(table["_reason"].isnull())
    yield from _placed(sound.filter(sound["_kind"] == "order"), "orders", "order", sold)
    if sold.orders is not None and "detail" in judged.kinds:
        added = orders.details(table, sold.orders)
        yield Verdict.of("orders", added.filter(added["_found"].notnull()), "detail of an order", added["_amount"])
        yield Verdict.of(
            "rejects", added.filter(added["_found"].isnull()), "detail of an unknown order", added["_amount"]
        )


def _placed(rows: ir.Table, outcome: str, what: str, sold: Sales) -> Iterator[Verdict]:
    if sold.near is None:
        yield Verdict.of(outcome, rows, what, rows["_amount"])
        return
    yield Verdict.of(outcome, rows.anti_join(sold.near, "order_id"), what, rows["_amount"])
    yield Verdict.of("rejects", rows.semi_join(sold.near, "order_id"), duplicates.NEAR, rows["_amount"])


def _in_orders(rows: ir.Table, sold: Sales) -> ir.Table:
    if sold.orders is None:
        return rows.mutate(_found=ibis.null("boolean"))
    return looked_up(rows, sold.orders.select("order_id", _found=ibis.literal(True)), "order_id")
