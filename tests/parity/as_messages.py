"""A world as a stream of messages: late, repeated, in any order, and corrected."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

from patron.streaming import SHAPES
from worlds import unpacked

KEY = b"parity"
_LINE = ("product_id", "category", "brand", "quantity", "unit_price", "line_discount", "line_revenue", "list_price")


def messages_of(world):
    """Return one message a fact, as the shop would send it."""
    rows = unpacked(world)
    lines = {}
    for line in rows["order_lines"]:
        lines.setdefault(line["order_id"], []).append({name: _told(line[name]) for name in _LINE})
    told = [_message(name, row) for name in SHAPES for row in rows[name]]
    return [
        message | {"lines": lines.get(message["order_id"], [])} if message["table"] == "orders" else message
        for message in told
    ]


def disturbed(messages, seed, year=2024):
    """Return the messages in another order, some more than once, and some with an earlier version that was wrong.

    What was wrong may have been said of a day in the first half of `year`.
    """
    dice = random.Random(seed)
    wrong = [_wrong(message, dice, year) for message in messages if dice.random() < 0.3]
    order = [*messages]
    dice.shuffle(order)
    for message in wrong:  # before the version that stands
        last = next(at for at, said in enumerate(order) if _key(said) == _key(message))
        order.insert(dice.randint(0, last), message)
    for message in [said for said in order if dice.random() < 0.2]:  # delivered again, right after itself
        order.insert(order.index(message) + 1, dict(message))
    return order


def _message(name, row):
    fields = [field.name for field in SHAPES[name].fields]
    return {"table": name} | {field: _told(row[field]) for field in fields if row.get(field) is not None}


def _told(value):
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if value is None or isinstance(value, (str, int, float, bool, date)) else str(value)


def _key(message):
    return (message["table"], *(message[name] for name in SHAPES[message["table"]].contract.key))


def _wrong(message, dice, year):
    """Return what the shop said first: another customer, another day, another amount."""
    name, other = message["table"], dict(message)
    key, at = SHAPES[name].contract.key, SHAPES[name].at
    if "customer_id" in other and "customer_id" not in key:
        other["customer_id"] = f"wrong{dice.randint(0, 3)}"
    if at and at not in key:
        other[at] = f"{year}-0{dice.randint(1, 6)}-1{dice.randint(0, 9)}T10:00:00Z"
    for amount in ("price", "amount", "rating", "value", "order_revenue"):
        if amount in other:
            other[amount] = dice.randint(1, 99)
    return other
