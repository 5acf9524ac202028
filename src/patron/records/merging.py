"""Merging: an import joins the facts that are there; the newest version of an order wins wholly."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from patron.contracts.facts import FACTS
from patron.contracts.tables import TableContract
from patron.engines.duck import DuckEngine
from patron.records.cleaning import matching
from patron.records.cleaning.context import looked_up, without

_SALES = ("orders", "order_lines", "returns")
_CELLWISE = ("customers", "products", "contacts")


def merge(
    existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table], engine: DuckEngine
) -> dict[str, ir.Table]:
    """Return the facts with an import merged in.

    An order of the import replaces the older version of that order: its head, its lines and the returns its own rows
    told of. Returns that are documents of their own stay; those that had not found their order look for it again, and
    refunds, net revenue and returned units are computed anew. Customers, products and contacts are merged cell by
    cell (a filled cell beats an older one); everything else by its key. Merging the same import again changes nothing.

    Args:
        existing: facts by name, each as its contract says; may be empty.
        imported: the facts of one import.
        engine: where it computes.

    Returns:
        Facts by name: every table of either side.
    """
    merged = _sales(existing, imported, engine)
    for name in sorted((existing.keys() | imported.keys()) - set(_SALES)):
        merged[name] = _one(name, existing, imported)
    return merged


def _one(name: str, existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table]) -> ir.Table:
    if name not in existing or name not in imported:
        return (existing if name in existing else imported)[name]
    combine = _cell_by_cell if name in _CELLWISE else _by_key
    return combine(existing[name], imported[name], FACTS[name])


def _by_key(old: ir.Table, new: ir.Table, contract: TableContract) -> ir.Table:
    kept = old.anti_join(new, list(contract.key))
    return ibis.union(kept.select(*contract.names), new.select(*contract.names))


def _cell_by_cell(old: ir.Table, new: ir.Table, contract: TableContract) -> ir.Table:
    key = contract.key[0]
    older = old.rename(**{f"_{name}": name for name in contract.names})
    both = new.left_join(older, new[key] == older[f"_{key}"])
    cells = {name: ibis.coalesce(both[name], both[f"_{name}"]) for name in contract.names}
    return ibis.union(without(old, new, key).select(*contract.names), both.select(**cells))


def _sales(
    existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table], engine: DuckEngine
) -> dict[str, ir.Table]:
    orders = _one("orders", existing, imported) if "orders" in {*existing, *imported} else None
    lines = _lines(existing, imported)
    returns = _returns(existing, imported)
    found = {"orders": orders, "order_lines": lines, "returns": returns}
    if orders is None or returns is None:
        return {name: table for name, table in found.items() if table is not None}
    return matching.settled(engine.keep(orders), lines, engine.keep(returns), engine)


def _lines(existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table]) -> ir.Table | None:
    """Drop the lines of orders that came again; an import without any lines says nothing about them."""
    if "order_lines" not in imported:
        return existing.get("order_lines")
    if "order_lines" not in existing:
        return imported["order_lines"]
    kept = without(existing["order_lines"], imported["orders"], "order_id")
    return ibis.union(kept, imported["order_lines"].select(*kept.columns))


def _returns(existing: Mapping[str, ir.Table], imported: Mapping[str, ir.Table]) -> ir.Table | None:
    old = existing.get("returns")
    if old is not None and "orders" in imported:
        old = _not_told_by(old, imported["orders"])
    new = imported.get("returns")
    if old is None or new is None:
        return new if old is None else old
    found = old.select("return_id", _was="order_id")
    both = looked_up(new, found, "return_id")
    known = both.mutate(order_id=ibis.coalesce(both["order_id"], both["_was"])).select(*new.columns)
    return ibis.union(without(old, new, "return_id"), known.select(*old.columns))


def _not_told_by(returns: ir.Table, orders: ir.Table) -> ir.Table:
    """Drop the returns that an order's own rows told of, where that order came again."""
    again = looked_up(returns, orders.select("order_id", _again=ibis.literal(True)), "order_id")
    own = again["_again"].notnull() & again["return_id"].startswith(again["order_id"].concat("/"))
    return again.filter(~own).select(*returns.columns)
