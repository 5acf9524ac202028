"""Files into the embedded engine: streams of record batches, Parquet with row numbers, tables of other databases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.operations import DatabaseTable

from patron.engines.duck import DuckEngine
from patron.ground.errors import ExtraMissing, UnreadableFile

_names = count(1)
BATCH_ROWS = 100_000


def absorb(engine: DuckEngine, batches: pa.RecordBatchReader) -> ir.Table:
    """Copy a stream of record batches into a temporary table."""
    name = f"rows_{next(_names)}"
    engine.ibis.con.register(f"{name}_in", batches)
    try:
        engine.execute(f'CREATE TEMP TABLE "{name}" AS SELECT * FROM "{name}_in"')
    finally:
        engine.ibis.con.unregister(f"{name}_in")
    return engine.ibis.table(name, database=("temp", "main"))


def view(engine: DuckEngine, expr: ir.Table) -> ir.Table:
    """Give a long expression a name in the engine: what is built on it is planned quickly and still reads lazily."""
    name = f"view_{next(_names)}"
    engine.execute(f'CREATE TEMP VIEW "{name}" AS {engine.ibis.compile(expr)}')
    return engine.ibis.table(name, database=("temp", "main"))


def copies(expr: ir.Table) -> tuple[str, ...]:
    """Return the names of the tables in the engine that an expression reads."""
    return tuple(sorted({table.name for table in expr.op().find(DatabaseTable)}))


def forget(engine: DuckEngine, names: Iterable[str]) -> None:
    """Drop temporary tables that nothing reads any more."""
    for name in names:
        engine.execute(f'DROP TABLE IF EXISTS temp.main."{name}"')


def parquet_schema(path: Path) -> pa.Schema:
    """Return the columns of a Parquet file.

    Raises:
        UnreadableFile: the file is truncated or is not Parquet.
    """
    try:
        return pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise _broken_parquet(path, error) from error


def parquet_head(path: Path, rows: int) -> pa.Table:
    """Return the first rows of a Parquet file."""
    schema = parquet_schema(path)
    try:
        first = next(pq.ParquetFile(path).iter_batches(batch_size=rows), None)
    except (pa.ArrowInvalid, OSError) as error:
        raise _broken_parquet(path, error) from error
    return schema.empty_table() if first is None else pa.Table.from_batches([first])


def parquet_rows(engine: DuckEngine, path: Path, row_no: str) -> ir.Table:
    """Read a Parquet file lazily, with a column that numbers its rows from 1."""
    view = f"parquet_{next(_names)}"
    source = str(path).replace("'", "''")
    engine.execute(
        f'CREATE TEMP VIEW "{view}" AS SELECT *, file_row_number + 1 AS "{row_no}" '
        f"FROM read_parquet('{source}', file_row_number = true)"
    )
    return engine.ibis.table(view, database=("temp", "main"))


def split_address(address: str) -> tuple[str, str]:
    """Split the address of a database table into the database's URL and the table's name.

    >>> split_address("postgresql://me@host/shop?table=orders")
    ('postgresql://me@host/shop', 'orders')
    >>> split_address("sqlite:///shop.db::sales.orders")
    ('sqlite:///shop.db', 'sales.orders')
    """
    if "::" in address:
        url, _, table = address.rpartition("::")
        return url, table
    found = re.search(r"[?&]table=([^&]+)", address)
    if not found:
        raise UnreadableFile(
            f"{masked(address)} names a database but no table.\n"
            "Next: add it, as in postgresql://user@host/database?table=orders."
        )
    rest = address[: found.start()] + address[found.end() :].replace("&", "?", 1)
    return rest, found.group(1)


def masked(address: str) -> str:
    """Return the address without its password.

    >>> masked("postgresql://me:secret@host/shop")
    'postgresql://me:***@host/shop'
    """
    return re.sub(r"(://[^:/@]+):[^@/]+@", r"\1:***@", address)


def database_rows(engine: DuckEngine, address: str, row_no: str) -> ir.Table:
    """Copy a table of another database in, batch by batch, with a column that numbers its rows from 1.

    Raises:
        UnreadableFile: the database does not answer or has no such table.
        ExtraMissing: the driver is not installed.
    """
    url, table = split_address(address)
    try:
        remote = ibis.connect(url)
    except ImportError as error:
        raise ExtraMissing.named(
            url.split(":", 1)[0].replace("postgresql", "postgres"), "Reading this database"
        ) from error
    except Exception as error:
        raise _no_answer(address, error) from error
    try:
        schema_name, _, name = table.rpartition(".")
        source = remote.table(name, database=schema_name or None)
        return absorb(engine, _numbered(remote.to_pyarrow_batches(source, chunk_size=BATCH_ROWS), row_no))
    except Exception as error:
        raise _no_answer(address, error) from error
    finally:
        remote.disconnect()


def _numbered(batches: pa.RecordBatchReader, row_no: str) -> pa.RecordBatchReader:
    schema = batches.schema.append(pa.field(row_no, pa.int64()))

    def rows() -> Iterator[pa.RecordBatch]:
        start = 1
        for batch in batches:
            numbers = pa.array(range(start, start + batch.num_rows), pa.int64())
            start += batch.num_rows
            yield pa.RecordBatch.from_arrays([*batch.columns, numbers], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, rows())


def _broken_parquet(path: Path, error: BaseException) -> UnreadableFile:
    return UnreadableFile(
        f"{path} cannot be read as Parquet: {_first_line(error)}\n"
        "It may be cut off. Next: copy or export it again and compare the sizes."
    )


def _no_answer(address: str, error: BaseException) -> UnreadableFile:
    return UnreadableFile(
        f"{masked(address)} cannot be read: {masked(_first_line(error))}\n"
        "Next: check the host, the user's rights and the table's name."
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).split("\n")[0]
