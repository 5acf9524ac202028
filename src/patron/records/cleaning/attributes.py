"""Attributes: what is known about customers and products, cell by cell the last thing said; contacts kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import ibis
import ibis.expr.types as ir

from patron.contracts.facts import CONTACTS, CUSTOMERS, PRODUCTS
from patron.contracts.tables import TableContract
from patron.records.cleaning import duplicates, people
from patron.records.cleaning.context import Context, looked_up
from patron.records.cleaning.landing import Landed
from patron.records.cleaning.verdicts import Rule, reason
from patron.records.staging import Level

_CONTACT = ("email", "phone", "first_name", "last_name", "address")
_TRAITS = ("created_at", "birth_year", "gender", "region", "city", "country", "channel", "attributes")
_CONSENTS = ("consent_email", "consent_sms", "consent_ads", "consent_profiling")
_ABOUT = (*_TRAITS, *_CONSENTS)
_FROM_ORDERS = ("birth_year", "gender", "region", "city", "country")
_STATED, _MENTIONED = 1, 0


def judged_customers(rows: Landed, context: Context) -> ir.Table:
    """Return the customer or identity rows with their `_reason`."""
    table = duplicates.marked(rows, context)
    rules = (*duplicates.rules(table), *people.rules(table["_person"], context.fillers))
    own = [name for name in (*_ABOUT, *_CONTACT) if name in table.columns]
    return context.engine.keep(table.select("_file", "_row_no", "_person", "customer_id", *own, _reason=reason(rules)))


def judged_products(rows: Landed, context: Context) -> ir.Table:
    """Return the product rows with their `_reason`."""
    table = duplicates.marked(rows, context)
    rules = (*duplicates.rules(table), Rule(table["product_id"].isnull(), "missing product"))
    return context.engine.keep(table.select("_file", "_row_no", *PRODUCTS.names[:-1], _reason=reason(rules)))


def customers(
    judged: Iterable[ir.Table], levels: Mapping[Level, Landed], who: ir.Table, context: Context
) -> ir.Table | None:
    """Return the `customers` facts: what customer files state, else what order files mention of the buyers in `who`."""
    stated = [_said(table.filter(table["_reason"].isnull()), _ABOUT, _STATED) for table in judged]
    buyers = [levels[level] for level in ("order", "line") if level in levels]
    mentioned = [
        _said(rows.table.semi_join(who, "customer_id"), sorted(set(_FROM_ORDERS) & rows.present), _MENTIONED)
        for rows in buyers
        if set(_FROM_ORDERS) & rows.present
    ]
    told = _latest([*stated, *mentioned], CUSTOMERS, "customer_id", context)
    return None if told is None else told.mutate(created_day=context.calendar.day(told["created_at"]))


def products(
    stated: ir.Table | None, lines: ir.Table | None, mentions: Sequence[str], context: Context
) -> ir.Table | None:
    """Return the `products` facts: what product files state, else what the lines of orders mention."""
    said = [] if stated is None else [_said(stated.filter(stated["_reason"].isnull()), PRODUCTS.names[1:-1], _STATED)]
    if lines is not None and mentions:
        said.append(_said(lines.rename(title="product_name"), mentions, _MENTIONED))
    return _latest(said, PRODUCTS, "product_id", context)


def contacts(levels: Mapping[Level, Landed], names: ir.Table, used: ir.Table, context: Context) -> ir.Table:
    """Return the `contacts` facts of the customers in `used`: the shop's own id and every direct identifier."""
    said = [
        _said(rows.table, _CONTACT, _STATED if level in ("customer", "identity") else _MENTIONED)
        for level, rows in levels.items()
        if set(_CONTACT) & rows.present
    ]
    own = names.filter(names["customer_id"].notnull()).semi_join(used, "customer_id")
    own = own.select("customer_id", external_id="_person")
    told = _latest(said, CONTACTS, "customer_id", context)
    cells: dict[str, ir.Value] = {name: ibis.null("string") for name in _CONTACT}
    if told is not None:
        own = looked_up(own, told.drop("source", "external_id"), "customer_id")
        cells = {name: own[name] for name in _CONTACT}
    e_mail = ibis.coalesce(
        cells["email"].lower(), ibis.ifelse(own["external_id"].contains("@"), own["external_id"], None)
    )
    cells["email"] = e_mail
    return context.engine.keep(own.mutate(**cells, source=ibis.literal(context.source)).select(*CONTACTS.names))


def _said(table: ir.Table, columns: Sequence[str], weight: int) -> tuple[ir.Table, tuple[str, ...], int]:
    return table, tuple(name for name in columns if name in table.columns), weight


def _latest(
    said: Sequence[tuple[ir.Table, tuple[str, ...], int]], contract: TableContract, key: str, context: Context
) -> ir.Table | None:
    """Take, for every cell, the last value said by the weightiest source."""
    if not said:
        return None
    names = contract.names[1:-1]
    places = [_placed(table, columns, weight, contract, key) for table, columns, weight in said]
    rows = ibis.union(*places) if len(places) > 1 else places[0]
    best = rows.group_by(key).agg(
        **{name: rows[name].argmax(rows["_place"], where=rows[name].notnull()) for name in names}
    )
    return context.engine.keep(best.mutate(source=ibis.literal(context.source)).select(*contract.names))


def _placed(table: ir.Table, columns: Sequence[str], weight: int, contract: TableContract, key: str) -> ir.Table:
    types = contract.types
    cells = {
        name: table[name].cast(types[name]) if name in columns else ibis.null(types[name])
        for name in contract.names[1:-1]
    }
    place = table["_file"] * (1 << 40) + table["_row_no"] + (weight << 56)
    rows = table.filter(table[key].notnull())
    filled = [rows[name].notnull() for name in columns]
    some = rows.filter(ibis.or_(*filled)) if filled and weight == _MENTIONED else rows
    return some.select(key, **cells, _place=place)
