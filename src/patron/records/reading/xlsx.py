"""Excel workbooks: every sheet is looked at; cells become the text a CSV would hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import python_calamine as calamine

from patron.engines.duck import DuckEngine
from patron.engines.files import copies
from patron.ground.errors import EmptyInput, UnreadableFile
from patron.records.detection import Match, Sample
from patron.records.headers import repeated, unique
from patron.records.reading.opened import BROKEN, LINE, ROW_NO, SAMPLE_ROWS, Opened, Rows, View

HEADER_ROWS = 8
Cell = str | float | int | bool | datetime | date | time | timedelta


def open_xlsx(path: Path, digest: str) -> list[Opened]:
    """Look at every sheet of a workbook that holds at least one row below its header.

    Raises:
        UnreadableFile: the workbook is broken or protected.
        EmptyInput: no sheet holds a row.
    """
    try:
        workbook = calamine.CalamineWorkbook.from_path(path)
        sheets = {name: _filled(workbook.get_sheet_by_name(name).to_python()) for name in workbook.sheet_names}
    except (calamine.CalamineError, OSError) as error:
        raise UnreadableFile(
            f"{path} cannot be read as a workbook: {error}.\n"
            "Next: open it, remove any password, and save it again as XLSX or CSV."
        ) from error
    held = {name: rows for name, rows in sheets.items() if len(rows) > 1}
    if not held:
        raise EmptyInput(
            f"{path} is empty: no sheet has a header row and a row of data.\nNext: save the sheet that has the orders."
        )
    if len(held) == 1:
        return [Opened(str(path), digest, _views(rows)) for rows in held.values()]
    return [
        Opened(f"{path}#{name}", hashlib.sha256(f"{digest}#{name}".encode()).hexdigest(), _views(rows))
        for name, rows in held.items()
    ]


def _filled(rows: list[list[Cell]]) -> list[list[Cell]]:
    return [row for row in rows if any(cell not in {"", None} for cell in row)]


def _views(rows: list[list[Cell]]) -> tuple[View, ...]:
    return tuple(_view(rows, header) for header in _possible_headers(rows))


def _possible_headers(rows: list[list[Cell]]) -> Iterator[int]:
    filled = [sum(cell != "" for cell in row) for row in rows[: HEADER_ROWS + 1]]
    yield 0
    yield from (row for row in range(1, min(HEADER_ROWS, len(rows) - 1)) if filled[row] > filled[0])


def _view(rows: list[list[Cell]], header: int) -> View:
    names = [_text(cell) or "" for cell in rows[header]]
    while names and not names[-1]:
        names.pop()
    headers = unique(names)
    body = rows[header + 1 :]
    sample = tuple(tuple(_text(cell) for cell in row[: len(headers)]) for row in body[:SAMPLE_ROWS])
    return View(Sample(headers, sample, repeated=repeated(names)), partial(_read, headers=headers, body=body))


def _read(engine: DuckEngine, match: Match, headers: tuple[str, ...], body: list[list[Cell]]) -> Rows:  # noqa: ARG001
    columns = zip(*(row[: len(headers)] for row in body), strict=True)
    cells = {f"c{at}": pa.array(map(_text, column), pa.string()) for at, column in enumerate(columns)}
    nothing = pa.nulls(len(body), pa.string())
    numbers = pa.array(range(1, len(body) + 1), pa.int64())
    table = engine.table(pa.table({**cells, ROW_NO: numbers, BROKEN: nothing, LINE: nothing}))
    return Rows(table, {name: f"c{at}" for at, name in enumerate(headers)}, headers, copies=copies(table))


def _text(cell: Cell | None) -> str | None:
    """Write a cell as text: whole numbers without a point, times in ISO 8601."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)
