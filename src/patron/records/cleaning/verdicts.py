"""Verdicts: every input row gets exactly one outcome and one reason, and the ledger adds them up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from patron.contracts.accounts import LEDGER, REJECTS
from patron.engines.duck import DuckEngine
from patron.ground.errors import ContractBroken
from patron.records.staging import StagedFile

TOO_MUCH = 1e12  # beyond this an amount is a typing error, and sums would no longer fit DECIMAL(18, 4)
MOST = 10 * TOO_MUCH  # a sum of the ledger beyond this is left empty


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that meet `condition` are rejected; an order may still take its head (amounts, status) from them."""

    condition: ir.Value
    reason: str | ir.Value
    keeps_head: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Rows (`_file`, `_row_no`) with one outcome; `_reason` says why and `_amount` what they weigh."""

    outcome: str
    rows: ir.Table

    @classmethod
    def of(cls, outcome: str, rows: ir.Table, reason: str | ir.Value, amount: ir.Value | None = None) -> Verdict:
        """Give every row of a table the same outcome."""
        weight = ibis.null("float64") if amount is None else amount.cast("float64")
        reasons = ibis.literal(reason) if isinstance(reason, str) else reason
        return cls(outcome, rows.select("_file", "_row_no", _reason=reasons, _amount=weight))


def reason(rules: Sequence[Rule]) -> ir.StringValue:
    """Return the reason of the first rule that holds, else empty."""
    return ibis.cases(*((rule.condition, rule.reason) for rule in rules), else_=ibis.null("string"))


def keeps_head(rules: Sequence[Rule]) -> ir.BooleanValue:
    """Say whether an order may take its head from the row: no rule holds, or the first that does allows it."""
    return ibis.cases(*((rule.condition, rule.keeps_head) for rule in rules), else_=True)


def ledger(verdicts: Iterable[Verdict], staged: Sequence[StagedFile], source: str, engine: DuckEngine) -> pa.Table:
    """Count the rows by file, outcome and reason.

    Raises:
        ContractBroken: the counts do not add up to the rows read (a rule lost or doubled a row).
    """
    counts: dict[tuple[str, str, str], tuple[int, float | None]] = {}
    for verdict in verdicts:
        for row in _counted(verdict, engine):
            key = (staged[int(str(row["_file"]))].path, verdict.outcome, str(row["_reason"]))
            n, amount = counts.get(key, (0, None))
            counts[key] = (n + int(str(row["n"])), _plus(amount, row["amount"]))
    _accounted(sum(n for n, _ in counts.values()), staged)
    rows = [(*key, *value) for key, value in sorted(counts.items(), key=lambda item: (item[0][:2], -item[1][0]))]
    return LEDGER.check(_ledger_table(rows, source))


def rejects(verdicts: Iterable[Verdict], staged: Sequence[StagedFile], source: str) -> ir.Table | None:
    """Return every rejected row as it came, with its reason; None when there is no file at all."""
    refused = [verdict.rows for verdict in verdicts if verdict.outcome == "rejects"]
    if not refused:
        return None
    rows = ibis.union(*refused) if len(refused) > 1 else refused[0]
    files = [_refused_of(index, file, rows, source) for index, file in enumerate(staged)]
    return (ibis.union(*files) if len(files) > 1 else files[0]).select(*REJECTS.names)


def _refused_of(index: int, file: StagedFile, rows: ir.Table, source: str) -> ir.Table:
    own = rows.filter(rows["_file"] == index).select("_row_no", "_reason", "_amount")
    raw = file.table.select(_row_no=file.table["_row_no"].cast("int64"), row=file.table["_raw"].cast("string"))
    joined = own.join(raw, "_row_no")
    return joined.select(
        source=ibis.literal(source),
        file=ibis.literal(file.path),
        row_no=joined["_row_no"],
        reason=joined["_reason"],
        row=joined["row"],
        amount=joined["_amount"].try_cast("decimal(18, 4)"),
    )


def _counted(verdict: Verdict, engine: DuckEngine) -> list[dict[str, object]]:
    rows = verdict.rows
    return engine.rows(rows.group_by("_file", "_reason").agg(n=rows.count(), amount=rows["_amount"].sum()))


def _plus(first: float | None, second: object) -> float | None:
    if second is None:
        return first
    return (first or 0.0) + float(str(second))


def _accounted(counted: int, staged: Sequence[StagedFile]) -> None:
    read = sum(file.row_count for file in staged)
    if counted != read:
        raise ContractBroken(
            f"The ledger accounts for {counted:,} rows, but {read:,} were read.\n"
            "Every row must end in exactly one place: this is a fault of Patron.\n"
            "Next: report it with the names of the file's columns."
        )


def _ledger_table(rows: list[tuple[str, str, str, int, float | None]], source: str) -> pa.Table:
    money = [None if row[4] is None or not abs(row[4]) < MOST else round(row[4], 4) for row in rows]
    return pa.table(
        {
            "source": pa.array([source] * len(rows), pa.string()),
            "file": pa.array([row[0] for row in rows], pa.string()),
            "outcome": pa.array([row[1] for row in rows], pa.string()),
            "reason": pa.array([row[2] for row in rows], pa.string()),
            "row_count": pa.array([row[3] for row in rows], pa.int64()),
            "amount": pa.array([None if m is None else f"{m:.4f}" for m in money], pa.string()).cast(
                pa.decimal128(18, 4)
            ),
        }
    )
