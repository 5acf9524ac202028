"""Every row of a delimited text file as text cells `c0`, `c1`, …; rows that do not split are kept whole."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from patron.engines.duck import DuckEngine
from patron.engines.files import absorb
from patron.ground.errors import UnreadableFile
from patron.records.reading.opened import BROKEN, LINE, ROW_NO
from patron.records.reading.text_stream import Utf8Stream

WHITESPACE = "whitespace"
NEVER = "\x1f"  # separates no cells in any file: each line is then one cell
BLOCK = 1 << 24


@dataclass(frozen=True, slots=True)
class Shape:
    """How a text file is cut into cells; `skip` counts the physical lines up to and including the header."""

    headers: tuple[str, ...]
    delimiter: str
    skip: int

    @property
    def width(self) -> int:
        """The number of cells a row should have."""
        return len(self.headers)


def read_rows(engine: DuckEngine, path: Path, encoding: str, shape: Shape) -> ir.Table:
    """Return all rows of the file as text, numbered from 1 in the order of the file."""
    if shape.delimiter == WHITESPACE:
        return _split_by_blanks(read_lines(engine, path, encoding), shape.width)
    try:
        table = absorb(engine, _Source(path, encoding, shape, '"').reader())
    except pa.ArrowInvalid:
        # A quote that never closes swallows the rest of the file: quotes then mean nothing, rows end with lines.
        return _unquoted(_absorbed(engine, _Source(path, encoding, shape, False)), shape.width)
    return _suspect(table, shape)


def read_lines(engine: DuckEngine, path: Path, encoding: str) -> ir.Table:
    """Return each line of the file as one cell `c0`, numbered from 1; blank lines are no rows."""
    return _absorbed(engine, _Source(path, encoding, Shape(("line",), NEVER, 0), False))


@dataclass(slots=True)
class _Source:
    """One pass over a file: whole rows as they stream by, then what could not be split."""

    path: Path
    encoding: str
    shape: Shape
    quote: str | bool
    numbers: list[int] = field(default_factory=list)  # of rows that did not split, from 1
    parts: list[list[list[str] | str]] = field(default_factory=list)  # what each of them holds: cells, or text

    @property
    def schema(self) -> pa.Schema:
        """The columns of a row."""
        cells = [pa.field(f"c{position}", pa.string()) for position in range(self.shape.width)]
        marks = [pa.field(ROW_NO, pa.int64()), pa.field(BROKEN, pa.string()), pa.field(LINE, pa.string())]
        return pa.schema([*cells, *marks])

    def reader(self) -> pa.RecordBatchReader:
        """Return all rows as a stream of record batches."""
        return pa.RecordBatchReader.from_batches(self.schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        names = [f"c{position}" for position in range(self.shape.width)]
        try:
            stream = pc.open_csv(
                pa.PythonFile(Utf8Stream(self.path, self.encoding), "r"),
                read_options=pc.ReadOptions(
                    use_threads=False, block_size=BLOCK, column_names=names, skip_rows=self.shape.skip
                ),
                parse_options=pc.ParseOptions(
                    delimiter=self.shape.delimiter,
                    quote_char=self.quote,
                    newlines_in_values=bool(self.quote),
                    invalid_row_handler=self._keep_broken,
                ),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                return
            raise
        seen = 0
        for batch in stream:
            yield self._numbered(batch, seen)
            seen += batch.num_rows
        if self.parts:
            yield self._broken_rows()

    def _keep_broken(self, row: pc.InvalidRow) -> str:
        self.numbers.append(row.number - self.shape.skip)
        self.parts.append(list(self._mended(row.text)))
        return "skip"

    def _mended(self, text: str) -> Iterator[list[str] | str]:
        """Yield the rows in a text that did not split: by itself, or line by line where a quote joined lines."""
        for line in text.splitlines():
            cells = next(csv.reader([line], delimiter=self.shape.delimiter), [])
            spare = cells[self.shape.width :]
            is_whole = len(cells) >= self.shape.width and not any(cell.strip() for cell in spare)
            if is_whole and line.count('"') % 2 == 0:
                yield cells[: self.shape.width]
            elif line.strip():
                yield line

    def _offsets(self) -> tuple[np.ndarray, np.ndarray]:
        numbers = np.array(self.numbers, dtype=np.int64)
        sizes = np.array([len(part) for part in self.parts], dtype=np.int64)
        return numbers - np.arange(len(numbers)) - 1, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def _numbered(self, batch: pa.RecordBatch, seen: int) -> pa.RecordBatch:
        """Number whole rows, leaving room for the broken ones that stand before them."""
        whole_before, room = self._offsets()
        sequence = np.arange(seen + 1, seen + batch.num_rows + 1, dtype=np.int64)
        numbers = sequence + room[np.searchsorted(whole_before, sequence, side="left")]
        nothing = pa.nulls(batch.num_rows, pa.string())
        return pa.RecordBatch.from_arrays([*batch.columns, pa.array(numbers), nothing, nothing], schema=self.schema)

    def _broken_rows(self) -> pa.RecordBatch:
        whole_before, room = self._offsets()
        rows = []
        for before, first, part in zip(whole_before, room, self.parts, strict=False):
            rows += [self._row(int(before + first) + 1 + place, content) for place, content in enumerate(part)]
        return pa.RecordBatch.from_pylist(rows, schema=self.schema)

    def _row(self, number: int, content: list[str] | str) -> dict[str, object]:
        if isinstance(content, list):
            return {ROW_NO: number, **{f"c{position}": cell for position, cell in enumerate(content)}}
        found = len(next(csv.reader([content], delimiter=self.shape.delimiter), []))
        odd = " and a quote that is not closed" if content.count('"') % 2 else ""
        return {
            ROW_NO: number,
            BROKEN: f"row has {found} cell(s){odd} where {self.shape.width} were expected",
            LINE: content,
        }


def _absorbed(engine: DuckEngine, source: _Source) -> ir.Table:
    try:
        return absorb(engine, source.reader())
    except pa.ArrowInvalid as error:
        raise UnreadableFile(
            f"{source.path} cannot be read as text in lines: {error}\nNext: check that it is CSV or JSON Lines."
        ) from error


def _suspect(table: ir.Table, shape: Shape) -> ir.Table:
    """Flag a cell that holds whole rows: a quote that was closed too late joined them."""
    if shape.width < 2:
        return table

    def joined(cell: ir.StringValue) -> ir.BooleanValue:
        inside = cell.length() - cell.replace(shape.delimiter, "").length()
        return ibis.ifelse(cell.contains("\n"), inside >= (shape.width - 1) * len(shape.delimiter), False)

    cells = [table[f"c{position}"] for position in range(shape.width)]
    marked = ibis.ifelse(
        reduce(or_, [joined(cell) for cell in cells]), "a quote is not closed: several rows stand in one cell", None
    )
    return table.mutate(**{BROKEN: table[BROKEN].coalesce(marked)})


def _unquoted(table: ir.Table, width: int) -> ir.Table:
    cells = {f"c{position}": table[f"c{position}"] for position in range(width)}
    return table.mutate(**{name: cell.re_replace('^"(.*)"$', r"\1") for name, cell in cells.items()})


def _split_by_blanks(lines: ir.Table, width: int) -> ir.Table:
    parts = lines["c0"].strip().re_split(r"\s+")
    is_whole = parts.length() == width
    cells: Sequence[ir.Value] = [ibis.ifelse(is_whole, parts[position], None) for position in range(width)]
    told = ibis.literal("row has ").concat(parts.length().cast("string"), f" cell(s) where {width} were expected")
    return lines.select(
        **{f"c{position}": cell for position, cell in enumerate(cells)},
        **{
            ROW_NO: lines[ROW_NO],
            BROKEN: ibis.ifelse(is_whole, None, told),
            LINE: ibis.ifelse(is_whole, None, lines["c0"]),
        },
    )
