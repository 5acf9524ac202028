"""A run's table on its way out: CSV, one JSON document, JSON Lines, or Parquet.

Texts spell amounts and counts as people do; Parquet holds the numbers as they are.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.runs import RunTable

_ROWS = 10_000


class Format(StrEnum):
    """How a table is written."""

    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    parquet = "parquet"


def write_table(table: RunTable, form: Format, out: Path | None) -> None:
    """Write a table to a file, or to stdout where none is named."""
    write_rows(table.to_arrow(), form, out)


def write_rows(data: pa.Table, form: Format, out: Path | None = None) -> None:
    """Write rows to a file, or to stdout where none is named."""
    target: IO[bytes] = out.open("wb") if out else sys.stdout.buffer
    try:
        _write(data, form, target)
    finally:
        if out:
            target.close()


def _write(data: pa.Table, form: Format, target: IO[bytes]) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    from patron.contracts.spelling import spelled

    if form is not Format.parquet:
        data = spelled(data)
    match form:
        case Format.parquet:
            pyarrow.parquet.write_table(data, target)
        case Format.csv:
            pyarrow.csv.write_csv(data, target)
        case Format.jsonl:
            for objects in _objects(data):
                target.write("".join(f"{text}\n" for text in objects).encode())
        case Format.json:
            start = "[\n"
            for objects in _objects(data):
                target.write((start + ",\n".join(objects)).encode())
                start = ",\n"
            target.write(b"\n]\n" if data.num_rows else b"[]\n")


def _objects(data: pa.Table) -> Iterator[list[str]]:
    """Yield the rows of each batch as JSON objects; what is no number is null."""
    for batch in _without_nan(data).to_batches(_ROWS):
        yield [json.dumps(row, default=str, ensure_ascii=False, allow_nan=False) for row in batch.to_pylist()]


def _without_nan(data: pa.Table) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, field in enumerate(data.schema):
        if pa.types.is_floating(field.type):
            column: Any = data.column(at)
            data = data.set_column(at, field.name, pc.if_else(pc.is_finite(column), column, None))
    return data
