"""From a file's own cells to the canonical columns of its level: typed, mapped, flagged, nothing dropped.

The work is done in layers, each a named view of the one before, so that DuckDB computes every cell once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from patron.contracts.tables import IBIS
from patron.engines.duck import DuckEngine
from patron.engines.duck_functions import as_json, is_json, row_as_json
from patron.engines.files import view
from patron.records.detection import Match
from patron.records.headers import fold, index
from patron.records.reading.column_cells import Source, complaint, is_bad, told, translated, value
from patron.records.reading.opened import BROKEN, LINE, ROW_NO, Rows
from patron.records.reading.survey import Survey, used_headers
from patron.records.reading.text_cells import unwrapped
from patron.records.reading.text_stream import REPLACEMENT
from patron.records.spec import Pattern
from patron.records.staging import COLUMNS

FLAGS = ("_is_cancellation", "_is_non_product", "_is_test")


def canonical(rows: Rows, match: Match, survey: Survey, currency: str, engine: DuckEngine) -> ir.Table:
    """Return the rows with the canonical columns of the layout's level, `_row_no`, `_issue` and the flags.

    The source's own cells stay beside them, for `visible` to put the row together as it came.
    """
    own = [column for column in rows.table.columns if column != BROKEN]
    clean = view(engine, rows.table.mutate(**_unwrapped(rows, match, survey)))
    sources = _sources(rows, match)
    said = view(engine, clean.mutate(**{f"_k{at}": told(s, clean, match.layout) for at, s in enumerate(sources)}))
    typed = {f"_v{at}": value(s, said[f"_k{at}"], survey) for at, s in enumerate(sources)}
    read = view(engine, said.mutate(**typed))
    named = view(engine, read.mutate(**_columns(read, rows, match, sources, currency)))
    done = named.select(
        *own,
        **{name: _as(named[f"_c_{name}"], IBIS[kind]) for name, kind in COLUMNS[match.layout.level].items()},
        **_flags(named, rows, match),
        _issue=_issue(named, rows, match, sources),
    )
    return _filled_down(done, match)


def _as(cell: ir.Value, kind: str) -> ir.Value:
    return cell if cell.type() == ibis.dtype(kind) else cell.cast(kind)


def visible(table: ir.Table, rows: Rows, match: Match) -> ir.Table:
    """Return only what a staged file shows; the row as it came is put together when it is asked for."""
    own = (*COLUMNS[match.layout.level], *FLAGS, "_issue", ROW_NO)
    return table.select(*own, _raw=_raw(table, rows), _raw_hash=_raw_hash(table, rows))


def _raw(table: ir.Table, rows: Rows) -> ir.StringValue:
    if rows.documents:
        return table[LINE]
    whole = row_as_json({header: _member(table[rows.cells[header]], rows) for header in rows.shown})
    line = row_as_json({"line": table[LINE]})
    return ibis.ifelse(table[LINE].notnull(), line, whole) if rows.breakable else whole


def _raw_hash(table: ir.Table, rows: Rows) -> ir.IntegerValue:
    """Return 64 bits that are equal for rows that came equal, headers and cells; a tenth of the work of `_raw`."""
    if rows.documents:
        return table[LINE].hash()
    cells = {column: table[column] for column in (rows.cells[header] for header in rows.shown)}
    whole = ibis.struct({"headers": ibis.literal("\x1f".join(rows.shown)), **cells}).hash()
    return ibis.ifelse(table[LINE].notnull(), table[LINE].hash(), whole) if rows.breakable else whole


def _as_came(cell: ir.Value) -> ir.Value:
    # JSON has no NaN and no infinity, so that numbers with a point are shown as text.
    return cell.cast("string") if cell.type().is_floating() else cell


def _clean_name(rows: Rows, header: str) -> str:
    return f"_u{rows.cells[header]}"


def _unwrapped(rows: Rows, match: Match, survey: Survey) -> dict[str, ir.Value]:
    cells = {header: rows.table[rows.cells[header]] for header in used_headers(rows, match)}
    return {
        _clean_name(rows, header): unwrapped(cell, wrapped=header in survey.wrapped)
        if cell.type().is_string()
        else cell
        for header, cell in cells.items()
    }


def _sources(rows: Rows, match: Match) -> list[Source]:
    level = COLUMNS[match.layout.level]
    return [
        Source(name, kind, header, _clean_name(rows, header))
        for name, kind in level.items()
        if kind != "json"
        for header in match.matched.get(name, ())
    ]


def _columns(table: ir.Table, rows: Rows, match: Match, sources: list[Source], currency: str) -> dict[str, ir.Value]:
    layout = match.layout
    values: dict[str, ir.Value] = {}
    for name, kind in COLUMNS[layout.level].items():
        found = [table[f"_v{at}"] for at, source in enumerate(sources) if source.name == name]
        cell = ibis.coalesce(*found) if found else ibis.null(IBIS[kind])
        if kind == "json":
            cell = _packed(name, match.matched.get(name, ()), table, rows)
        if name in layout.values and found:
            cell = translated(cell, layout.values[name])
        if name in layout.constants:
            cell = cell.coalesce(ibis.literal(layout.constants[name]).cast(IBIS[kind]))
        values[name] = cell
    home = (match.profile.currency or currency).upper()
    if home and "currency" in values:
        values["currency"] = values["currency"].coalesce(home)
    if "cancelled_at" in values:
        values["status"] = ibis.ifelse(values["cancelled_at"].notnull(), "cancelled", values["status"])
    return {f"_c_{name}": cell for name, cell in values.items()}


def _packed(name: str, headers: tuple[str, ...], table: ir.Table, rows: Rows) -> ir.Value:
    """Put cells into one JSON object; a cell that is an object of the column's own name is that object already."""
    cells = {header: table[_clean_name(rows, header)] for header in headers}
    if tuple(cells) == (name,):
        return cells[name].cast("string").nullif("")
    return (
        row_as_json({header: _member(cell, rows) for header, cell in cells.items()}) if cells else ibis.null("string")
    )


def _member(cell: ir.Value, rows: Rows) -> ir.Value:
    if not cell.type().is_string():
        return _as_came(cell)
    if not rows.nested:
        return cell
    holds_json = cell.re_search(r"^[\[{]") & is_json(cell)
    return ibis.ifelse(holds_json, cell, as_json(cell)).cast("json")


def _flags(table: ir.Table, rows: Rows, match: Match) -> dict[str, ir.BooleanValue]:
    layout = match.layout
    lists = (layout.cancellations, layout.non_products, layout.tests)
    return {name: _any_pattern(patterns, table, rows) for name, patterns in zip(FLAGS, lists, strict=True)}


def _any_pattern(patterns: tuple[Pattern, ...], table: ir.Table, rows: Rows) -> ir.BooleanValue:
    own = index(rows.cells)
    columns = {p: f"_c_{p.column}" for p in patterns if f"_c_{p.column}" in table.columns}
    columns |= {
        p: _clean_name(rows, own[fold(p.column)]) for p in patterns if p not in columns and fold(p.column) in own
    }
    hits = [table[column].cast("string").re_search(p.matches).coalesce(False) for p, column in columns.items()]
    return reduce(or_, hits) if hits else ibis.literal(False)


def _issue(table: ir.Table, rows: Rows, match: Match, sources: list[Source]) -> ir.StringValue:
    told = []
    for name, kind in COLUMNS[match.layout.level].items():
        places = [at for at, source in enumerate(sources) if source.name == name]
        if not places:
            continue
        # A cell that cannot be read does no harm where another header of the same row could be.
        unread = table[f"_c_{name}"].isnull() if kind != "text" else ibis.literal(True)
        bad = [is_bad(sources[at], table[f"_k{at}"], table[f"_v{at}"]) for at in places]
        bad += [
            table[f"_v{at}"].notnull() & table[f"_c_{name}"].isnull() for at in places if name in match.layout.values
        ]
        cell = ibis.coalesce(*(table[f"_k{at}"].cast("string") for at in places))
        told.append(ibis.ifelse(reduce(or_, bad) & unread, complaint(name, kind, cell), ibis.null("string")))
    return ibis.literal("; ").join([*told, *_damage(table, rows)]).nullif("") if told else ibis.null("string")


def _damage(table: ir.Table, rows: Rows) -> list[ir.Value]:
    if not rows.breakable:
        return []
    torn = reduce(or_, [table[column].contains(REPLACEMENT) for column in rows.cells.values()])
    return [table[BROKEN], ibis.ifelse(torn, "bytes that are no text in this encoding", ibis.null("string"))]


def _filled_down(table: ir.Table, match: Match) -> ir.Table:
    names = [name for name in match.layout.fill_down if match.matched.get(name)]
    if not names:
        return table
    order = ibis.window(group_by="order_id")
    empty: Mapping[str, ir.BooleanValue] = {name: table[name].isnull() & table["order_id"].notnull() for name in names}
    return table.mutate(
        **{name: ibis.ifelse(empty[name], table[name].max().over(order), table[name]) for name in names}
    )
