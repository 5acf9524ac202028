"""What happens on other days: facts planted on them, and facts forgotten."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from worlds.random_shops import Dice, random_rows
from worlds.tables import World, customers_of, table, unpacked

_LATER_DAYS = ("opened_day", "clicked_day", "converted_day")


def planted(facts: World, days: Sequence[date], seed: int) -> World:
    """Return the world with more facts of every kind on these days, and with what is learned about older facts then.

    Orders come with lines, returns also undo older orders, older contacts are opened, clicked and converted, older
    orders are reported as refunded, and customers without a row make an account.
    """
    dice = Dice(seed, "everything", people=[*customers_of(facts), "newcomer"], days=days)
    told, new = unpacked(facts), random_rows(dice, prefix="planted-")
    known = {row["order_id"] for row in told["orders"]}
    new["returns"] += [{**dice.who_and_day(), "order_id": order, "amount": Decimal(1)} for order in sorted(known)]
    there = {row["customer_id"] for row in told["customers"]}
    new["customers"] = [
        {"customer_id": who, "birth_year": 1990, "gender": "f", "created_day": dice.pick(days)}
        for who in dice.people
        if who not in there
    ]
    new["links"] = _unlinked(new["links"], told["links"])
    amended = {name: [_amended(dice, name, row, min(days)) for row in rows] for name, rows in told.items()}
    return {name: table(name, [*amended[name], *_renamed(new[name], "planted-")]) for name in facts}


def until(facts: World, as_of: date) -> World:
    """Return the world as a shop would have exported it on the morning of as_of."""
    dated = {"customers": "created_day"}
    left = {}
    for name, rows in unpacked(facts).items():
        if name not in facts:
            continue
        day = dated.get(name, "day")
        kept = [row for row in rows if row.get(day) is None or row[day] < as_of]
        left[name] = table(name, [_unlearned(row, as_of) for row in kept])
    return left


def shuffled(facts: World, seed: int) -> World:
    """Return the world with the rows of every table in another order."""
    dice = random.Random(seed)

    def order(n_rows: int) -> pa.Array:
        return pa.array(dice.sample(range(n_rows), n_rows), pa.int64())

    return {name: data.take(order(data.num_rows)) for name, data in facts.items()}


def _amended(dice: Dice, name: str, row: dict[str, Any], first: date) -> dict[str, Any]:
    if name == "orders" and row["order_revenue"] is not None:
        return {**row, "refunded_amount": row["order_revenue"], "net_revenue": Decimal(0)}
    if name == "order_lines":
        return {**row, "returned_quantity": row["quantity"]}
    if name == "touches":
        later = {day: dice.pick(dice.days) for day in _LATER_DAYS if row[day] is None and row["day"] < first}
        return {**row, **later}
    return row


def _renamed(rows: list[dict[str, Any]], prefix: str) -> list[dict[str, Any]]:
    ids = ("return_id", "event_id", "review_id", "touch_id")
    return [{**dict.fromkeys(ids, f"{prefix}{number}"), **row} for number, row in enumerate(rows)]


def _unlinked(new: list[dict[str, Any]], old: list[dict[str, Any]]) -> list[dict[str, Any]]:
    there = {(row["from_customer"], row["to_customer"], row["kind"]) for row in old}
    return [row for row in new if (row["from_customer"], row["to_customer"], row["kind"]) not in there]


def _unlearned(row: dict[str, Any], as_of: date) -> dict[str, Any]:
    unknown = [day for day in _LATER_DAYS if row.get(day) is not None and row[day] >= as_of]
    return {**row, **dict.fromkeys(unknown)}
