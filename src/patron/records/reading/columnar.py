"""Parquet files and database tables: cells come typed; nested columns are reached as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from patron.engines.duck import DuckEngine
from patron.engines.duck_functions import as_json
from patron.engines.files import database_rows, masked, parquet_head, parquet_rows, parquet_schema
from patron.ground.errors import EmptyInput
from patron.records.detection import Match, Sample
from patron.records.headers import root, unique
from patron.records.reading.json_lines import at_path
from patron.records.reading.opened import BROKEN, LINE, ROW_NO, SAMPLE_ROWS, Opened, Rows, View


def open_parquet(path: Path, digest: str) -> Opened:
    """Look at a Parquet file.

    Raises:
        UnreadableFile: the file is cut off or is not Parquet.
        EmptyInput: it has no row.
    """
    head = parquet_head(path, SAMPLE_ROWS)
    if not head.num_rows:
        raise EmptyInput(
            f"{path} is empty: it has columns {head.column_names}, but no row.\nNext: export it again, with its rows."
        )
    schema = parquet_schema(path)

    def read(engine: DuckEngine, match: Match) -> Rows:
        return _rows(parquet_rows(engine, path, ROW_NO), match, schema.names)

    return Opened(str(path), digest, (View(sample_of(head), read),))


def open_database(address: str, engine: DuckEngine) -> Opened:
    """Copy a table of another database in, and look at it.

    Raises:
        UnreadableFile: the database does not answer or has no such table.
        EmptyInput: the table has no row.
    """
    table = database_rows(engine, address, ROW_NO)
    names = [name for name in table.columns if name != ROW_NO]
    head = engine.arrow(table.order_by(ROW_NO).limit(SAMPLE_ROWS).select(*names))
    if not head.num_rows:
        raise EmptyInput(
            f"{masked(address)} is empty: it has columns {names}, but no row.\n"
            "Next: name the table that has the orders."
        )
    view = View(sample_of(head), partial(_from_engine, table=table, names=names))
    return Opened(masked(address), _digest(address, table, names, engine), (view,))


def sample_of(head: pa.Table) -> Sample:
    """Return a sample of typed rows, as text."""
    rows = [tuple(None if cell is None else str(cell) for cell in row.values()) for row in head.to_pylist()]
    return Sample(unique(head.column_names), tuple(rows), nested=any(map(_is_nested, head.schema.types)))


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind))


def _from_engine(engine: DuckEngine, match: Match, table: ir.Table, names: list[str]) -> Rows:  # noqa: ARG001
    return _rows(table, match, names)


def _rows(table: ir.Table, match: Match, names: Iterable[str]) -> Rows:
    own = dict(zip(unique(names), names, strict=True))
    cells = {header: _flat(table[name]) for header, name in own.items()}
    paths = [path for headers in match.matched.values() for path in headers if path not in own]
    cells |= {path: at_path(cells[root(path)], path[len(root(path)) :]) for path in paths}
    columns = {header: f"c{position}" for position, header in enumerate(cells)}
    nothing = ibis.null("string")
    rows = table.select(
        **{columns[header]: cell for header, cell in cells.items()},
        **{ROW_NO: table[ROW_NO].cast("int64"), BROKEN: nothing, LINE: nothing},
    )
    nested = any(_holds_json(table[name]) for name in names)
    return Rows(rows, columns, tuple(own), nested=nested, lazy=not paths)


def _holds_json(cell: ir.Value) -> bool:
    return bool(cell.type().is_nested() or cell.type().is_json())


def _flat(cell: ir.Value) -> ir.Value:
    kind = cell.type()
    if _holds_json(cell):
        return as_json(cell)
    return cell.cast("string") if kind.is_uuid() or kind.is_binary() else cell


def _digest(address: str, table: ir.Table, names: list[str], engine: DuckEngine) -> str:
    """Return a digest of the address and the rows, whatever order the database gave them in."""
    row = ibis.literal("\x1f").join([table[name].cast("string").coalesce("\x00") for name in names])
    parts = table.select(h=row.hexdigest("md5"))
    sums = parts.agg(n=parts.count(), **{f"s{at}": _part(parts["h"], at).sum() for at in (0, 8, 16, 24)})
    text = f"{masked(address)}|{sorted(engine.rows(sums)[0].items())}"
    return hashlib.sha256(text.encode()).hexdigest()


def _part(digest: ir.StringValue, at: int) -> ir.IntegerValue:
    return ibis.literal("0x").concat(digest.substr(at, 8)).cast("int64")
