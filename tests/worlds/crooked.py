"""`crooked_shop`: numbers whose sums as floats depend on the sequence in which they are added."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

from patron.contracts.facts import FACTS
from worlds.random_shops import SHAPES
from worlds.tables import AS_OF, World, table


def crooked_shop(n: int = 200) -> World:
    """Return a shop of one customer whose numbers no float holds exactly, and of those tied to her.

    Half of it happened in the forty days before `AS_OF`, half in those before 2024-03-03.
    """
    dice = random.Random(5)
    ages = [dice.randint(1, 40) + 120 * (i % 2) for i in range(n)]
    days = [{"customer_id": "ann", "day": AS_OF - timedelta(days=age)} for age in ages]
    prices = [Decimal(dice.randint(1, 10**9)) / 10_000 for _ in range(n)]
    orders = [
        {**day, "order_id": f"o{i}", "order_revenue": price, "item_count": dice.randint(1, 99) / 10}
        for i, (day, price) in enumerate(zip(days, prices, strict=True))
    ]
    lines = [
        {**day, "order_id": f"o{i}", "line_no": 1, "unit_price": price, "quantity": dice.randint(1, 99) / 10}
        | {"category": dice.choice("abc"), "brand": dice.choice("xyz"), "product_id": dice.choice("pqrstuvw")}
        for i, (day, price) in enumerate(zip(days, prices, strict=True))
    ]
    tied = [
        {"from_customer": "ann", "to_customer": who, "kind": "follow", "day": AS_OF - timedelta(130)} for who in "bcd"
    ]
    theirs = [{**orders[2 * i + 1], "order_id": f"of {who}", "customer_id": who} for i, who in enumerate("bcd")]
    empty = {name: FACTS[name].empty() for name in SHAPES["everything"]}
    return empty | {
        "orders": table("orders", orders + theirs),
        "order_lines": table("order_lines", lines),
        "returns": table("returns", [{**day, "quantity": dice.randint(1, 99) / 10} for day in days]),
        "events": table(
            "events", [{**day, "type": "view", "session_id": "s", "dwell_seconds": dice.random()} for day in days]
        ),
        "reviews": table("reviews", [{**day, "rating": dice.randint(10, 50) / 10} for day in days]),
        "links": table("links", tied),
    }
