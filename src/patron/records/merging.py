"""Merging: an import joins the facts that are there; the newest version of an order wins wholly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from patron.contracts.accounts import REJECTS
from patron.contracts.facts import FACTS
from patron.contracts.tables import TableContract
from patron.engines.duck import DuckEngine
from patron.engines.duck_functions import filled_as_json
from patron.records.cleaning import matching
from patron.records.cleaning.context import looked_up, within, without
from patron.records.cleaning.duplicates import REPLACED
from patron.records.ledgers import weight

_SALES = ("orders", "order_lines", "order_extras", "returns")
_CELLWISE = ("customers", "products", "contacts")


@dataclass(frozen=True, slots=True)
class Merged:
    """The facts after an import, and what it pushed out.

    Attributes:
        facts: tables by name: every table of either side.
        replaced: the input rows of older facts that a newer version took the place of (`REJECTS`).
    """

    facts: dict[str, ir.Table]
    replaced: ir.Table


@dataclass(slots=True)
class _Gone:
    """The older facts that the newer ones push out, by table."""

    tables: list[tuple[str, ir.Table]] = field(default_factory=list)

    def but(self, name: str, old: ir.Table, new: ir.Table, *key: str) -> ir.Table:
        """Return the older facts that stay, and note those whose key the newer ones have."""
        if len(key) == 1:  # rows without a key stay
            self.tables.append((name, within(old, new, key[0])))
            return without(old, new, key[0])
        self.tables.append((name, old.semi_join(new, list(key))))
        return old.anti_join(new, list(key))

    def rejects(self, engine: DuckEngine) -> ir.Table:
        """Return the input rows of these facts as rejects."""
        told = [_told(name, table) for name, table in self.tables if "row_no" in FACTS[name].names]
        return ibis.union(engine.table(REJECTS.empty()), *told) if told else engine.table(REJECTS.empty())


def merge(existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table], engine: DuckEngine) -> Merged:
    """Return the facts with an import merged in, and the rows of older facts that it replaced.

    An order of the import replaces the older version of that order: its head, its lines and extras, and the returns its
    own rows told of. Returns that are documents of their own stay; those that had not found their order look for it
    again, and refunds, net revenue and returned units are computed anew. Customers, products and contacts are merged
    cell by cell (a filled cell beats an older one); everything else by its key. Merging the same import again changes
    no fact.

    Args:
        existing: facts by name, each as its contract says; may be empty.
        imported: the facts of one import.
        engine: where it computes.
    """
    gone = _Gone()
    merged = _sales(existing, imported, gone, engine)
    for name in sorted((existing.keys() | imported.keys()) - set(_SALES)):
        merged[name] = _one(name, existing, imported, gone)
    return Merged(merged, gone.rejects(engine))


def _told(name: str, table: ir.Table) -> ir.Table:
    """Return the input rows of these facts; what the facts held stands for the rows as they came."""
    rows = table.filter(table["row_no"].notnull())
    cells = {column: rows[column] for column in FACTS[name].names if column not in ("source", "file", "row_no")}
    return rows.select(
        "source",
        "file",
        "row_no",
        reason=ibis.literal(REPLACED),
        row=filled_as_json(cells),
        amount=weight(name, rows),
    )


def _one(name: str, existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table], gone: _Gone) -> ir.Table:
    if name not in existing or name not in imported:
        return (existing if name in existing else imported)[name]
    contract, old, new = FACTS[name], existing[name], imported[name]
    if name in _CELLWISE:
        return _cell_by_cell(old, new, contract)
    return _joined(gone.but(name, old, new, *contract.key), new, contract)


def _joined(old: ir.Table, new: ir.Table, contract: TableContract) -> ir.Table:
    return ibis.union(old.select(*contract.names), new.select(*contract.names))


def _cell_by_cell(old: ir.Table, new: ir.Table, contract: TableContract) -> ir.Table:
    key = contract.key[0]
    older = old.rename(**{f"_{name}": name for name in contract.names})
    both = new.left_join(older, new[key] == older[f"_{key}"])
    cells = {name: ibis.coalesce(both[name], both[f"_{name}"]) for name in contract.names}
    return ibis.union(without(old, new, key).select(*contract.names), both.select(**cells))


def _sales(
    existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table], gone: _Gone, engine: DuckEngine
) -> dict[str, ir.Table]:
    found = {
        "orders": _one("orders", existing, imported, gone) if "orders" in {*existing, *imported} else None,
        "order_lines": _lines(existing, imported, gone),
        "order_extras": _extras(existing, imported, gone),
        "returns": _returns(existing, imported, gone),
    }
    facts = {name: table for name, table in found.items() if table is not None}
    if "orders" not in facts or "returns" not in facts:
        return facts
    orders, returns = engine.keep(facts["orders"]), engine.keep(facts["returns"])
    return facts | matching.settled(orders, facts.get("order_lines"), returns, engine)


def _lines(existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table], gone: _Gone) -> ir.Table | None:
    """Drop the lines of orders that came again; an import without any lines says nothing about them."""
    if "order_lines" not in imported:
        return existing.get("order_lines")
    if "order_lines" not in existing:
        return imported["order_lines"]
    kept = gone.but("order_lines", existing["order_lines"], imported["orders"], "order_id")
    return _joined(kept, imported["order_lines"], FACTS["order_lines"])


def _extras(existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table], gone: _Gone) -> ir.Table | None:
    """Drop the extras of orders that came again: the newer head counts only what came with it."""
    old, new = existing.get("order_extras"), imported.get("order_extras")
    if old is not None and "orders" in imported:
        old = gone.but("order_extras", old, imported["orders"], "order_id")
    if old is None or new is None:
        return new if old is None else old
    return _joined(old, new, FACTS["order_extras"])


def _returns(existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table], gone: _Gone) -> ir.Table | None:
    old, new = existing.get("returns"), imported.get("returns")
    if old is not None and "orders" in imported:
        old = _not_told_by(old, imported["orders"], gone)
    if old is None or new is None:
        return new if old is None else old
    found = old.select("return_id", _was="order_id")
    both = looked_up(new, found, "return_id")
    known = both.mutate(order_id=ibis.coalesce(both["order_id"], both["_was"])).select(*new.columns)
    return _joined(gone.but("returns", old, new, "return_id"), known, FACTS["returns"])


def _not_told_by(returns: ir.Table, orders: ir.Table, gone: _Gone) -> ir.Table:
    """Drop the returns that an order's own rows told of, where that order came again."""
    again = looked_up(returns, orders.select("order_id", _again=ibis.literal(True)), "order_id")
    own = again["_again"].notnull() & again["return_id"].startswith(again["order_id"].concat("/"))
    gone.tables.append(("returns", again.filter(own).select(*returns.columns)))
    return again.filter(~own).select(*returns.columns)
