"""The embedded engine: one DuckDB connection, bounded in memory and threads, that spills to a folder of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from patron.engines.engine import Engine
from patron.ground.errors import InputError, ShelfBusy, ShelfFull, UnreadableFile

ROW_GROUP = 122_880
# files are read whole or by sorted key, so neither large dictionaries nor filters pay; zstd would save a fifth of the
# bytes and cost a fifth more time to write
WRITTEN_AHEAD = "256MB"  # of a file's changes before they are put in their place: seldom, since that takes a while
PACKING = "COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 1000, WRITE_BLOOM_FILTER false"


class DuckEngine(Engine):
    """A DuckDB connection seen through Ibis; close it, or use it in a `with` block.

    Args:
        memory_limit: what DuckDB may hold in memory before it spills, such as "6GB"; empty: DuckDB's own default.
        threads: worker threads; 0: all cores.
        spill: where the folder for spilled data is made, and removed at the end; None: the system's temporary folder.
        database: a file that keeps tables (`store`) beyond this connection; None: nothing is kept.

    >>> with DuckEngine() as engine:
    ...     engine.arrow(engine.table(pa.table({"x": [1, 2]})).x.sum().name("s").as_table())["s"].to_pylist()
    [3]
    """

    name = "duckdb"

    def __init__(
        self, *, memory_limit: str = "", threads: int = 0, spill: Path | None = None, database: Path | None = None
    ) -> None:
        super().__init__(spill)
        self.ibis = self._opened(database)
        self.execute("SET TimeZone = 'UTC'")
        self.execute("SET preserve_insertion_order = false")
        if memory_limit:
            self._limit(memory_limit)
        if database:
            self.execute(f"SET checkpoint_threshold = '{WRITTEN_AHEAD}'")
        if threads:
            self.execute(f"SET threads = {threads}")

    def _opened(self, database: Path | None) -> ibis.BaseBackend:
        try:
            return ibis.duckdb.connect(str(database or ":memory:"), temp_directory=str(self._spill))
        except duckdb.IOException as error:
            shutil.rmtree(self._spill, ignore_errors=True)
            if "lock" in str(error):
                raise ShelfBusy(f"{database} is open in another process.\nNext: wait for it, or stop it.") from error
            raise UnreadableFile(f"{database} cannot be opened: {_first_line(error)}") from error

    def _disconnect(self) -> None:
        self.ibis.disconnect()

    def _limit(self, memory: str) -> None:
        try:
            self.ibis.con.execute(f"SET memory_limit = '{memory}'")
        except duckdb.Error as error:
            self.close()
            raise InputError(f"Memory limit: got {memory!r}; expected a size such as 4GB or 500MB.") from error

    def execute(self, sql: str) -> None:
        """Run one SQL statement for its effect."""
        with _in_words():
            self.ibis.con.execute(sql)

    def column(self, sql: str) -> list[Any]:
        """Return the first column of what a statement answers."""
        with _in_words():
            return [row[0] for row in self.ibis.con.execute(sql).fetchall()]

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the first row of what a statement answers."""
        with _in_words():
            return tuple(self.ibis.con.execute(sql).fetchall()[0])

    def answer(self, sql: str) -> pa.Table:
        """Return what a statement answers."""
        with _in_words():
            return self.ibis.con.sql(sql).to_arrow_table()

    def insert(self, name: str, rows: pa.Table) -> None:
        """Add rows to a table that is kept, by the names of their columns."""
        self.ibis.con.register("rows_in", rows)
        self.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM rows_in')
        self.ibis.con.unregister("rows_in")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep everything that the block does, or, if it fails, nothing."""
        self.execute("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self.ibis.con.execute("ROLLBACK")
            raise
        self.execute("COMMIT")

    @contextmanager
    def unoptimized(self) -> Iterator[None]:
        """Plan the statements of the block as they are written."""
        self.execute("SET enable_optimizer = false")
        try:
            yield
        finally:
            self.execute("RESET enable_optimizer")

    def table(self, data: pa.Table, name: str = "") -> ir.Table:
        """Bring an Arrow table in."""
        named = name or self._fresh("t")
        self.ibis.con.register(f"{named}_in", data)
        self.execute(f'CREATE OR REPLACE TEMP TABLE "{named}" AS SELECT * FROM "{named}_in"')
        self.ibis.con.unregister(f"{named}_in")
        return self.ibis.table(named, database=("temp", "main"))

    def lend(self, data: pa.Table, name: str) -> ir.Table:
        """Let the next statements see an Arrow table where it lies, until another is lent under its name."""
        self.ibis.con.register(name, data)
        return ibis.table(ibis.Schema.from_pyarrow(data.schema), name=name)

    def parquet(self, *paths: Path | str) -> ir.Table:
        """Read Parquet files (globs allowed) lazily."""
        name = self._fresh("p")
        try:
            table = self.ibis.read_parquet([str(path) for path in paths], table_name=name)
        except (duckdb.Error, OSError) as error:
            raise UnreadableFile(f"{paths[0]} cannot be read as Parquet: {_first_line(error)}") from error
        if len(paths) == 1:
            self._files[name] = Path(paths[0])
        return table

    def keep(self, expr: ir.Table, name: str = "") -> ir.Table:
        """Compute an expression once and keep its rows in a temporary table."""
        named = name or self._fresh("k")
        self.execute(f'CREATE OR REPLACE TEMP TABLE "{named}" AS {self.ibis.compile(expr)}')
        return self.ibis.table(named, database=("temp", "main"))

    def drop(self, table: ir.Table) -> None:
        """Forget a kept table."""
        self.execute(f'DROP TABLE IF EXISTS "{table.op().name}"')

    def arrow(self, expr: ir.Table) -> pa.Table:
        """Compute an expression as one Arrow table."""
        with _in_words():
            return self.ibis.to_pyarrow(expr)

    def batches(self, expr: ir.Table, rows: int = 200_000) -> Iterator[pa.RecordBatch]:
        """Compute an expression as a stream of record batches of at most `rows` rows."""
        # Arrow's own stream: the DuckDB method that Ibis 12 calls for batches is gone from DuckDB 2
        with _in_words():
            for batch in pa.RecordBatchReader.from_stream(self.ibis.con.sql(self.ibis.compile(expr))):
                for start in range(0, batch.num_rows, rows):
                    yield batch.slice(start, rows)

    def write_parquet(self, expr: ir.Table, path: Path, order_by: Sequence[str] = ()) -> None:
        """Write an expression to one Parquet file, sorted if asked."""
        query = self.ibis.compile(expr.order_by(list(order_by)) if order_by else expr)
        target = str(path).replace("'", "''")
        self.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, {PACKING}, ROW_GROUP_SIZE {ROW_GROUP})")


def sql(expr: ir.Table) -> str:
    """Return an expression over named tables as DuckDB's SQL, without a connection."""
    return str(ibis.to_sql(expr, dialect="duckdb", pretty=False))


def write_arrow(table: pa.Table, path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write an Arrow table to one Parquet file."""
    marked = table.replace_schema_metadata({**(table.schema.metadata or {}), **(metadata or {})})
    try:
        pq.write_table(marked, path, compression="zstd", row_group_size=ROW_GROUP)
    except OSError as error:
        raise _disk_trouble(error) from error


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise ShelfFull(
            f"The engine ran out of memory: {_first_line(error)}\n"
            "Next: give it more with --memory-limit, or fewer threads with --threads; finished stages are kept."
        ) from error
    except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:
        if isinstance(error, duckdb.IOException) or "Could not write" in str(error):
            raise _disk_trouble(error) from error
        raise


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    if text.startswith("{"):  # DuckDB reports some trouble of its threads as JSON
        text = str(json.loads(text).get("exception_message", text))
    return text.split("\n")[0]


def _disk_trouble(error: BaseException) -> ShelfFull:
    return ShelfFull(
        f"Writing failed: {_first_line(error)}\n"
        "Next: free disk space or check the folder's permissions, then start again; finished stages are kept."
    )
