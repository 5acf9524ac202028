"""What an engine is: somewhere that Ibis expressions over tables are computed."""

from __future__ import annotations

import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import ibis.expr.types as ir
import pyarrow as pa
from ibis.expr.operations import DatabaseTable

from patron.engines.statistics import filled_columns

BatchFunction = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


class Engine(ABC):
    """Computes expressions: DuckDB in this process (`DuckEngine`), or Spark on many machines (`SparkEngine`).

    Args:
        spill: where the folder for spilled data is made, and removed at the end; None: the system's temporary folder.
    """

    name: ClassVar[str]

    def __init__(self, spill: Path | None) -> None:
        self._spill = Path(tempfile.mkdtemp(prefix=".unfinished-spill-", dir=spill))
        self._n_tables = 0
        self._files: dict[str, Path] = {}
        self.copies: dict[str, Mapping[Path, str]] = {}  # what was fetched from object stores, by the address asked

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def scratch(self) -> Path:
        """A folder that is removed when the engine is closed."""
        return self._spill

    def close(self) -> None:
        """Let go of the engine and remove the temporary folder."""
        self._disconnect()
        shutil.rmtree(self._spill, ignore_errors=True)

    @abstractmethod
    def _disconnect(self) -> None: ...

    @abstractmethod
    def table(self, data: pa.Table, name: str = "") -> ir.Table:
        """Bring an Arrow table in."""

    @abstractmethod
    def parquet(self, *paths: Path | str) -> ir.Table:
        """Read Parquet files (globs allowed) lazily."""

    @abstractmethod
    def keep(self, expr: ir.Table, name: str = "") -> ir.Table:
        """Compute an expression once and keep its rows for as long as the engine is open."""

    @abstractmethod
    def drop(self, table: ir.Table) -> None:
        """Forget a kept table."""

    @abstractmethod
    def arrow(self, expr: ir.Table) -> pa.Table:
        """Compute an expression as one Arrow table."""

    @abstractmethod
    def batches(self, expr: ir.Table, rows: int = 200_000) -> Iterator[pa.RecordBatch]:
        """Compute an expression as a stream of record batches of at most `rows` rows."""

    @abstractmethod
    def write_parquet(self, expr: ir.Table, path: Path, order_by: Sequence[str] = ()) -> None:
        """Write an expression to one Parquet file, sorted if asked."""

    def map_batches(self, expr: ir.Table, function: BatchFunction, schema: pa.Schema) -> pa.Table:
        """Return what a function makes of an expression's rows, in any sequence, as one Arrow table.

        Args:
            expr: the rows it is given.
            function: makes batches of batches, each row for itself: it is called once, or once for each part of the
                rows where they lie. There it is a copy, so that it must not count on what it changes outside of itself.
            schema: what it makes.
        """
        return pa.Table.from_batches(function(self.batches(expr)), schema)

    def file_of(self, expr: ir.Table) -> Path | None:
        """Return the one Parquet file that an expression is, untouched; None if it is anything else."""
        source = expr.op()
        return self._files.get(source.name) if isinstance(source, DatabaseTable) else None

    def count(self, expr: ir.Table) -> int:
        """Count the rows of an expression."""
        return int(self.arrow(expr.count().name("n").as_table())["n"][0].as_py())

    def filled(self, expr: ir.Table) -> set[str]:
        """Return the names of the columns that hold any value; a Parquet file says it without being read."""
        file = self.file_of(expr)
        said = filled_columns(file) if file else None
        if said is not None:
            return said
        counts = self.rows(expr.agg(**{name: expr[name].count() for name in expr.columns}))[0]
        return {name for name, n in counts.items() if n}

    def rows(self, expr: ir.Table) -> list[dict[str, object]]:
        """Compute a small expression as a list of dictionaries."""
        return list(self.arrow(expr).to_pylist())

    def _fresh(self, prefix: str) -> str:
        self._n_tables += 1
        return f"{prefix}_{self._n_tables}"
