"""Rows as dirty as exports get, for property tests: few ids, so that rows meet; every kind of odd cell."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

CUSTOMERS = st.sampled_from([None, "a", "a", "b", "007", "7", "😀", "Ann@X.com ", "guest", "0"])
NUMBERS = st.sampled_from([None, "1", "2", "3", "C4", "o 5", "名"])
TIMES = st.sampled_from(
    [
        None,
        *(f"2026-0{m}-1{d}T{h:02d}:00:00" for m in (1, 2) for d in (0, 5) for h in (0, 9)),
        "1890-01-01T00:00:00",
        "2031-01-01T00:00:00",
    ]
)
PRODUCTS = st.sampled_from([None, "tea", "cup", "POST", ""])
QUANTITIES = st.sampled_from([None, -3.0, -1.0, 0.0, 1.0, 2.0, 2.5, 1e9, float("nan"), float("inf")])
PRICES = st.sampled_from([None, -1, 0, 1, "0.3333", 10, 10**9, 10**13])
RARELY = st.sampled_from([False] * 8 + [True])
ISSUES = st.sampled_from([""] * 9 + ["unreadable date in Date"])
CURRENCIES = st.sampled_from([None, None, "GBP", "usd", "JPY"])
STATUSES = st.sampled_from([None, "paid", "pending", "cancelled", "refunded", "test", "whatever"])

BASE = {"order_id": NUMBERS, "customer_id": CUSTOMERS, "_issue": ISSUES, "_is_test": RARELY, "_is_cancellation": RARELY}
LINES = st.fixed_dictionaries(
    {
        **BASE,
        "ordered_at": TIMES,
        "product_id": PRODUCTS,
        "quantity": QUANTITIES,
        "unit_price": PRICES,
        "currency": CURRENCIES,
        "line_discount": PRICES,
        "goods_amount": st.none() | PRICES,
        "status": STATUSES,
        "_is_non_product": RARELY,
        "unit_cost": PRICES,
        "refunded_amount": PRICES,
        "cancelled_at": TIMES,
        "returned_quantity": QUANTITIES,
    }
)
ORDERS = st.fixed_dictionaries(
    {
        **BASE,
        "ordered_at": TIMES,
        "total_amount": PRICES,
        "item_count": QUANTITIES,
        "status": STATUSES,
        "cancelled_at": TIMES,
        "email": CUSTOMERS,
    }
)
EVENTS = st.fixed_dictionaries(
    {
        "customer_id": CUSTOMERS,
        "anonymous_id": st.sampled_from([None, "x"]),
        "occurred_at": TIMES,
        "product_id": PRODUCTS,
        "price": PRICES,
        "quantity": QUANTITIES,
        "type": st.sampled_from(["view", "purchase", "refund", "?", None]),
        "order_id": NUMBERS,
        "revenue": PRICES,
        "_issue": ISSUES,
        "event_id": st.sampled_from([None, "e1", "e2", "e3"]),
    }
)
RETURNS = st.fixed_dictionaries(
    {
        "order_id": NUMBERS,
        "customer_id": CUSTOMERS,
        "product_id": PRODUCTS,
        "returned_at": TIMES,
        "quantity": QUANTITIES,
        "amount": PRICES,
        "_issue": ISSUES,
    }
)
PEOPLE = st.fixed_dictionaries({"customer_id": CUSTOMERS, "email": CUSTOMERS, "city": NUMBERS, "_issue": ISSUES})
KINDS: list[tuple[Any, Any]] = [
    ("line", LINES),
    ("line", LINES),
    ("order", ORDERS),
    ("event", EVENTS),
    ("return", RETURNS),
    ("customer", PEOPLE),
]
SHOPS = st.tuples(*(st.lists(rows, max_size=25) for _, rows in KINDS))
