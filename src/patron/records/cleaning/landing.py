"""Landing: all files of a level side by side, every canonical column there, times in the shop's zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from patron.engines.duck import DuckEngine
from patron.records.cleaning.dates import is_date_only, moved
from patron.records.staging import Level, StagedFile, types

MAIN_INSTANT: dict[Level, str] = {
    "order": "ordered_at",
    "line": "ordered_at",
    "return": "returned_at",
    "event": "occurred_at",
    "review": "reviewed_at",
    "touch": "sent_at",
    "link": "since",
    "signal": "at",
}
_BLANKS = (" ", "\t")
_MARKS = ("_is_cancellation", "_is_non_product", "_is_test")


@dataclass(frozen=True, slots=True)
class Landed:
    """The rows of one level; `present` names the columns that hold anything at all."""

    level: Level
    table: ir.Table
    present: frozenset[str]
    file_count: int
    is_numbered: bool  # every file has a column of order numbers
    kept: tuple[ir.Table, ...]  # what the engine holds for it, to be dropped when the import is done


def land(staged: Sequence[StagedFile], zone: str, engine: DuckEngine) -> dict[Level, Landed]:
    """Return every level that has a file, with the rows of all its files, read once and kept without their raw text."""
    seen: list[tuple[str, str, int]] = []
    parts: dict[Level, list[_File]] = {}
    for index, file in enumerate(staged):
        token = (file.digest, file.layout.name, file.row_count)
        kept = _kept(file, engine)
        found = _contents(kept, types(file.layout.level), engine)
        read = _File(index, file, kept, *found, token in seen, len(staged) == 1)
        parts.setdefault(file.layout.level, []).append(read)
        seen.append(token)
    return {level: _side_by_side(level, files, zone, engine) for level, files in parts.items()}


@dataclass(frozen=True, slots=True)
class _File:
    index: int
    staged: StagedFile
    kept: ir.Table
    present: frozenset[str]
    padded: frozenset[str]
    is_repeat: bool
    is_alone: bool

    @property
    def is_numbered(self) -> bool:
        return "order_id" in self.present


def _side_by_side(level: Level, files: list[_File], zone: str, engine: DuckEngine) -> Landed:
    tables = [_landed_file(file, zone, engine) for file in files]
    return Landed(
        level,
        ibis.union(*tables) if len(tables) > 1 else tables[0],
        frozenset[str]().union(*(file.present for file in files)),
        len(files),
        all(file.is_numbered for file in files),
        tuple(file.kept for file in files),
    )


def _kept(file: StagedFile, engine: DuckEngine) -> ir.Table:
    """Read the file once, leaving out columns that nothing was mapped to and that hold nothing."""
    table = file.table
    known = [name for name in types(file.layout.level) if name in table.columns]
    spare = [name for name in known if name not in {*file.layout.columns, *file.layout.constants}]
    counts = engine.rows(table.agg(**{name: table[name].count() for name in spare}))[0] if spare else {}
    own = [name for name in (*known, *_MARKS) if name in table.columns and counts.get(name, 1)]
    issue = table["_issue"].cast("string") if "_issue" in table.columns else ibis.null("string")
    return engine.keep(
        table.select(
            *own,
            _row_no=table["_row_no"].cast("int64"),
            _issue=issue.nullif(""),
            _raw_hash=table["_raw_hash"],
        )
    )


def _landed_file(file: _File, zone: str, engine: DuckEngine) -> ir.Table:
    table, kinds = file.kept, types(file.staged.layout.level)
    main = MAIN_INSTANT.get(file.staged.layout.level)
    own_zone = file.staged.profile.zone or zone
    date_only = main in file.present and is_date_only(table, main, own_zone, engine)
    cells = {name: _cell(file, name, kind) for name, kind in kinds.items()}
    if date_only and own_zone != zone:
        instants = [name for name in file.present if kinds[name].startswith("timestamp")]
        cells |= {name: moved(cells[name], own_zone, zone) for name in instants}
    marks = {name: _mark(table, name) for name in _MARKS}
    return table.select("_row_no", "_issue", "_raw_hash", **cells, **marks, **_constants(file, date_only=date_only))


def _constants(file: _File, *, date_only: bool) -> dict[str, ir.Value]:
    layout, profile = file.staged.layout, file.staged.profile
    is_headless = not {"ordered_at", "customer_id", "email"} & file.present
    return {
        "_file": ibis.literal(file.index, "int32"),
        "_is_repeat": ibis.literal(file.is_repeat),
        "_is_date_only": ibis.literal(date_only),
        "_keeps_duplicates": ibis.literal(layout.keep_duplicates),
        "_wants_order_id": ibis.literal(file.is_numbered),
        "_is_supplement": ibis.literal(layout.level == "order" and is_headless and not file.is_alone),
        "_tax_included": ibis.literal(profile.tax_included),
        "_home_currency": ibis.literal(profile.currency.upper()).nullif(""),
        "_orders_from": ibis.literal(layout.orders_from),
    }


def _contents(table: ir.Table, kinds: Mapping[str, str], engine: DuckEngine) -> tuple[frozenset[str], frozenset[str]]:
    """Return which columns hold anything, and which texts among them have blanks around them (trimming is slow)."""
    known = [name for name in kinds if name in table.columns]
    if not known:
        return frozenset(), frozenset()
    padded = {f"{name} padded": _is_padded(table[name]).any() for name in known if kinds[name] == "string"}
    found = engine.rows(table.agg(**{name: table[name].count() for name in known}, **padded))[0]
    present = frozenset(name for name in known if found[name])
    return present, frozenset(name for name in present if found.get(f"{name} padded"))


def _is_padded(text: ir.Value) -> ir.BooleanValue:
    return ibis.or_(
        *(text.cast("string").startswith(blank) for blank in _BLANKS),
        *(text.cast("string").endswith(blank) for blank in _BLANKS),
    )


def _cell(file: _File, name: str, kind: str) -> ir.Value:
    if name not in file.present:
        return ibis.null(kind)
    cell = file.kept[name].cast(kind)
    if kind != "string":
        return cell
    return (cell.strip() if name in file.padded else cell).nullif("")


def _mark(table: ir.Table, name: str) -> ir.Value:
    return ibis.coalesce(table[name].cast("boolean"), False) if name in table.columns else ibis.literal(False)
