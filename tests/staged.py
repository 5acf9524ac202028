"""Staged files made by hand: what the readers would hand over, from a few dictionaries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zlib import crc32

import pyarrow as pa

from patron.contracts.accounts import LEDGER, REJECTS
from patron.contracts.facts import FACTS
from patron.contracts.tables import ARROW
from patron.engines.duck import DuckEngine
from patron.records.ledgers import ledger
from patron.records.recipe import Imported, build
from patron.records.spec import Layout, RecordSpec, SourceProfile
from patron.records.staging import COLUMNS, Level, StagedFile

MARKS = ("_is_cancellation", "_is_non_product", "_is_test")
TODAY = date(2026, 11, 24)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def staged(
    engine: DuckEngine,
    level: Level,
    rows: Sequence[Mapping[str, Any]],
    *,
    path: str = "",
    layout: Mapping[str, Any] | None = None,
    profile: Mapping[str, Any] | None = None,
) -> StagedFile:
    """Stage rows given as dictionaries; the layout maps the columns that any row names."""
    kinds = COLUMNS[level]
    named = [name for name in kinds if any(name in row for row in rows)]
    columns = {
        name: pa.array([_typed(row.get(name), kinds[name]) for row in rows], ARROW[kinds[name]]) for name in named
    }
    for mark in MARKS:
        columns[mark] = pa.array([bool(row.get(mark)) for row in rows], pa.bool_())
    columns["_issue"] = pa.array([row.get("_issue", "") for row in rows], pa.string())
    columns["_row_no"] = pa.array(range(1, len(rows) + 1), pa.int64())
    raw = [json.dumps(row, default=str, ensure_ascii=False) for row in rows]
    columns["_raw"] = pa.array(raw, pa.string())
    columns["_raw_hash"] = pa.array([crc32(text.encode()) for text in raw], pa.int64())
    made = Layout(name=level, level=level, require=((),), columns={name: (name,) for name in named}, **(layout or {}))
    source = SourceProfile(id="by-hand", title="By hand", layouts=(made,), **(profile or {}))
    name = path or f"{level}.csv"
    digest = str(hash((name, level, json.dumps([dict(row) for row in rows], default=str))))
    return StagedFile(name, digest, source, made, engine.table(pa.table(columns)), len(rows))


def imported(engine: DuckEngine, *files: StagedFile, import_id: str = "import-1", **spec: Any) -> Imported:
    """Import files and check every promise that holds for any import."""
    result = build(files, RecordSpec(**spec), engine, pseudonym_key=b"a secret", import_id=import_id, imported_on=TODAY)
    accounted(engine, result, files)
    return result


def accounted(engine: DuckEngine, result: Imported, files: Sequence[StagedFile]) -> None:
    """Every row in one place, every table as its contract says, every key unique."""
    LEDGER.check(result.ledger)
    refused = REJECTS.check(engine.arrow(result.rejects))
    counts = result.ledger.to_pylist()
    assert sum(row["row_count"] for row in counts) == sum(file.row_count for file in files)
    assert sum(row["row_count"] for row in counts if row["outcome"] == "rejects") == len(refused)
    derived = ledger(result.facts, result.rejects, engine.table(result.ledger), rows_read(result, files), engine)
    assert tallied(derived) == tallied(result.ledger)
    for name, table in result.facts.items():
        rows = FACTS[name].check(engine.arrow(table))
        keys = rows.select(list(FACTS[name].key)).to_pylist()
        assert len({tuple(key.values()) for key in keys}) == len(keys) > 0, name
    for name in ("reviews", "touches", "links", "signals"):
        told = sum(row["row_count"] for row in counts if row["outcome"] == name)
        assert told == (engine.count(result.facts[name]) if name in result.facts else 0), name
    for name, key in (("order_lines", "order_lines"), ("events", "events")):
        told = sum(row["row_count"] for row in counts if row["outcome"] == name)
        held = engine.count(result.facts[key]) if key in result.facts else 0
        assert told <= held, name


def rows_read(result: Imported, files: Sequence[StagedFile]) -> dict[str, int]:
    """Return the rows that an import read, by its id."""
    (source,) = set(result.ledger["source"].to_pylist())
    return {source: sum(file.row_count for file in files)}


def tallied(counts: pa.Table) -> dict[tuple[str, ...], int]:
    """Return a ledger as a dictionary of counts."""
    return {tuple(row[c] for c in LEDGER.key): row["row_count"] for row in counts.to_pylist()}


def table(engine: DuckEngine, result: Imported, name: str, *order_by: str) -> list[dict[str, Any]]:
    """Return a fact table's rows, sorted."""
    rows = result.facts[name]
    return engine.arrow(rows.order_by(list(order_by or FACTS[name].key))).to_pylist()


def outcomes(result: Imported) -> dict[tuple[str, str], int]:
    """Return the ledger as a dictionary of counts."""
    counts: dict[tuple[str, str], int] = {}
    for row in result.ledger.to_pylist():
        key = (row["outcome"], row["reason"])
        counts[key] = counts.get(key, 0) + row["row_count"]
    return counts


def _typed(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "money":
        return Decimal(str(value))
    if kind == "instant" and isinstance(value, str):
        return at(value)
    return value
