"""`tiny_shop`: five customers and round numbers, so that every expected value can be worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from worlds.tables import World, table


def tiny_shop() -> World:
    """Return five customers around `AS_OF` (Monday 2024-07-01) with round numbers.

    - ann: four paid orders on three days (one with a coupon), one partly returned; a big one after `AS_OF`
    - bob: two paid orders, and a return whose order was never found
    - cat: one order over a year ago, and one cancelled
    - dan: first order on `AS_OF` itself: not known yet
    - eve: has only looked around; her one order is a test order
    """
    return {
        "orders": table("orders", _tiny_orders()),
        "order_lines": table("order_lines", _tiny_lines()),
        "returns": table("returns", _tiny_returns()),
        "events": table("events", _tiny_events()),
        "reviews": table("reviews", _tiny_reviews()),
        "products": table("products", [{"product_id": p, "title": p.upper()} for p in ("p1", "p2", "p3", "p4")]),
        "customers": table("customers", _tiny_customers()),
        "touches": table("touches", _tiny_touches()),
        "links": table("links", _tiny_links()),
        "signals": table("signals", _tiny_signals()),
    }


def _tiny_orders() -> list[dict[str, object]]:
    """Ann before AS_OF: revenue 100 + 40 + 60 + 200 = 400 of goods 410, discounts 10; gaps 60 and 110 days.

    Bob: 80 + 100 = 180 of goods 200; gap 121 days. Margin is revenue less half the goods: ann 195, bob 80.
    """
    # order, customer, day, hour, goods, discount, items, extra
    told: list[tuple[str, str, date, int, int, int, int, dict[str, object]]] = [
        ("A1", "ann", date(2024, 1, 10), 10, 100, 0, 2, {"shipping_amount": Decimal(5)}),
        ("A2", "ann", date(2024, 1, 10), 15, 50, 10, 1, {"coupon": "TEN"}),
        ("A3", "ann", date(2024, 3, 10), 20, 60, 0, 3, {"refunded_amount": Decimal(20)}),  # a Sunday
        ("A4", "ann", date(2024, 6, 28), 23, 200, 0, 4, {"is_outlier": True}),  # the end of a month
        ("A5", "ann", date(2024, 7, 5), 9, 1000, 0, 10, {}),
        ("B1", "bob", date(2024, 2, 1), 9, 80, 0, 1, {}),
        ("B2", "bob", date(2024, 6, 1), 19, 120, 20, 2, {}),  # a Saturday
        ("C1", "cat", date(2023, 5, 15), 12, 30, 0, 1, {}),
        ("C2", "cat", date(2024, 5, 15), 12, 500, 0, 10, {"status": "cancelled"}),
        ("D1", "dan", date(2024, 7, 1), 13, 70, 0, 1, {}),
        ("D2", "dan", date(2024, 7, 20), 13, 70, 0, 1, {}),
        ("E1", "eve", date(2024, 4, 4), 13, 1, 0, 1, {"status": "test"}),
    ]
    return [
        {
            "order_id": order,
            "customer_id": customer,
            "day": day,
            "hour": hour,
            "gross_amount": Decimal(goods),
            "discount_amount": Decimal(discount),
            "order_revenue": Decimal(goods - discount),
            "margin": Decimal(goods - discount) - Decimal(goods) / 2,
            "item_count": float(items),
            **extra,
        }
        for order, customer, day, hour, goods, discount, items, extra in told
    ]


def _tiny_lines() -> list[dict[str, object]]:
    """Garden on 2024-01-10 costs (60 + 50) / 2 = 55 on average: ann's price positions there add up to 2."""
    products = {"p1": ("garden", "acme"), "p2": ("kitchen", "zen"), "p3": ("garden", "zen"), "p4": (None, None)}
    orders = {str(row["order_id"]): row for row in _tiny_orders()}
    # order, line, product, quantity, unit price, line discount, list price
    told = [
        ("A1", 1, "p1", 1, 60, 0, 60),
        ("A1", 2, "p2", 1, 40, 0, None),
        ("A2", 1, "p1", 1, 50, 10, 50),  # promoted: a discount
        ("A3", 1, "p3", 3, 20, 0, 25),  # promoted: below list price
        ("A4", 1, "p1", 4, 50, 0, 50),
        ("A5", 1, "p1", 10, 100, 0, 100),
        ("B1", 1, "p2", 1, 80, 0, None),
        ("B2", 1, "p1", 2, 60, 20, 60),
        ("C1", 1, "p4", 1, 30, 0, None),
        ("C2", 1, "p1", 10, 50, 0, 50),
        ("D1", 1, "p2", 1, 70, 0, None),
        ("D2", 1, "p2", 1, 70, 0, None),
        ("E1", 1, "p1", 1, 1, 0, 50),
    ]
    return [
        {
            **{key: orders[order][key] for key in ("order_id", "customer_id", "day", "hour")},
            "status": orders[order].get("status", "paid"),
            "line_no": line,
            "product_id": product,
            "category": products[product][0],
            "brand": products[product][1],
            "quantity": float(quantity),
            "unit_price": Decimal(price),
            "line_discount": Decimal(discount),
            "line_revenue": Decimal(quantity * price - discount),
            "list_price": None if usual is None else Decimal(usual),
        }
        for order, line, product, quantity, price, discount, usual in told
    ]


def _tiny_returns() -> list[dict[str, object]]:
    matched = {"order_id": "A3", "customer_id": "ann", "day": date(2024, 4, 1), "product_id": "p3"}
    unmatched = {"order_id": None, "customer_id": "bob", "day": date(2024, 6, 10)}
    return [
        {**matched, "quantity": 1.0, "amount": Decimal(20)},
        {**unmatched, "quantity": 1.0, "amount": Decimal(15)},
    ]


def _tiny_events() -> list[dict[str, object]]:
    """Ann looks on 06-20 and buys on 06-28: 8 days from view to purchase. Bob: 1 day."""
    # customer, day, type, session, price, device, seconds
    told = [
        ("ann", date(2024, 6, 20), "view", "s1", 50, "mobile", 30),
        ("ann", date(2024, 6, 20), "view", "s1", 20, "Phone", 30),
        ("ann", date(2024, 6, 20), "cart", "s1", None, "mobile", None),
        ("ann", date(2024, 6, 27), "search", "s2", None, "desktop", 60),
        ("ann", date(2024, 6, 28), "checkout", "s3", None, "desktop", None),
        ("ann", date(2024, 6, 28), "purchase", "s3", None, "desktop", None),
        ("bob", date(2024, 5, 31), "view", "s4", 60, None, 10),
        ("bob", date(2024, 5, 31), "favorite", "s4", None, None, None),
        ("bob", date(2024, 5, 31), "cart", "s4", None, None, None),
        ("bob", date(2024, 5, 31), "cart", "s4", None, None, None),
        ("bob", date(2024, 5, 31), "remove_cart", "s4", None, None, None),
        ("bob", date(2024, 6, 1), "purchase", None, None, None, None),
        ("eve", date(2024, 6, 30), "view", "s5", None, "iOS", None),
        ("dan", date(2024, 7, 1), "view", "s6", 70, "desktop", 5),
        (None, date(2024, 6, 30), "view", "s7", 70, "desktop", 5),
    ]
    return [
        {
            "customer_id": customer,
            "anonymous_id": None if customer else "cookie",
            "day": day,
            "type": kind,
            "session_id": session,
            "price": None if price is None else Decimal(price),
            "device": device,
            "dwell_seconds": None if seconds is None else float(seconds),
        }
        for customer, day, kind, session, price, device, seconds in told
    ]


def _tiny_reviews() -> list[dict[str, object]]:
    told = [("ann", date(2024, 2, 1), 5.0), ("ann", date(2024, 4, 1), 3.0), ("bob", date(2024, 7, 2), 1.0)]
    return [{"customer_id": customer, "day": day, "rating": stars} for customer, day, stars in told]


def _tiny_customers() -> list[dict[str, object]]:
    told = [
        ("ann", date(2024, 1, 1), 1984, "f"),
        ("bob", date(2024, 2, 1), 1990, "m"),
        ("cat", None, None, None),
        ("dan", date(2024, 7, 1), 2000, "other"),  # the account is as old as AS_OF: no age yet
        ("eve", date(2024, 6, 1), 1900, "f"),  # 124 years old: not believed
    ]
    return [
        {"customer_id": customer, "created_day": day, "birth_year": year, "gender": gender}
        for customer, day, year, gender in told
    ]


def _tiny_touches() -> list[dict[str, object]]:
    """Ann's second contact is sent before AS_OF and opened after it."""
    first = {"day": date(2024, 6, 1), "opened_day": date(2024, 6, 2), "clicked_day": date(2024, 6, 3)}
    return [
        {"customer_id": "ann", **first, "converted_day": date(2024, 6, 28), "cost": Decimal("0.1")},
        {"customer_id": "ann", "day": date(2024, 6, 29), "opened_day": date(2024, 7, 2), "cost": Decimal("0.1")},
        {"customer_id": "bob", "day": date(2024, 3, 1)},
    ]


def _tiny_links() -> list[dict[str, object]]:
    told = [
        ("ann", "bob", "referral", date(2024, 1, 20)),
        ("ann", "bob", "household", date(2024, 1, 20)),
        ("bob", "cat", "follow", date(2024, 3, 1)),
        ("cat", "ann", "household", date(2024, 2, 2)),
        ("ann", "dan", "referral", date(2024, 7, 1)),
    ]
    return [{"from_customer": a, "to_customer": b, "kind": kind, "day": day} for a, b, kind, day in told]


def _tiny_signals() -> list[dict[str, object]]:
    told = [
        ("ann", "devices", date(2024, 2, 1), 4.0),
        ("ann", "devices", date(2024, 6, 10), 2.0),
        ("bob", "devices", date(2024, 6, 20), 1.0),
        ("bob", "calls", date(2024, 6, 21), 3.0),
        ("bob", "calls", date(2024, 7, 1), 9.0),
    ]
    return [{"customer_id": customer, "name": name, "day": day, "value": value} for customer, name, day, value in told]
