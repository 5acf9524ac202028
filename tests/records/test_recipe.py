from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from patron.engines.duck import DuckEngine
from patron.ground.errors import EmptyInput, IdentityRefused
from staged import imported, outcomes, staged, table


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as engine:
        yield engine


def line(
    order: str | None,
    customer: str | None,
    when: str | None,
    product: str | None = "p1",
    quantity: float | None = 1,
    price: object = 10,
    **more: object,
) -> dict[str, object]:
    return {
        "order_id": order,
        "customer_id": customer,
        "ordered_at": when,
        "product_id": product,
        "quantity": quantity,
        "unit_price": price,
        **more,
    }


def order(order_id: str, customer: str, when: str, **more: object) -> dict[str, object]:
    return {"order_id": order_id, "customer_id": customer, "ordered_at": when, **more}


def test_lines_become_orders(engine: DuckEngine) -> None:
    result = imported(
        engine,
        staged(
            engine,
            "line",
            [
                line("1", "ann", "2026-01-05T10:30:00", "tea", 2, 5.25, country="GB"),
                line("1", "ann", "2026-01-05T10:31:00", "cup", 1, 7, line_discount=2),
                line("2", "bob", "2026-01-06T09:00:00", "tea", 3, 5),
            ],
        ),
        currency="gbp",
    )
    first, second = table(engine, result, "orders")
    assert (first["order_revenue"], first["gross_amount"], first["discount_amount"]) == (
        Decimal("15.5"),
        Decimal("17.5"),
        2,
    )
    assert (first["net_revenue"], first["refunded_amount"], first["line_count"], first["item_count"]) == (
        Decimal("15.5"),
        0,
        2,
        3,
    )
    assert (first["day"], first["hour"], first["currency"], first["country"]) == (date(2026, 1, 5), 10, "GBP", "GB")
    assert second["order_revenue"] == 15
    assert first["customer_id"].startswith("c_")
    assert [row["line_no"] for row in table(engine, result, "order_lines")] == [1, 2, 1]
    assert {row["external_id"] for row in table(engine, result, "contacts")} == {"ann", "bob"}


def test_days_are_counted_in_the_shops_zone(engine: DuckEngine) -> None:
    result = imported(engine, staged(engine, "line", [line("1", "a", "2026-01-05T20:30:00")]), zone="Asia/Shanghai")
    (only,) = table(engine, result, "orders")
    assert (only["day"], only["hour"]) == (date(2026, 1, 6), 4)


def test_a_source_of_midnights_knows_no_hour_and_keeps_its_days(engine: DuckEngine) -> None:
    rows = [line("1", "a", "2026-01-04T16:00:00"), line("2", "b", "2026-01-05T16:00:00")]
    chinese = staged(engine, "line", rows, profile={"zone": "Asia/Shanghai"})
    for row, day in zip(table(engine, imported(engine, chinese, zone="UTC"), "orders"), (5, 6), strict=True):
        assert (row["day"], row["hour"]) == (date(2026, 1, day), None)


REFUSED = [
    (line("9", None, "2026-01-05T10:00:00"), "missing customer"),
    (line("8", "guest", "2026-01-05T10:00:00"), "placeholder customer id"),
    (line(None, "a", "2026-01-05T10:00:00"), "missing order number"),
    (line("7", "a", None), "missing date"),
    (line("6", "a", "1902-01-05T10:00:00"), "impossible date"),
    (line("5", "a", "2026-11-25T00:00:00"), "date in the future"),
    (line("4", "a", "2026-01-05T10:00:00", price=-1), "negative price"),
    (line("4", "a", "2026-01-05T10:00:00", price=0), "zero price"),
    (line("4", "a", "2026-01-05T10:00:00", price=None), "missing price"),
    (line("4", "a", "2026-01-05T10:00:00", quantity=0), "zero quantity"),
    (line("4", "a", "2026-01-05T10:00:00", quantity=None), "missing quantity"),
    (line("4", "a", "2026-01-05T10:00:00", quantity=float("inf")), "amount too large to be real"),
    (line("4", "a", "2026-01-05T10:00:00", quantity=float("nan")), "amount too large to be real"),
    (line("4", "a", "2026-01-05T10:00:00", quantity=1e9, price=10**9), "amount too large to be real"),
    (line("3", "a", "2026-01-05T10:00:00", _is_test=True), "test order"),
    (line("2", "a", "2026-01-05T10:00:00", status="test"), "test order"),
    (line("4", "a", "2026-01-05T10:00:00", _issue="unreadable number in Price"), "unreadable number in Price"),
    (line("X", "a", "2026-01-05T10:00:00", _is_non_product=True), "postage or fee without an order"),
    (line("X", "a", "2026-01-05T10:00:00", quantity=-1, _is_non_product=True), "non-product line"),
    (line("Y", "a", "2026-01-05T10:00:00", currency="USD"), "currency USD without a rate"),
    (line("1", "someone else", "2026-01-05T10:00:00"), "order number of another customer"),
]


def test_every_row_that_is_no_fact_says_why(engine: DuckEngine) -> None:
    good = line("1", "ann", "2026-01-02T10:00:00", "tea", 1, 10, currency="GBP")
    result = imported(engine, staged(engine, "line", [good, *(row for row, _ in REFUSED)]), currency="GBP")
    refused = {row["row_no"]: row for row in engine.arrow(result.rejects).to_pylist()}
    assert [refused[i]["reason"] for i in range(2, len(REFUSED) + 2)] == [reason for _, reason in REFUSED]
    assert all(row["row"].startswith('{"order_id"') for row in refused.values())
    assert outcomes(result)["order_lines", "order line"] == 1


@pytest.mark.parametrize("filler", ["guest", "NaN", "匿名用户", None])
@pytest.mark.parametrize("first", [True, False])
def test_a_placeholder_on_one_line_is_filled_from_the_others(
    engine: DuckEngine, filler: str | None, first: bool
) -> None:
    whole = [line("1", "ann", "2026-01-05T10:00:00", name) for name in ("tea", "cup")]
    odd = line("1", filler, "2026-01-05T10:00:00", "jam")
    result = imported(engine, staged(engine, "line", [odd, *whole] if first else [*whole, odd]))
    assert outcomes(result) == {("order_lines", "order line"): 3}
    assert {row["external_id"] for row in table(engine, result, "contacts")} == {"ann"}


def test_an_order_of_placeholders_alone_says_so(engine: DuckEngine) -> None:
    rows = [line("1", who, "2026-01-05T10:00:00", who) for who in ("guest", "nan")]
    rows.append(line("2", "ann", "2026-01-05T10:00:00"))
    result = imported(engine, staged(engine, "line", rows))
    assert outcomes(result)["rejects", "placeholder customer id"] == 2


def test_a_placeholder_that_is_forced_is_somebody(engine: DuckEngine) -> None:
    rows = [line("1", "guest", "2026-01-05T10:00:00", "tea"), line("1", "ann", "2026-01-05T10:00:00", "cup")]
    result = imported(engine, staged(engine, "line", rows), force_identity=True)
    assert outcomes(result)["rejects", "order number of another customer"] == 1


def test_the_day_of_import_is_not_the_future(engine: DuckEngine) -> None:
    result = imported(engine, staged(engine, "line", [line("1", "a", "2026-11-24T23:59:59")]))
    assert outcomes(result) == {("order_lines", "order line"): 1}


def test_equal_rows_are_one_unless_the_source_keeps_them(engine: DuckEngine) -> None:
    rows = [line("1", "a", "2026-01-05T10:00:00")] * 3
    assert outcomes(imported(engine, staged(engine, "line", rows)))["rejects", "exact duplicate"] == 2
    kept = imported(engine, staged(engine, "line", rows, layout={"keep_duplicates": True}))
    assert outcomes(kept) == {("order_lines", "order line"): 3}
    assert outcomes(imported(engine, staged(engine, "line", rows), exact_duplicates="keep")) == outcomes(kept)


def test_double_clicks_are_one_order(engine: DuckEngine) -> None:
    rows = [
        line("1", "a", "2026-01-05T10:00:00"),
        line("2", "a", "2026-01-05T10:00:20"),
        line("3", "a", "2026-01-05T10:00:30", "other"),
        line("4", "a", "2026-01-05T11:00:00"),
    ]
    result = imported(engine, staged(engine, "line", rows), near_duplicate_seconds=60)
    assert [row["order_id"] for row in table(engine, result, "orders")] == ["1", "3", "4"]
    assert outcomes(result)["rejects", "near duplicate order"] == 1


def test_the_later_file_of_an_import_wins_wholly(engine: DuckEngine) -> None:
    older = [
        line("1", "a", "2026-01-05T10:00:00", "tea"),
        line("1", "a", "2026-01-05T10:00:00", "cup"),
        line("2", "b", "2026-01-05T10:00:00"),
    ]
    newer = [line("1", "a", "2026-01-05T10:00:00", "tea", 5)]
    result = imported(engine, staged(engine, "line", older, path="1.csv"), staged(engine, "line", newer, path="2.csv"))
    assert outcomes(result) == {("order_lines", "order line"): 2, ("rejects", "replaced by a later version"): 2}
    assert [row["quantity"] for row in table(engine, result, "order_lines")] == [5, 1]


def test_the_same_file_twice_is_one(engine: DuckEngine) -> None:
    file = staged(
        engine, "order", [order("1", "a", "2026-01-05T10:00:00", total_amount=5)], layout={"keep_duplicates": True}
    )
    assert outcomes(imported(engine, file, file)) == {("orders", "order"): 1, ("rejects", "file given twice"): 1}


def test_postage_is_no_product(engine: DuckEngine) -> None:
    rows = [
        line("1", "a", "2026-01-05T10:00:00"),
        line("1", "a", "2026-01-05T10:00:00", "POST", 1, 4, _is_non_product=True),
    ]
    result = imported(engine, staged(engine, "line", rows))
    (only,) = table(engine, result, "orders")
    assert (only["shipping_amount"], only["order_revenue"], only["line_count"]) == (4, 10, 1)
    assert outcomes(result)["order_extras", "postage or fee of an order"] == 1


def test_other_currencies_are_converted_at_the_given_rate(engine: DuckEngine) -> None:
    rows = [
        line("1", "a", "2026-01-05T10:00:00", currency="GBP"),
        line("2", "a", "2026-01-06T10:00:00", currency="usd", price=3),
    ]
    result = imported(engine, staged(engine, "line", rows), currency="GBP", rates={"USD": 0.75})
    assert [(row["order_revenue"], row["currency"]) for row in table(engine, result, "orders")] == [
        (10, "GBP"),
        (Decimal("2.25"), "GBP"),
    ]


def test_the_shops_currency_is_what_most_rows_carry(engine: DuckEngine) -> None:
    rows = [line(str(i), "a", f"2026-01-0{i}T10:00:00", currency="EUR" if i > 1 else "USD") for i in range(1, 5)]
    result = imported(engine, staged(engine, "line", rows))
    assert {row["currency"] for row in table(engine, result, "orders")} == {"EUR"}
    assert outcomes(result)["rejects", "currency USD without a rate"] == 1


def test_order_cells_on_the_first_row_only(engine: DuckEngine) -> None:
    first = line(
        "1",
        "Ann@Shop.com",
        "2026-01-05T10:00:00",
        "tea",
        1,
        10,
        goods_amount=15,
        shipping_amount=3,
        total_amount=18,
        currency="EUR",
    )
    rest = line("1", None, None, "cup", 1, 7)
    result = imported(engine, staged(engine, "line", [first, rest]))
    (only,) = table(engine, result, "orders")
    assert (only["order_revenue"], only["shipping_amount"], only["line_count"]) == (15, 3, 2)
    assert table(engine, result, "contacts")[0]["external_id"] == "ann@shop.com"
    assert table(engine, result, "contacts")[0]["email"] == "ann@shop.com"


def test_a_refused_first_line_leaves_its_order_the_head(engine: DuckEngine) -> None:
    gift = line("1", "a", "2026-01-05T10:00:00", "gift", 1, 0, goods_amount=15)
    result = imported(engine, staged(engine, "line", [gift, line("1", "a", "2026-01-05T10:00:00", "cup", 1, 17)]))
    (only,) = table(engine, result, "orders")
    assert (only["order_revenue"], only["line_count"]) == (15, 1)


REVENUES: list[tuple[dict[str, int], int | None]] = [
    ({"goods_amount": 8, "gross_amount": 10, "total_amount": 99}, 8),
    ({"gross_amount": 10, "discount_amount": 3, "total_amount": 99}, 7),
    ({"total_amount": 12, "shipping_amount": 2, "tax_amount": 1}, 9),
    ({"total_amount": 0}, 0),
    ({}, None),
]


def test_revenue_is_read_from_the_best_cell_there_is(engine: DuckEngine) -> None:
    rows = [order(str(i), "a", "2026-01-05T10:00:00", **cells) for i, (cells, _) in enumerate(REVENUES)]
    found = table(engine, imported(engine, staged(engine, "order", rows)), "orders")
    assert [row["order_revenue"] for row in found] == [revenue for _, revenue in REVENUES]
    assert [row["net_revenue"] for row in found] == [revenue for _, revenue in REVENUES]


def test_tax_inside_the_goods_is_taken_out(engine: DuckEngine) -> None:
    file = staged(
        engine,
        "order",
        [order("1", "a", "2026-01-05T10:00:00", goods_amount=12, tax_amount=2)],
        profile={"tax_included": True},
    )
    assert table(engine, imported(engine, file), "orders")[0]["order_revenue"] == 10


def test_margin_needs_the_cost_of_every_line(engine: DuckEngine) -> None:
    goods = staged(engine, "product", [{"product_id": "tea", "unit_cost": 4, "category": "Drinks / Hot"}])
    rows = [line("1", "a", "2026-01-05T10:00:00", "tea", 2, 10), line("2", "a", "2026-01-06T10:00:00", "cup", 1, 10)]
    result = imported(engine, goods, staged(engine, "line", rows))
    assert [row["margin"] for row in table(engine, result, "orders")] == [12, None]
    assert [row["category"] for row in table(engine, result, "order_lines")] == ["Drinks", None]


def test_orders_without_numbers_are_told_apart(engine: DuckEngine) -> None:
    rows = [{"customer_id": "1", "ordered_at": "1997-01-01T00:00:00", "total_amount": 10 + i % 2} for i in range(3)]
    file = staged(engine, "order", rows, layout={"keep_duplicates": True})
    first, again = imported(engine, file), imported(engine, file)
    assert len(table(engine, first, "orders")) == 3
    assert table(engine, first, "orders") == table(engine, again, "orders")


def test_lines_take_customer_and_date_from_their_order_and_the_person_from_identity_rows(engine: DuckEngine) -> None:
    result = imported(
        engine,
        staged(
            engine,
            "order",
            [
                order("1", "x1", "2026-01-05T10:00:00", status="paid"),
                order("2", "x2", "2026-02-05T10:00:00", status="paid"),
            ],
        ),
        staged(
            engine,
            "line",
            [
                {"order_id": "1", "product_id": "tea", "unit_price": 9, "quantity": 1},
                {"order_id": "2", "product_id": "tea", "unit_price": 9, "quantity": 2},
                {"order_id": "3", "product_id": "tea", "unit_price": 9, "quantity": 1},
            ],
        ),
        staged(
            engine,
            "identity",
            [
                {"customer_id": "x1", "person_id": "ann", "city": "Rio"},
                {"customer_id": "x2", "person_id": "ann", "city": "Bahia"},
            ],
        ),
        staged(
            engine, "review", [{"review_id": "r", "order_id": "2", "rating": 4.0, "reviewed_at": "2026-03-01T00:00:00"}]
        ),
    )
    assert (
        len(
            {row["customer_id"] for name in ("orders", "order_lines", "reviews") for row in table(engine, result, name)}
        )
        == 1
    )
    assert [row["order_revenue"] for row in table(engine, result, "orders")] == [9, 18]
    assert [row["city"] for row in table(engine, result, "customers")] == ["Bahia"]
    assert outcomes(result)["rejects", "missing customer"] == 1


def test_payments_are_details_of_an_order_and_not_counted_twice(engine: DuckEngine) -> None:
    result = imported(
        engine,
        staged(engine, "order", [order("1", "a", "2026-01-05T10:00:00", status="paid")], path="orders.csv"),
        staged(
            engine,
            "order",
            [
                {"order_id": "1", "total_amount": 6},
                {"order_id": "1", "total_amount": 4},
                {"order_id": "7", "total_amount": 4},
            ],
            path="payments.csv",
        ),
        staged(engine, "line", [{"order_id": "1", "product_id": "tea", "unit_price": 9, "quantity": 1}]),
    )
    (only,) = table(engine, result, "orders")
    assert only["order_revenue"] == 9
    assert outcomes(result)["order_extras", "detail of an order"] == 2
    assert outcomes(result)["rejects", "detail of an unknown order"] == 1


@pytest.mark.parametrize(("how", "orders"), [("session_id", 2), ("order_id", 3), ("instant", 3), ("day", 2)])
def test_purchases_become_orders_and_stay_events(engine: DuckEngine, how: str, orders: int) -> None:
    def bought(session: str, number: str, when: str, product: str, price: int) -> dict[str, object]:
        return {
            "customer_id": "a",
            "occurred_at": when,
            "type": "purchase",
            "session_id": session,
            "order_id": number,
            "product_id": product,
            "price": price,
        }

    rows = [
        bought("s1", "1", "2026-01-05T10:00:00", "tea", 5),
        bought("s1", "1", "2026-01-05T10:00:00", "cup", 7),
        bought("s1", "2", "2026-01-05T10:09:00", "tea", 5),
        bought("s2", "3", "2026-01-06T10:00:00", "tea", 5),
        {"anonymous_id": "cookie", "occurred_at": "2026-01-06T10:00:00", "type": "view", "product_id": "tea"},
        {"occurred_at": "2026-01-06T10:00:00", "type": "view", "product_id": "tea"},
    ]
    result = imported(engine, staged(engine, "event", rows, layout={"orders_from": how}))
    assert outcomes(result) == {("events", "event"): 5, ("rejects", "missing customer"): 1}
    found = table(engine, result, "orders")
    assert len(found) == orders
    assert sum(row["order_revenue"] for row in found) == 22
    assert len(table(engine, result, "order_lines")) == 4


def test_an_order_number_shared_by_customers_is_a_placeholder(engine: DuckEngine) -> None:
    rows = [
        {"customer_id": who, "occurred_at": "2026-01-05T10:00:00", "type": "purchase", "order_id": "x", "revenue": 5}
        for who in "ab"
    ]
    result = imported(engine, staged(engine, "event", rows, layout={"orders_from": "order_id"}))
    assert len({row["customer_id"] for row in table(engine, result, "orders")}) == 2


def test_a_source_without_prices_gives_no_money(engine: DuckEngine) -> None:
    rows = [{"customer_id": "a", "occurred_at": "2026-01-05T10:00:00", "type": "purchase", "product_id": "p"}]
    result = imported(engine, staged(engine, "event", rows, layout={"orders_from": "day"}))
    (only,) = table(engine, result, "orders")
    assert (only["order_revenue"], only["net_revenue"], only["refunded_amount"]) == (None, None, None)


def test_plain_facts(engine: DuckEngine) -> None:
    result = imported(
        engine,
        staged(
            engine,
            "touch",
            [{"customer_id": "a", "campaign_id": "x", "sent_at": "2026-01-05T10:00:00"}] * 2
            + [{"customer_id": "a", "campaign_id": "x"}],
        ),
        staged(
            engine,
            "link",
            [
                {"from_customer": "a", "to_customer": "b", "since": "2026-01-05T10:00:00"},
                {"from_customer": "a", "since": "2026-01-05T10:00:00"},
            ],
        ),
        staged(
            engine,
            "signal",
            [
                {"customer_id": "a", "at": "2026-01-05T10:00:00", "name": "visits", "value": v}
                for v in (1.0, 2.0, float("nan"))
            ],
        ),
    )
    assert outcomes(result) == {
        ("touches", "touch"): 1,
        ("rejects", "exact duplicate"): 1,
        ("rejects", "missing date"): 1,
        ("links", "link"): 1,
        ("rejects", "missing customer"): 1,
        ("signals", "signal"): 1,
        ("rejects", "replaced by a later version"): 1,
        ("rejects", "value is not a number"): 1,
    }
    assert table(engine, result, "signals")[0]["value"] == 2
    assert {row["external_id"] for row in table(engine, result, "contacts")} == {"a", "b"}


def test_direct_identifiers_stay_in_contacts(engine: DuckEngine) -> None:
    row = line(
        "1",
        "ann@x.com",
        "2026-01-05T10:00:00",
        email="ann@x.com",
        phone="0049170",
        first_name="Ann",
        last_name="Lee",
        city="Bonn",
    )
    result = imported(engine, staged(engine, "line", [row]))
    for name in set(result.facts) - {"contacts"}:
        assert not {"ann@x.com", "0049170", "Ann", "Lee"} & {
            value for found in table(engine, result, name) for value in found.values()
        }
    assert table(engine, result, "customers")[0]["city"] == "Bonn"


def test_ids_that_look_alike_are_different_people(engine: DuckEngine) -> None:
    ids = ("007", "7", "0007", "😀", "😁", "名", "a", "A", "á")
    result = imported(
        engine, staged(engine, "line", [line(str(i), who, "2026-01-05T10:00:00") for i, who in enumerate(ids)])
    )
    assert {row["external_id"] for row in table(engine, result, "contacts")} == set(ids)
    assert len({row["customer_id"] for row in table(engine, result, "orders")}) == len(ids)


def test_outliers_are_flagged_and_kept(engine: DuckEngine) -> None:
    rows = [line(str(i), f"c{i % 7}", "2026-01-05T10:00:00", price=10 + i % 5) for i in range(50)]
    result = imported(engine, staged(engine, "line", [*rows, line("x", "c1", "2026-01-05T10:00:00", price=10**9)]))
    assert {row["order_id"] for row in table(engine, result, "orders") if row["is_outlier"]} == {"x"}


def test_only_returns_are_a_completed_import(engine: DuckEngine) -> None:
    rows = [line("C1", "a", "2026-01-05T10:00:00", "tea", -2, 5, _is_cancellation=True)]
    result = imported(engine, staged(engine, "line", rows))
    assert "orders" not in result.facts
    (only,) = table(engine, result, "returns")
    assert (only["order_id"], only["quantity"], only["amount"]) == (None, 2, 10)


def test_the_file_with_the_newest_date_wins_whatever_it_is_called(engine: DuckEngine) -> None:
    old = [order("1", "a", "2026-01-05T10:00:00", total_amount=104), order("2", "a", "2026-01-06T10:00:00")]
    new = [order("1", "a", "2026-01-05T10:00:00", total_amount=99), order("3", "a", "2026-02-06T10:00:00")]
    for names in (("feb.csv", "jan.csv"), ("a.csv", "b.csv")):
        files = [staged(engine, "order", new, path=names[0]), staged(engine, "order", old, path=names[1])]
        for given in (files, files[::-1]):
            rows = {row["order_id"]: row["order_revenue"] for row in table(engine, imported(engine, *given), "orders")}
            assert rows.keys() == {"1", "2", "3"}
            assert rows["1"] == 99


def test_a_date_that_cannot_be_true_makes_no_file_the_latest(engine: DuckEngine) -> None:
    old = [order("1", "a", "2026-01-05T10:00:00", total_amount=104), order("2", "a", "2099-01-06T10:00:00")]
    new = [order("1", "a", "2026-01-05T10:00:00", total_amount=99), order("3", "a", "2026-02-06T10:00:00")]
    files = [staged(engine, "order", new, path="a.csv"), staged(engine, "order", old, path="b.csv")]
    rows = {row["order_id"]: row["order_revenue"] for row in table(engine, imported(engine, *files), "orders")}
    assert rows == {"1": 99, "3": rows["3"]}


def test_nothing_but_rejects_is_a_completed_import(engine: DuckEngine) -> None:
    result = imported(engine, staged(engine, "line", [line("1", "a", None)]))
    assert result.facts == {}


def test_no_rows_is_one_clear_error(engine: DuckEngine) -> None:
    with pytest.raises(EmptyInput, match="nothing to import"):
        imported(engine)


def test_a_wrong_zone_is_one_clear_error(engine: DuckEngine) -> None:
    with pytest.raises(ValidationError, match="not a time zone"):
        imported(engine, staged(engine, "line", [line("1", "a", "2026-01-05T10:00:00")]), zone="Mars/Olympus")


def test_refused_ids_stop_the_import_unless_forced(engine: DuckEngine) -> None:
    rows = [order(str(i), "张**", "2026-01-05T10:00:00") for i in range(40)]
    with pytest.raises(IdentityRefused, match="masked"):
        imported(engine, staged(engine, "order", rows))
    assert len(table(engine, imported(engine, staged(engine, "order", rows), force_identity=True), "orders")) == 40
