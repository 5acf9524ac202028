"""Quality: how good is what left this room? The ledger and the identity report as rows of the `quality` table."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from patron.contracts.published import QUALITY
from patron.records.cleaning.duplicates import REPLACED
from patron.records.identity import IdentityReport

_FEW, _MANY = 0.02, 0.25
_VERDICTS = {"ok": "good", "warn": "fair", "refuse": "refused"}


def quality(ledger: pa.Table, identity: IdentityReport) -> pa.Table:
    """Judge the rows of all imports: the share that is no fact, by reason, and how good the customer ids are.

    A row that a later version replaced counts as rejected, but not against the verdict: what it told is known.
    """
    rows = [*_rows_used(ledger), *_returns(ledger), *_ids(identity)]
    empty = {"lower": None, "upper": None, "baseline": None}
    columns = [{"room": "records", **empty, **row} for row in rows]
    return QUALITY.check(pa.Table.from_pylist(columns, schema=QUALITY.schema))


def _rows_used(ledger: pa.Table) -> Iterator[dict[str, object]]:
    rows = ledger.to_pylist()
    read = sum(row["row_count"] for row in rows)
    reasons: dict[str, int] = {}
    for row in rows:
        if row["outcome"] == "rejects":
            reasons[row["reason"]] = reasons.get(row["reason"], 0) + row["row_count"]
    rejected, replaced = sum(reasons.values()), reasons.get(REPLACED, 0)
    lost = (rejected - replaced) / (read - replaced) if read > replaced else 0.0
    worth = "good" if lost <= _FEW else "fair" if lost <= _MANY else "poor"
    told = f"{worth}: {read - rejected:,} of {read:,} rows are facts"
    told += f", {replaced:,} were replaced by a later version" if replaced else ""
    share = rejected / read if read else 0.0
    yield {"measure": "share of rows rejected", "slice": "all rows", "value": share, "verdict": told}
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        told = f"info: {count:,} rows"
        yield {"measure": "share of rows rejected", "slice": reason, "value": count / read, "verdict": told}


def _returns(ledger: pa.Table) -> Iterator[dict[str, object]]:
    counts = {row["reason"]: 0 for row in ledger.to_pylist() if row["outcome"] == "returns"}
    for row in ledger.to_pylist():
        if row["outcome"] == "returns":
            counts[row["reason"]] += row["row_count"]
    total = sum(counts.values())
    for reason, count in sorted(counts.items()):
        yield {
            "measure": "share of returns",
            "slice": reason,
            "value": count / total,
            "verdict": f"info: {count:,} of {total:,} return rows",
        }


def _ids(identity: IdentityReport) -> Iterator[dict[str, object]]:
    verdict = _VERDICTS[identity.verdict]
    told = f"{verdict}: {identity.message}" if identity.message else verdict
    yield {"measure": "orders with a customer id", "slice": "identity", "value": identity.coverage, "verdict": told}
    shares = {
        "customers with one order": identity.one_order_share,
        "orders of the most frequent id": identity.top_id_share,
        "masked customer ids": identity.masked_share,
        "placeholder customer ids": identity.placeholder_share,
    }
    for measure, value in shares.items():
        yield {"measure": measure, "slice": "identity", "value": value, "verdict": "info"}
