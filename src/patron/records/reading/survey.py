"""The survey: one look over a file's cells decides how each column is read, so that typing is one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import ibis.expr.types as ir

from patron.contracts.tables import IBIS
from patron.engines.duck import DuckEngine
from patron.records.detection import Match
from patron.records.reading import instant_cells, number_cells
from patron.records.reading.instant_cells import TimeStyle
from patron.records.reading.number_cells import NumberStyle
from patron.records.reading.opened import ROW_NO, Rows
from patron.records.reading.text_cells import NO_NUMBER, is_wrapped, known, unwrapped
from patron.records.staging import COLUMNS

SAMPLED = 50_000  # rows that decide the order of day and month
FEW = 1_000  # rows that decide which formats are tried first
NUMBERS = {"money", "real", "int"}


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found about the file's columns, by header."""

    wrapped: frozenset[str]
    times: Mapping[str, TimeStyle] = field(default_factory=dict)
    numbers: Mapping[tuple[str, str], NumberStyle] = field(default_factory=dict)  # (header, Ibis type)


def survey(rows: Rows, match: Match, zone: str, where: str, engine: DuckEngine) -> Survey:
    """Look over all cells that the layout reads.

    Raises:
        UnreadableFile: a column's dates could be day/month or month/day in every cell.
    """
    texts = [header for header in rows.cells if rows.table[rows.cells[header]].type().is_string()]
    wrapped = _wrapped(rows, texts, engine)
    numbers = _numbers(rows, _used(match, texts, NUMBERS), wrapped, engine)
    times = {header: TimeStyle((), zone, match.layout.epoch) for header, _ in _used(match, rows.cells, {"instant"})}
    if not match.layout.epoch:
        times |= _times(rows, match, wrapped, zone, where, engine)
    return Survey(wrapped, times, numbers)


def _used(match: Match, among: Iterable[str], kinds: set[str]) -> set[tuple[str, str]]:
    allowed = set(among)
    level = COLUMNS[match.layout.level]
    return {
        (header, IBIS[level[name]])
        for name, headers in match.matched.items()
        for header in headers
        if level[name] in kinds and header in allowed
    }


def _wrapped(rows: Rows, headers: list[str], engine: DuckEngine) -> frozenset[str]:
    if not headers:
        return frozenset()
    found = engine.rows(rows.table.agg(**{f"w{at}": is_wrapped(_cell(rows, h)).any() for at, h in enumerate(headers)}))
    return frozenset(header for at, header in enumerate(headers) if found[0][f"w{at}"])


def _numbers(
    rows: Rows, used: set[tuple[str, str]], wrapped: frozenset[str], engine: DuckEngine
) -> dict[tuple[str, str], NumberStyle]:
    keys = sorted(used)
    cells = {key: known(unwrapped(_cell(rows, key[0]), wrapped=key[0] in wrapped), NO_NUMBER) for key in keys}
    odd = {f"n{at}": number_cells.odd(cells[key], key[1]) for at, key in enumerate(keys)}
    counts = engine.rows(rows.table.agg(**odd))[0] if odd else {}
    styles = {key: NumberStyle() for key in keys}
    for key in (key for at, key in enumerate(keys) if counts[f"n{at}"]):
        styles[key] = number_cells.style(engine.rows(rows.table.agg(**number_cells.evidence(cells[key])))[0])
    return styles


def _times(
    rows: Rows, match: Match, wrapped: frozenset[str], zone: str, where: str, engine: DuckEngine
) -> dict[str, TimeStyle]:
    headers = sorted({header for header, _ in _used(match, rows.cells, {"instant"})})
    texts = [header for header in headers if _cell(rows, header).type().is_string()]
    styles = {header: instant_cells.style({}, match.layout, zone, where) for header in headers}
    step = max(1, engine.count(rows.table) // SAMPLED) if texts else 1
    some = rows.table.filter(rows.table[ROW_NO] % step == 0) if step > 1 else rows.table
    for header in texts:
        first = known(unwrapped(rows.table.limit(FEW)[rows.cells[header]], wrapped=header in wrapped), NO_NUMBER)
        forms = instant_cells.form_evidence(first, match.layout)
        cell = unwrapped(some[rows.cells[header]], wrapped=header in wrapped)
        orders = instant_cells.order_evidence(cell, match.layout)
        found = engine.rows(rows.table.limit(FEW).agg(**forms))[0] | engine.rows(some.agg(**orders))[0]
        styles[header] = instant_cells.style(found, match.layout, zone, f"{where}, column {header!r}")
    return styles


def _cell(rows: Rows, header: str) -> ir.Value:
    return rows.table[rows.cells[header]]
