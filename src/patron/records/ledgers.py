"""The ledger over all imports: counted from the facts and rejects as they now stand, so that it is true of them."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from patron.contracts.accounts import LEDGER
from patron.contracts.facts import FACTS
from patron.engines.duck import DuckEngine
from patron.ground.errors import ContractBroken
from patron.records.cleaning.accounts import SAID, came_back
from patron.records.cleaning.verdicts import MOST

CELLWISE = ("customers", "products")  # facts put together cell by cell: many input rows are one of them
_MONEY = "decimal(18, 4)"


def ledger(
    facts: Mapping[str, ir.Table],
    rejects: ir.Table,
    cellwise: ir.Table,
    rows_read: Mapping[str, int],
    engine: DuckEngine,
) -> pa.Table:
    """Count where every input row of all imports now is.

    Args:
        facts: fact tables by name, as they stand after the newest import.
        rejects: every row of any import that is no fact (`REJECTS`).
        cellwise: the rows of the imports' own ledgers that became customers or products.
        rows_read: how many rows each import read, by its id.
        engine: where it computes.

    Returns:
        A table of the contract `LEDGER`.

    Raises:
        ContractBroken: an import's counts do not add up to the rows it read.
    """
    told = {name: table for name, table in facts.items() if "row_no" in FACTS[name].names}
    parts = [_counted(table, name, _reason(name, table), weight(name, table)) for name, table in told.items()]
    parts.append(_counted(rejects, "rejects", rejects["reason"], rejects["amount"]))
    parts.append(cellwise.filter(cellwise["outcome"].isin(CELLWISE)).select(*LEDGER.names))
    whole = ibis.union(*parts).order_by("source", "file", "outcome", ibis.desc("row_count"), "reason")
    return _balanced(LEDGER.check(engine.arrow(whole)), rows_read)


def weight(name: str, fact: ir.Table) -> ir.Value:
    """Return the money in the input rows of a fact table, as a guide to what they weigh."""
    match name:
        case "orders":
            return fact["order_revenue"]
        case "order_lines":
            return (fact["quantity"] * fact["unit_price"].cast("float64")).try_cast(_MONEY)
        case "order_extras" | "returns":
            return fact["amount"]
        case "events":
            return fact["price"]
        case _:
            return ibis.null(_MONEY)


def _reason(name: str, fact: ir.Table) -> ir.StringValue:
    match name:
        case "returns":
            return came_back(fact)
        case "order_extras":
            return fact["kind"]
        case _:
            return ibis.literal(SAID[name])


def _counted(table: ir.Table, outcome: str, reason: ir.Value, amount: ir.Value) -> ir.Table:
    rows = table.select("source", "file", "row_no", reason=reason, amount=amount)
    counts = (
        rows.filter(rows["row_no"].notnull())
        .group_by("source", "file", "reason")
        .agg(row_count=lambda t: t.count(), total=lambda t: t["amount"].sum().cast("float64"))
    )
    fits = counts["total"].abs() < MOST
    amounts = ibis.ifelse(fits, counts["total"].try_cast(_MONEY), ibis.null(_MONEY))
    return counts.mutate(outcome=ibis.literal(outcome), amount=amounts).select(*LEDGER.names)


def _balanced(counts: pa.Table, rows_read: Mapping[str, int]) -> pa.Table:
    sums = counts.group_by("source").aggregate([("row_count", "sum")])
    counted = dict(zip(sums["source"].to_pylist(), sums["row_count_sum"].to_pylist(), strict=True))
    wrong = [
        f"{source[:12]}: {counted.get(source, 0):,} rows of {rows_read.get(source, 0):,} read"
        for source in sorted({*counted, *rows_read})
        if counted.get(source, 0) != rows_read.get(source, 0)
    ]
    if wrong:
        raise ContractBroken(
            f"The ledger does not account for every row of every import: {'; '.join(wrong)}.\n"
            "Every row must be in exactly one place, a fact or the rejects: this is a fault of Patron.\n"
            "Next: report it with the names of the files' columns; a new shelf, filled from all files, is sound."
        )
    return counts
