"""The survey: one look over a file's cells decides how each column is read, so that typing is one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import ibis.expr.types as ir

from patron.contracts.tables import IBIS
from patron.engines.duck import DuckEngine
from patron.records.detection import Match, Sample
from patron.records.headers import fold, index
from patron.records.reading import instant_cells, number_cells
from patron.records.reading.instant_cells import TimeStyle
from patron.records.reading.number_cells import NumberStyle
from patron.records.reading.opened import ROW_NO, Rows
from patron.records.reading.text_cells import NO_NUMBER, is_wrapped, known, unwrapped
from patron.records.staging import COLUMNS

SAMPLED = 50_000  # rows that decide the order of day and month
FEW = 20  # cells that decide which formats are tried first
NUMBERS = {"money", "real", "int"}


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found about the file's columns, by header."""

    wrapped: frozenset[str]
    times: Mapping[str, TimeStyle] = field(default_factory=dict)
    numbers: Mapping[tuple[str, str], NumberStyle] = field(default_factory=dict)  # (header, Ibis type)


def survey(rows: Rows, match: Match, sample: Sample, zone: str, where: str, engine: DuckEngine) -> Survey:
    """Look over all cells that the layout reads.

    Raises:
        UnreadableFile: a column's dates could be day/month or month/day in every cell.
    """
    texts = [header for header in used_headers(rows, match) if _cell(rows, header).type().is_string()]
    wrapped = _wrapped(rows, texts, engine)
    numbers = _numbers(rows, _used(match, texts, NUMBERS), wrapped, engine)
    orders = {} if match.layout.epoch else _times(rows, match, wrapped, engine)
    times = {
        header: instant_cells.style(
            orders.get(header, {}), _first(sample, match, header), match.layout, zone, f"{where}, column {header!r}"
        )
        for header, _ in _used(match, rows.cells, {"instant"})
    }
    return Survey(wrapped, times, numbers)


def used_headers(rows: Rows, match: Match) -> tuple[str, ...]:
    """Return the headers whose cells the layout reads, in columns or in patterns."""
    own = index(rows.cells)
    layout = match.layout
    patterns = (*layout.cancellations, *layout.non_products, *layout.tests)
    looked_at = [own[fold(pattern.column)] for pattern in patterns if fold(pattern.column) in own]
    return tuple(dict.fromkeys([*(h for headers in match.matched.values() for h in headers), *looked_at]))


def _first(sample: Sample, match: Match, header: str) -> list[str]:
    headers = sample.headers if match.layout.header else match.layout.names
    return sample.cells(headers.index(header))[:FEW] if header in headers else []


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


def _times(rows: Rows, match: Match, wrapped: frozenset[str], engine: DuckEngine) -> dict[str, dict[str, object]]:
    """Count, for each column of times written as text, how many cells each order of day and month reads."""
    headers = sorted({header for header, _ in _used(match, rows.cells, {"instant"})})
    texts = [header for header in headers if _cell(rows, header).type().is_string()]
    step = max(1, engine.count(rows.table) // SAMPLED) if texts else 1
    some = rows.table.filter(rows.table[ROW_NO] % step == 0) if step > 1 else rows.table
    cells = {header: unwrapped(some[rows.cells[header]], wrapped=header in wrapped) for header in texts}
    doubts = {f"d{at}": instant_cells.is_unclear(cells[header]).any() for at, header in enumerate(texts)}
    unclear = engine.rows(some.agg(**doubts))[0] if doubts else {}
    return {
        header: engine.rows(some.agg(**instant_cells.order_evidence(cells[header], match.layout)))[0]
        for at, header in enumerate(texts)
        if unclear[f"d{at}"]
    }


def _cell(rows: Rows, header: str) -> ir.Value:
    return rows.table[rows.cells[header]]
