"""Writing the world: one Parquet file a table, a row group a block, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from patron.ground.errors import InputError, ShelfFull

_UNIQUE = ("event_id", "touch_id", "review_id", "return_id", "external_id", "email", "title")


class ExportWriter:
    """Open Parquet files under one folder, by relative name such as 'orders' or 'truth/customers'."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, Any] = {}
        self.rows: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._open.values():
            writer.close()

    def write(self, name: str, table: pa.Table) -> None:
        """Append a table as one row group."""
        if name not in self._open:
            self._open[name] = self._create(name, table)
        self._open[name].write_table(table, row_group_size=max(table.num_rows, 1))
        self.rows[name] = self.rows.get(name, 0) + table.num_rows

    def _create(self, name: str, table: pa.Table) -> Any:
        path = self._folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        unique = {*_UNIQUE, "order_id" if name.endswith("orders") else ""}
        return pq.ParquetWriter(
            path,
            table.schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=[column for column in table.column_names if column not in unique],
            dictionary_pagesize_limit=16 << 20,
            store_schema=False,  # columns built from codes come back as plain text
            store_decimal_as_integer=True,
        )


@contextmanager
def whole_or_nothing(out: Path) -> Iterator[Path]:
    """Lend a folder beside `out` and put it in the place of `out` when all went well.

    Raises:
        InputError: `out` exists and is not an empty folder.
        ShelfFull: the disk is full.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} exists and is not an empty folder.\nNext: name a new folder for the simulated shop.")
    part = out.with_name(out.name + ".partial")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        yield part
        if out.exists():
            out.rmdir()
        part.rename(out)
    except OSError as error:
        if error.errno == ENOSPC:
            raise ShelfFull(
                f"No room left while writing {out}.\nNext: free some, or simulate fewer customers."
            ) from error
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
