"""What an engine is: somewhere that Ibis expressions over tables are computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import ibis.expr.types as ir
import pyarrow as pa


class Engine(Protocol):
    """Computes expressions: DuckDB in this process (`DuckEngine`), or Spark on many machines (`SparkEngine`)."""

    @property
    def name(self) -> str:
        """What people call it: "duckdb" or "spark"."""
        ...

    def table(self, data: pa.Table, name: str = "") -> ir.Table:
        """Bring an Arrow table in."""
        ...

    def parquet(self, *paths: Path | str) -> ir.Table:
        """Read Parquet files (globs allowed) lazily."""
        ...

    def file_of(self, expr: ir.Table) -> Path | None:
        """Return the one Parquet file that an expression is, untouched; None if it is anything else."""
        ...

    def keep(self, expr: ir.Table, name: str = "") -> ir.Table:
        """Compute an expression once and keep its rows for as long as the engine is open."""
        ...

    def drop(self, table: ir.Table) -> None:
        """Forget a kept table."""
        ...

    def arrow(self, expr: ir.Table) -> pa.Table:
        """Compute an expression as one Arrow table."""
        ...

    def batches(self, expr: ir.Table, rows: int = 200_000) -> Iterator[pa.RecordBatch]:
        """Compute an expression as a stream of record batches of at most `rows` rows."""
        ...

    def count(self, expr: ir.Table) -> int:
        """Count the rows of an expression."""
        ...

    def filled(self, expr: ir.Table) -> set[str]:
        """Return the names of the columns that hold any value."""
        ...

    def rows(self, expr: ir.Table) -> list[dict[str, object]]:
        """Compute a small expression as a list of dictionaries."""
        ...

    def write_parquet(self, expr: ir.Table, path: Path, order_by: Sequence[str] = ()) -> None:
        """Write an expression to one Parquet file, sorted if asked."""
        ...
