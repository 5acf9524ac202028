"""Which order a return undoes: small cases worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from patron.engines.duck import DuckEngine
from staged import imported, outcomes, staged, table

Row = dict[str, Any]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as engine:
        yield engine


def bought(order: str, customer: str, day: int, product: str, quantity: int, **more: Any) -> Row:
    at = f"2026-01-{day:02d}T10:00:00"
    return {
        "order_id": order,
        "customer_id": customer,
        "ordered_at": at,
        "product_id": product,
        "quantity": quantity,
        "unit_price": 10,
        **more,
    }


def back(order: str, customer: str, day: int, product: str, quantity: int) -> Row:
    return bought(order, customer, day, product, -quantity, _is_cancellation=True)


CASES: dict[str, tuple[list[Row], dict[str, str | None]]] = {
    "the latest earlier order": (
        [
            bought("1", "a", 1, "tea", 3),
            bought("2", "a", 5, "tea", 3),
            bought("3", "a", 9, "tea", 3),
            back("C1", "a", 7, "tea", 3),
        ],
        {"C1": "2"},
    ),
    "exactly as many beats later with more": (
        [bought("1", "b", 1, "tea", 2), bought("2", "b", 5, "tea", 9), back("C1", "b", 7, "tea", 2)],
        {"C1": "1"},
    ),
    "else the latest with enough": (
        [
            bought("1", "c", 1, "tea", 8),
            bought("2", "c", 3, "tea", 9),
            bought("3", "c", 5, "tea", 1),
            back("C1", "c", 7, "tea", 4),
        ],
        {"C1": "2"},
    ),
    "never beyond what was bought": (
        [
            bought("1", "d", 1, "tea", 5),
            back("C1", "d", 2, "tea", 3),
            back("C2", "d", 3, "tea", 3),
            back("C3", "d", 4, "tea", 2),
        ],
        {"C1": "1", "C2": None, "C3": "1"},
    ),
    "two equal returns share two equal orders": (
        [
            bought("1", "e", 1, "tea", 5),
            bought("2", "e", 2, "tea", 5),
            back("C1", "e", 3, "tea", 5),
            back("C2", "e", 4, "tea", 5),
        ],
        {"C1": "2", "C2": "1"},
    ),
    "not before it was bought": ([bought("1", "f", 5, "tea", 5), back("C1", "f", 4, "tea", 5)], {"C1": None}),
    "not another product": ([bought("1", "g", 1, "cup", 5), back("C1", "g", 4, "tea", 5)], {"C1": None}),
    "not another customer": ([bought("1", "h", 1, "tea", 5), back("C1", "i", 4, "tea", 5)], {"C1": None}),
    "a number of its own order": (
        [bought("1", "j", 1, "tea", 5), bought("2", "j", 2, "tea", 5), bought("1", "j", 3, "tea", -5)],
        {"1": "1"},
    ),
    "two lines of the order together": (
        [bought("1", "k", 1, "tea", 3), bought("1", "k", 1, "tea", 4), back("C1", "k", 2, "tea", 5)],
        {"C1": "1"},
    ),
}


def test_returns_find_their_order(engine: DuckEngine) -> None:
    """All cases in one import: customers keep them apart, and order numbers are made unique by the customer."""
    rows, expected = [], {}
    for case, (lines, found) in CASES.items():
        rows += [
            {**line, "order_id": f"{case}:{line['order_id']}", "customer_id": f"{case}:{line['customer_id']}"}
            for line in lines
        ]
        expected |= {f"{case}:{doc}": order and f"{case}:{order}" for doc, order in found.items()}
    result = imported(engine, staged(engine, "line", rows))
    got = {row["return_id"].rsplit("/", 2)[0]: row["order_id"] for row in table(engine, result, "returns")}
    assert got == expected
    kept_apart = sum(order is None for order in expected.values())
    assert outcomes(result)["returns", "return kept apart, its order was not found"] == kept_apart
    assert outcomes(result)["returns", "return of an order"] == len(expected) - kept_apart
    orders = {row["order_id"]: row for row in table(engine, result, "orders")}
    limited = orders["never beyond what was bought:1"]
    assert (limited["order_revenue"], limited["refunded_amount"], limited["net_revenue"]) == (50, 50, 0)
    lines = table(engine, result, "order_lines")
    assert all(0 <= row["returned_quantity"] <= row["quantity"] for row in lines)
    assert [row["returned_quantity"] for row in lines if row["order_id"] == "two lines of the order together:1"] == [
        3,
        2,
    ]
    assert sum(row["net_revenue"] for row in orders.values()) == sum(
        row["order_revenue"] for row in orders.values()
    ) - sum(row["amount"] for row in table(engine, result, "returns") if row["order_id"])


def order(order_id: str, **more: Any) -> Row:
    return {
        "order_id": order_id,
        "customer_id": order_id.upper(),
        "ordered_at": "2026-01-05T10:00:00",
        "goods_amount": 20,
        **more,
    }


ORDERS = {
    "as it was": (order("plain"), ("paid", 20, 0, None)),
    "cancelled without a day was no purchase": (order("undated", status="cancelled"), ("cancelled", 20, 0, None)),
    "cancelled the same day was no purchase": (
        order("sameday", status="cancelled", cancelled_at="2026-01-05T23:00:00"),
        ("cancelled", 20, 0, None),
    ),
    "cancelled later was a purchase and came back": (
        order("later", status="cancelled", cancelled_at="2026-01-09T10:00:00", refunded_amount=23),
        ("paid", 20, 20, 9),
    ),
    "refunded in part": (order("part", refunded_amount=6, refunded_at="2026-01-08T10:00:00"), ("paid", 20, 6, 8)),
    "refunded with postage": (order("postage", refunded_amount=25), ("paid", 20, 20, 5)),
    "refunded by status": (order("status", status="refunded"), ("paid", 20, 20, 5)),
    "pending": (order("pending", status="pending"), ("pending", 20, 0, None)),
}


def test_what_order_cells_say_came_back(engine: DuckEngine) -> None:
    result = imported(engine, staged(engine, "order", [row for row, _ in ORDERS.values()]))
    back_on = {row["order_id"]: row["day"].day for row in table(engine, result, "returns")}
    got = {
        row["order_id"]: (row["status"], row["order_revenue"], row["refunded_amount"], back_on.get(row["order_id"]))
        for row in table(engine, result, "orders")
    }
    assert got == {row["order_id"]: expected for row, expected in ORDERS.values()}


def test_return_files_negative_orders_and_refund_events(engine: DuckEngine) -> None:
    result = imported(
        engine,
        staged(
            engine,
            "order",
            [
                order("a"),
                order("b"),
                {**order("c"), "customer_id": "B", "goods_amount": 30},
                {"order_id": "n", "customer_id": "B", "ordered_at": "2026-02-01T00:00:00", "goods_amount": -30},
            ],
        ),
        staged(
            engine,
            "return",
            [{"order_id": "a", "product_id": "tea", "quantity": 1.0, "amount": 5}, {"order_id": "zz", "amount": 5}],
        ),
        staged(
            engine,
            "event",
            [
                {
                    "customer_id": "A",
                    "occurred_at": "2026-03-01T00:00:00",
                    "type": "refund",
                    "order_id": "a",
                    "revenue": 2,
                }
            ],
            layout={"orders_from": "order_id"},
        ),
    )
    refunds = {row["order_id"]: row["refunded_amount"] for row in table(engine, result, "orders")}
    assert refunds == {"a": 7, "b": 0, "c": 30}
    assert outcomes(result)["rejects", "missing customer"] == 1


def test_margin_stays_what_it_was_on_the_day_of_the_order(engine: DuckEngine) -> None:
    rows = [bought("1", "a", 1, "tea", 4, unit_cost=6), back("C1", "a", 3, "tea", 1)]
    (only,) = table(engine, imported(engine, staged(engine, "line", rows)), "orders")
    assert (only["net_revenue"], only["margin"]) == (30, 16)


def test_line_refunds_and_the_orders_own_are_one(engine: DuckEngine) -> None:
    rows = [bought("1", "a", 1, "tea", 4, line_refunded=10, returned_quantity=1, refunded_amount=16)]
    result = imported(engine, staged(engine, "line", rows))
    assert sorted(row["amount"] for row in table(engine, result, "returns")) == [6, 10]
    assert table(engine, result, "orders")[0]["net_revenue"] == Decimal(24)
    assert table(engine, result, "order_lines")[0]["returned_quantity"] == 1
