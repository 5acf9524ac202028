"""`random_shop`: small worlds full of edges."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from patron.contracts.facts import FACTS
from worlds.tables import AS_OF, World, table

Row = dict[str, Any]
_TYPES = (*["view"] * 3, "search", "favorite", *["cart"] * 2, "remove_cart", "checkout", "purchase", "other")
_TABLES = tuple(name for name in FACTS if name not in ("contacts", "order_extras"))
SHAPES: Mapping[str, tuple[str, ...]] = {
    "everything": _TABLES,
    "no_money": ("orders", "order_lines", "returns"),
    "orders_only": ("orders",),
    "no_orders": ("events", "reviews", "touches", "links", "customers", "signals"),
}
SIGNALS = ("calls", "devices")
_PEOPLE = ("007", "7", "顾客", "🦊 fox", "O'Neil", *(f"c{number}" for number in range(12)))
_AGES_DAYS = (1, 1, 2, 6, 7, 8, 29, 30, 31, 89, 90, 91, 150, 179, 180, 181, 364, 365, 366, 400, 0, -1, -2, -30, -90)
_MONEY = tuple(Decimal(text) for text in ("0", "0.01", "1", "9.99", "10", "10", "25", "1234.5678"))
_PRODUCTS = {"p1": ("garden", "acme"), "p2": ("kitchen", "zen"), "p3": ("garden", None), "p4": (None, "zen")}


def random_shop(seed: int, shape: str = "everything") -> World:
    """Return a small world with ties, several orders a day, empty cells, and days at the edges of every window.

    Args:
        seed: the same seed gives the same world.
        shape: a key of `SHAPES`: which tables there are, and whether they know money.
    """
    made = random_rows(Dice(seed, shape))
    return {name: table(name, made[name]) for name in SHAPES[shape]}


def random_rows(dice: Dice, prefix: str = "") -> dict[str, list[Row]]:
    """Return the rows of every table, as `table` takes them; order ids begin with `prefix`."""
    orders = [_random_order(dice, f"{prefix}o{number}") for number in range(dice.integer(0, 60))]
    return {
        "orders": orders,
        "order_lines": [line for order in orders for line in _random_lines(dice, order)],
        "returns": [_random_return(dice, orders) for _ in range(dice.integer(0, 12))],
        "events": [_random_event(dice) for _ in range(dice.integer(0, 120))],
        "reviews": [_random_review(dice) for _ in range(dice.integer(0, 15))],
        "products": [{"product_id": prefix + product} for product in _PRODUCTS],
        "customers": [_random_customer(dice, person) for person in dice.some(dice.people)],
        "touches": [_random_touch(dice) for _ in range(dice.integer(0, 20))],
        "links": _random_links(dice),
        "signals": [_random_signal(dice) for _ in range(dice.integer(0, 30))],
    }


def shape_capabilities(shape: str) -> frozenset[str]:
    """Return what a shop of this shape may hold, whatever one random world happens to hold."""
    columns = [(name, column) for name in SHAPES[shape] for column in FACTS[name].columns]
    names = {f"{name}.{column.name}" for name, column in columns if shape != "no_money" or column.kind != "money"}
    return frozenset({*SHAPES[shape], *names, *(["orders.cancelled"] if "orders" in SHAPES[shape] else [])})


class Dice:
    """Random choices of one world; the first few decide what kind of shop it is."""

    def __init__(self, seed: int, shape: str, people: list[str] | None = None, days: Sequence[date] = ()) -> None:
        self.random = random.Random(seed)
        self.people = people or self.random.sample(_PEOPLE, self.random.randint(1, len(_PEOPLE)))
        self.days = days or [AS_OF - timedelta(days=age) for age in _AGES_DAYS]
        self.worth_nothing = self.random.random() < 0.15
        self.knows_money = shape != "no_money"

    def integer(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def pick(self, among: Sequence[Any]) -> Any:
        return self.random.choice(among)

    def some(self, among: list[str]) -> list[str]:
        return [one for one in among if self.random.random() < 0.7]

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def maybe(self, *among: Any) -> Any:
        return None if self.chance(0.25) else self.random.choice(among)

    def money(self) -> Decimal | None:
        if not self.knows_money or self.chance(0.1):
            return None
        return Decimal(0) if self.worth_nothing else self.random.choice(_MONEY)

    def who_and_day(self) -> Row:
        return {"customer_id": self.pick(self.people), "day": self.random.choice(self.days)}

    def day_from(self, day: date) -> date | None:
        return None if self.chance(0.3) else day + timedelta(days=self.random.choice((0, 1, 5, 40)))


def _less(amount: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if amount is None else amount - min(amount, other or Decimal(0))


def _random_order(dice: Dice, order_id: str) -> Row:
    goods, discount = dice.money(), dice.money() if dice.chance(0.4) else Decimal(0)
    revenue = _less(goods, discount)
    return {
        "order_id": order_id,
        **dice.who_and_day(),
        "hour": dice.maybe(*range(24)),
        "status": dice.pick(("paid", "paid", "paid", "paid", "paid", "cancelled", "pending", "test")),
        "gross_amount": goods,
        "discount_amount": discount if dice.knows_money else None,
        "shipping_amount": dice.money(),
        "order_revenue": revenue,
        "margin": None if revenue is None or dice.chance(0.3) else (revenue / 4).quantize(Decimal("0.0001")),
        "item_count": dice.maybe(1.0, 2.0, 2.5),
        "coupon": dice.maybe("TEN") if dice.chance(0.5) else None,
        "is_outlier": dice.chance(0.2),
    }


def _random_lines(dice: Dice, order: Row) -> list[Row]:
    return [_random_line(dice, order, number) for number in range(1, dice.integer(0, 3) + 1)]


def _random_line(dice: Dice, order: Row, number: int) -> Row:
    product = str(dice.pick(list(_PRODUCTS)))
    quantity, price = dice.integer(1, 3), dice.money()
    discount = dice.pick((None, Decimal(0), Decimal(1))) if dice.knows_money else None
    assert discount is None or isinstance(discount, Decimal)
    return {
        **{key: order[key] for key in ("order_id", "customer_id", "day", "hour", "status")},
        "line_no": number,
        "product_id": product,
        "category": _PRODUCTS[product][0],
        "brand": _PRODUCTS[product][1],
        "quantity": float(quantity),
        "unit_price": price,
        "line_discount": discount,
        "line_revenue": _less(None if price is None else price * quantity, discount),
        "list_price": dice.money() if dice.chance(0.5) else None,
    }


def _random_return(dice: Dice, orders: list[Row]) -> Row:
    order_id = dice.maybe(*(order["order_id"] for order in orders)) if orders else None
    return {**dice.who_and_day(), "order_id": order_id, "quantity": dice.maybe(1.0, 2.0), "amount": dice.money()}


def _random_review(dice: Dice) -> Row:
    return {**dice.who_and_day(), "rating": dice.pick((1.0, 4.5, 5.0, 5.0))}


def _random_event(dice: Dice) -> Row:
    told = dice.who_and_day()
    return {
        **told,
        "customer_id": None if dice.chance(0.15) else told["customer_id"],
        "type": dice.pick(_TYPES),
        "session_id": dice.maybe("s1", "s2", "s3"),
        "price": dice.money(),
        "device": dice.maybe("mobile", "Phone", "desktop", "iOS"),
        "dwell_seconds": dice.maybe(0.0, 1.5, 60.0),
    }


def _random_customer(dice: Dice, person: str) -> Row:
    created = dice.who_and_day()["day"] if dice.chance(0.8) else None
    born, gender = dice.maybe(1900, 1984, 2001, 2030), dice.maybe("f", "m", "other")
    return {"customer_id": person, "created_day": created, "birth_year": born, "gender": gender}


def _random_touch(dice: Dice) -> Row:
    told = dice.who_and_day()
    later = {f"{kind}_day": dice.day_from(told["day"]) for kind in ("opened", "clicked", "converted")}
    return {**told, **later, "cost": dice.maybe(Decimal("0.05"), Decimal(0))}


def _random_links(dice: Dice) -> list[Row]:
    kinds = ("referral", "follow", "household")
    pairs = [(a, b, kind) for a in dice.people for b in dice.people for kind in kinds if a != b]
    kept = dice.random.sample(pairs, min(len(pairs), dice.integer(0, 15)))
    return [
        {"from_customer": a, "to_customer": b, "kind": kind, "day": dice.who_and_day()["day"]} for a, b, kind in kept
    ]


def _random_signal(dice: Dice) -> Row:
    return {**dice.who_and_day(), "name": dice.pick(SIGNALS), "value": dice.pick((0.0, 1.0, -2.5, 3.0))}
