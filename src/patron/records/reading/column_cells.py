"""One canonical column from one column of the source: what it says, and whether that can be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from patron.contracts.tables import IBIS, Kind
from patron.records.reading import instant_cells, number_cells
from patron.records.reading.number_cells import NumberStyle
from patron.records.reading.survey import Survey
from patron.records.reading.text_cells import NO_NUMBER, NO_VALUE, identifier, is_one_of, known, lost_digits
from patron.records.spec import Layout

IDS = ("customer_id", "person_id", "order_id", "product_id", "from_customer", "to_customer", "anonymous_id")
PERSONAL = ("first_name", "last_name", "address", "city", "region", "text", "title", "product_name")
_YES = ("true", "yes", "y", "t", "1", "subscribed", "accepted", "granted", "是", "同意", "已同意")
_NO = ("false", "no", "n", "f", "0", "unsubscribed", "declined", "denied", "否", "不同意", "未同意")
_EXPECTED: Mapping[Kind, str] = {
    "instant": "a time",
    "money": "an amount",
    "real": "a number",
    "int": "a whole number",
    "flag": "yes or no",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A canonical column, the header that may fill it, and the name of that header's cells in the engine."""

    name: str
    kind: Kind
    header: str
    column: str


def told(source: Source, table: ir.Table, layout: Layout) -> ir.Value:
    """Return the cell, NULL where the source says that there is no value."""
    cell = table[source.column]
    if source.kind != "text":
        return known(cell, NO_NUMBER) if cell.type().is_string() else cell
    text = identifier(cell) if source.name in IDS else cell.cast("string")
    return known(text, layout.missing if source.name in PERSONAL else (*layout.missing, *NO_VALUE))


def value(source: Source, cell: ir.Value, survey: Survey) -> ir.Value:
    """Return what the cell says in the column's own type; NULL where it cannot be read."""
    if source.kind == "text":
        return _tidy(source.name, cell)
    if source.kind == "instant":
        return instant_cells.read(cell, survey.times[source.header])
    if source.kind == "flag":
        return _flag(cell)
    kind = IBIS[source.kind]
    return number_cells.read(cell, kind, survey.numbers.get((source.header, kind), NumberStyle()))


def is_bad(source: Source, cell: ir.Value, read: ir.Value) -> ir.BooleanValue:
    """Return whether the cell says something that could not be read."""
    if source.kind == "text":
        return lost_digits(read) if source.name in IDS else ibis.literal(False)
    return cell.notnull() & read.isnull()


def complaint(name: str, kind: Kind, cell: ir.Value) -> ir.StringValue:
    """Say which cell could not be read, with what it held."""
    reason = f"' is not {_EXPECTED[kind]}" if kind in _EXPECTED else "' is not known"
    if name in IDS:
        reason = "' was rounded by a spreadsheet"
    return ibis.literal(f"{name} '").concat(cell.cast("string").substr(0, 80), reason)


def translated(cell: ir.StringValue, words: Mapping[str, tuple[str, ...]]) -> ir.StringValue:
    """Return Patron's word for the source's; NULL where no list has it, unless a list says '*'."""
    low = cell.lower()
    rest = next((ours for ours, theirs in words.items() if "*" in theirs), None)
    branches = [
        (is_one_of(low, [ours.lower(), *(word.lower() for word in theirs)]), ibis.literal(ours))
        for ours, theirs in words.items()
    ]
    if rest is not None:
        branches.append((low.notnull(), ibis.literal(rest)))
    return ibis.cases(*branches, else_=ibis.null("string"))


def _tidy(name: str, cell: ir.StringValue) -> ir.StringValue:
    if name == "email":
        return cell.lower()
    if name == "currency":
        return cell.upper()
    return ibis.ifelse(cell.contains("@"), cell.lower(), cell) if name == "customer_id" else cell


def _flag(cell: ir.Value) -> ir.BooleanValue:
    if cell.type().is_boolean():
        return cell
    low = cell.cast("string").lower()
    return ibis.cases((is_one_of(low, _YES), True), (is_one_of(low, _NO), False), else_=ibis.null("boolean"))
