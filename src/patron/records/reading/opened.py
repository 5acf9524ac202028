"""What every kind of file becomes before its cells are typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from patron.engines.duck import DuckEngine
from patron.records.detection import Match, Sample

ROW_NO = "_row_no"
BROKEN = "_broken"  # why the row could not be split into cells, else NULL
LINE = "_line"  # the row's own text where it could not be split into cells, or its JSON document
SAMPLE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Rows:
    """Every row of a source in the engine.

    `table` has a column for each cell that is used or shown, `_row_no`, `_broken` and `_line`.
    """

    table: ir.Table
    cells: Mapping[str, str]  # the source's header, or a path into a nested column: column of `table`
    shown: tuple[str, ...]  # the headers that make up the row as it came
    documents: bool = False  # True: `_line` holds each whole row as JSON
    breakable: bool = False  # True: rows may lack cells, `_broken` then says why
    nested: bool = False  # True: some cells hold JSON objects and lists as text
    copies: tuple[str, ...] = ()  # tables in the engine that only hold the file's text, to be dropped once it is typed
    lazy: bool = False  # True: reading the cells again costs next to nothing


@dataclass(frozen=True, slots=True)
class View:
    """One way to see a file: with its header in some row, or without one; and how to read all of it so."""

    sample: Sample
    read: Callable[[DuckEngine, Match], Rows]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, a sheet or a database table that has been looked at."""

    where: str
    digest: str
    views: tuple[View, ...]
