"""Fact tables from short rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from patron.contracts.facts import FACTS

World = dict[str, pa.Table]
Rows = dict[str, list[dict[str, Any]]]

AS_OF = date(2024, 7, 1)  # a Monday
_FILLED = {"source": "tests", "status": "paid", "currency": "GBP", "is_outlier": False, "returned_quantity": 0.0}
_INSTANTS = {
    "orders": "ordered_at",
    "order_lines": "ordered_at",
    "returns": "returned_at",
    "events": "occurred_at",
    "reviews": "reviewed_at",
    "touches": "sent_at",
    "links": "since",
    "signals": "at",
}


def table(name: str, rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """Return a fact table of these rows; ids, instants and flags that a row leaves out are filled in."""
    contract = FACTS[name]
    filled = [_filled(name, row, number) for number, row in enumerate(rows)]
    columns = {c: [row.get(c) for row in filled] for c in contract.names}
    return contract.check(pa.table({c: pa.array(columns[c], contract.schema.field(c).type) for c in columns}))


def world(**rows: Iterable[Mapping[str, object]]) -> World:
    """Return a world of the named tables."""
    return {name: table(name, some) for name, some in rows.items()}


def unpacked(facts: World) -> Rows:
    """Return every table as a list of dictionaries; an empty one where a table is missing."""
    return {name: facts[name].to_pylist() if name in facts else [] for name in FACTS}


def capabilities_of(facts: World) -> frozenset[str]:
    """Return what the tables hold, counted with Arrow: the answer `features.capabilities` should give."""
    found = {name for name, data in facts.items() if data.num_rows}
    found |= {f"{n}.{c}" for n in found for c in facts[n].column_names if facts[n][c].null_count < facts[n].num_rows}
    if "orders" in found and "cancelled" in facts["orders"]["status"].to_pylist():
        found.add("orders.cancelled")
    return frozenset(found)


def customers_of(facts: World) -> list[str]:
    """Return everyone who is named anywhere, and one stranger."""
    ids = {"nobody"}
    for data in facts.values():
        for column in {"customer_id", "from_customer", "to_customer"} & set(data.column_names):
            ids |= set(data[column].drop_null().to_pylist())
    return sorted(ids)


def _filled(name: str, row: Mapping[str, object], number: int) -> dict[str, object]:
    keys = dict.fromkeys(("return_id", "event_id", "review_id", "touch_id"), f"{name}-{number}")
    whole = {**keys, **_FILLED, **row}
    if name in _INSTANTS and whole.get("day") is not None:
        hour = whole.get("hour")
        at = datetime.combine(_day(whole["day"]), time(hour if isinstance(hour, int) else 12), tzinfo=UTC)
        whole.setdefault(_INSTANTS[name], at + timedelta(microseconds=number))
    return whole


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value
