"""Delimited text: the delimiter is found, every cell stays text, and a row that does not split still comes through."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from patron.engines.duck import DuckEngine
from patron.engines.files import copies, view
from patron.ground.errors import EmptyInput
from patron.records.detection import Match, Sample
from patron.records.headers import repeated, unique
from patron.records.reading.csv_rows import WHITESPACE, Shape, read_rows
from patron.records.reading.opened import SAMPLE_ROWS, Opened, Rows, View
from patron.records.reading.text_stream import TextFacts, text_facts

DELIMITERS = (",", "\t", ";", "|")
HEADER_ROWS = 8  # exports may open with a title or a note; the header stands within so many rows


@dataclass(frozen=True, slots=True)
class _Grid:
    """The beginning of a file, split into cells; `ends` says after how many physical lines each row ends."""

    rows: list[list[str]]
    ends: list[int]

    @property
    def width(self) -> int:
        """The most common number of cells of the later rows."""
        return Counter(len(row) for row in self.rows[1:] or self.rows).most_common(1)[0][0]


def open_csv(path: Path, digest: str) -> Opened:
    """Look at a delimited text file.

    Raises:
        EmptyInput: the file holds no row of data.
        UnreadableFile: the file is not text.
    """
    facts = text_facts(path)
    delimiter = find_delimiter(facts.head)
    grid = _grid(facts.head, delimiter)
    if not grid.rows:
        raise EmptyInput(
            f"{path} is empty.\nExpected a header row and at least one row of data.\nNext: export it again."
        )
    views = [_headed(path, facts, grid, delimiter, row) for row in _possible_headers(grid)]
    views += [_headless(path, facts, grid, delimiter), *_by_blanks(path, facts)]
    return Opened(str(path), digest, tuple(views))


def find_delimiter(head: str) -> str:
    r"""Return the delimiter that splits the first lines most evenly into most cells.

    >>> find_delimiter("a;b;c\n1,5;2;3\n")
    ';'
    """
    scores = {delimiter: _evenness(_grid(head, delimiter).rows[:50]) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 0 else ","


def _evenness(rows: list[list[str]]) -> float:
    widths = Counter(len(row) for row in rows)
    if not widths:
        return 0.0
    width, times = widths.most_common(1)[0]
    return 0.0 if width < 2 else times / len(rows) + min(width, 50) / 100


def _grid(head: str, delimiter: str) -> _Grid:
    grid = _Grid([], [])
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if row:
                grid.rows.append(row)
                grid.ends.append(reader.line_num)
            if len(grid.rows) > SAMPLE_ROWS + HEADER_ROWS:
                break
    except csv.Error:  # a cell beyond csv's limit: what was read so far is sample enough
        pass
    return grid


def _possible_headers(grid: _Grid) -> Iterator[int]:
    filled = [sum(bool(cell.strip()) for cell in row) for row in grid.rows[: HEADER_ROWS + 1]]
    yield 0
    yield from (row for row in range(1, min(HEADER_ROWS, len(filled))) if filled[row] > max(1, filled[0]))


def _headed(path: Path, facts: TextFacts, grid: _Grid, delimiter: str, row: int) -> View:
    rest = grid.rows[row + 1 :]
    width = max(len(grid.rows[row]), Counter(map(len, rest)).most_common(1)[0][0] if rest else 0)
    names = [*grid.rows[row], *[""] * (width - len(grid.rows[row]))]
    headers = unique(names)
    shape = Shape(headers, delimiter, grid.ends[row])
    return _view(path, facts, Sample(headers, _cells(rest), repeated=repeated(names)), shape)


def _headless(path: Path, facts: TextFacts, grid: _Grid, delimiter: str) -> View:
    headers = tuple(f"column_{position}" for position in range(1, grid.width + 1))
    return _view(path, facts, Sample(headers, _cells(grid.rows), named=False), Shape(headers, delimiter, 0))


def _by_blanks(path: Path, facts: TextFacts) -> Iterator[View]:
    rows = [line.split() for line in facts.head.splitlines()[:SAMPLE_ROWS] if line.strip()]
    if rows and len({len(row) for row in rows}) == 1 and len(rows[0]) > 1:
        headers = tuple(f"column_{position}" for position in range(1, len(rows[0]) + 1))
        yield _view(path, facts, Sample(headers, _cells(rows), named=False), Shape(headers, WHITESPACE, 0))


def _view(path: Path, facts: TextFacts, sample: Sample, shape: Shape) -> View:
    return View(sample, partial(_read, path=path, encoding=facts.encoding, shape=shape))


def _cells(rows: list[list[str]]) -> tuple[tuple[str | None, ...], ...]:
    return tuple(tuple(row) for row in rows[:SAMPLE_ROWS])


def _read(engine: DuckEngine, match: Match, path: Path, encoding: str, shape: Shape) -> Rows:
    headers = shape.headers if match.layout.header else match.layout.names
    table = read_rows(engine, path, encoding, shape)
    cells = {header: f"c{at}" for at, header in enumerate(headers)}
    return Rows(view(engine, table), cells, tuple(headers), breakable=True, copies=copies(table))
