"""What every rule needs to know about this import, and the one way tables are joined to a lookup."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from patron.contracts.tables import TableContract
from patron.engines.duck import DuckEngine
from patron.engines.files import view
from patron.records.cleaning.dates import Calendar
from patron.records.spec import RecordSpec

_PLACES = {"file": "_file", "row_no": "_row_no"}
NO_ROW = {"_file": ibis.null("int32"), "_row_no": ibis.null("int64")}


@dataclass(frozen=True, slots=True)
class Context:
    """One import: where it computes, the shop's spec, calendar and currency, and the import's id."""

    engine: DuckEngine
    spec: RecordSpec
    calendar: Calendar
    currency: str
    source: str
    fillers: tuple[str, ...]  # customer ids that stand for nobody; none when the ids are forced


def cells(contract: TableContract) -> tuple[str, ...]:
    """Return a fact table's columns as they are during an import: the row's file still a number, `_file`."""
    return tuple(_PLACES.get(name, name) for name in contract.names)


def named(rows: ir.Table, engine: DuckEngine) -> ir.Table:
    """Name an expression in the engine (a view): what is built on it stays short, and compiles once."""
    return view(engine, rows)


def looked_up(rows: ir.Table, lookup: ir.Table, key: str) -> ir.Table:
    """Return the rows with the lookup's columns beside them, empty where the key is not found (a left join).

    The lookup holds each key once, so no row is lost or doubled.
    """
    keyed = lookup.rename(_key=key)
    return rows.left_join(keyed, rows[key] == keyed["_key"]).drop("_key")


def without(rows: ir.Table, found: ir.Table, key: str) -> ir.Table:
    """Return the rows whose key is not in `found` (rows without a key stay)."""
    return rows.anti_join(found, rows[key] == found[key])


def within(rows: ir.Table, found: ir.Table, key: str) -> ir.Table:
    """Return the rows whose key is in `found`."""
    return rows.semi_join(found, rows[key] == found[key])
