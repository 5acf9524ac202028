"""Whatever the files hold, every row ends in exactly one place and the money adds up."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patron.engines.duck import DuckEngine
from patron.records.recipe import Imported
from patron.records.staging import StagedFile
from staged import imported, staged, table

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


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(SHOPS, st.sampled_from([0, 60]), RARELY)
def test_every_row_is_accounted_for(shop: tuple[list[dict[str, Any]], ...], near: int, keep: bool) -> None:
    with DuckEngine(threads=1) as engine:
        files = [
            staged(
                engine,
                level,
                rows,
                path=f"{i}.csv",
                layout={"keep_duplicates": keep, "orders_from": "order_id" if level == "event" else ""},
            )
            for i, ((level, _), rows) in enumerate(zip(KINDS, shop, strict=True))
            if rows
        ]
        if not files:
            return
        result = imported(
            engine, *files, currency="GBP", rates={"USD": 0.8}, near_duplicate_seconds=near, force_identity=True
        )
        per_file_counts_hold(result, files)
        money_holds(engine, result)


def per_file_counts_hold(result: Imported, files: list[StagedFile]) -> None:
    counts: Counter[str] = Counter()
    for row in result.ledger.to_pylist():
        counts[row["file"]] += row["row_count"]
    assert counts == {file.path: file.row_count for file in files}


def money_holds(engine: DuckEngine, result: Imported) -> None:
    orders = {row["order_id"]: row for row in table(engine, result, "orders")} if "orders" in result.facts else {}
    returns = table(engine, result, "returns") if "returns" in result.facts else []
    back: Counter[str] = Counter()
    for row in returns:
        assert row["quantity"] is None or row["quantity"] >= 0
        if row["order_id"] in orders:
            back[row["order_id"]] += row["amount"] or Decimal(0)
    for order_id, row in orders.items():
        assert (row["refunded_amount"] or 0) == back[order_id]
        if row["order_revenue"] is not None:
            assert row["net_revenue"] == row["order_revenue"] - row["refunded_amount"]
    lines = table(engine, result, "order_lines") if "order_lines" in result.facts else []
    for row in lines:
        assert 0 <= row["returned_quantity"] <= row["quantity"]
        assert row["customer_id"] == orders[row["order_id"]]["customer_id"]
        assert row["day"] == orders[row["order_id"]]["day"]
