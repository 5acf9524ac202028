"""What messages become, and why some become nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from patron.engines.duck import DuckEngine
from patron.records import pseudonym
from patron.streaming import Chunk, Messages, Reading
from patron.streaming.messages import MessageReader

KEY = b"secret"
SHOP = Reading("Europe/London", "GBP", KEY)
LIMIT = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine():
    with DuckEngine(threads=1) as duck:
        yield duck


def read(engine, *messages):
    tables = MessageReader(engine, SHOP).read(Messages(messages).read(0, 1000), LIMIT)
    facts = {name: engine.answer(f"FROM in_{name}").to_pylist() for name in tables}
    refused = dict(engine.ibis.con.execute("SELECT place, reason FROM refused ORDER BY place").fetchall())
    return facts, refused


def order(**more):
    return {
        "table": "orders",
        "order_id": "o1",
        "customer_id": "Ann@X.org",
        "ordered_at": "2024-06-01T23:30:00Z",
    } | more


def view(**more):
    return {"customer_id": "ann", "occurred_at": "2024-06-01T10:00:00Z", "type": "view", "event_id": "e1"} | more


def test_an_order_with_lines(engine):
    lines = [
        {"product_id": "p", "quantity": 2, "unit_price": "3.50", "line_discount": 1},
        {"product_id": "q", "unit_price": 1.25},
    ]
    facts, refused = read(engine, order(lines=lines))
    [row] = facts["orders"]
    assert not refused
    assert row["customer_id"] == pseudonym("ann@x.org", KEY)
    assert (row["day"], row["hour"]) == (date(2024, 6, 2), 0)  # London is an hour ahead in June
    assert (row["status"], row["currency"]) == ("paid", "GBP")
    assert (row["gross_amount"], row["discount_amount"], row["order_revenue"]) == (
        Decimal("8.25"),
        Decimal(1),
        Decimal("7.25"),
    )
    assert (row["item_count"], row["line_count"]) == (3.0, 2)
    assert [(line["line_no"], line["line_revenue"]) for line in facts["order_lines"]] == [
        (1, Decimal(6)),
        (2, Decimal("1.25")),
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-06-01", date(2024, 6, 1)),
        ("2024-06-01 23:30:00", date(2024, 6, 1)),
        ("2024-06-01T23:30:00Z", date(2024, 6, 2)),
        ("2024-06-01T23:30:00+02:00", date(2024, 6, 1)),
        (1717284600, date(2024, 6, 2)),
        (1717284600000, date(2024, 6, 2)),
        ("1717284600000000", date(2024, 6, 2)),
    ],
)
def test_instants_are_read_on_the_shops_clock_unless_they_say_theirs(engine, text, day):
    facts, _ = read(engine, view(occurred_at=text))
    assert facts["events"][0]["day"] == day


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("{broken", "not JSON"),
        ("[1]", "not a JSON object"),
        ({"table": "things"}, "unknown table things; expected one of orders, events"),
        ({"table": "events", "type": "view"}, "missing occurred_at"),
        (view(customer_id=None), "missing customer_id or anonymous_id"),
        (view(customer_id="guest"), "missing customer_id or anonymous_id"),
        (view(occurred_at="yesterday"), "occurred_at: yesterday is no instant"),
        (view(occurred_at="2024-07-01T00:00:00Z"), "occurred_at: date in the future"),
        (view(occurred_at="1970-01-02"), "occurred_at: impossible date"),
        (view(price="dear"), "price: dear is no money"),
        (view(price=-1), "price: negative"),
        (view(quantity=1e13), "quantity: too large to be real"),
        (order(customer_id="GUEST"), "customer_id: a placeholder that names nobody"),
        (order(order_id=None), "missing order_id"),
        (order(status="maybe"), "unknown status maybe"),
        (order(currency="usd"), "currency USD, the shop counts in GBP"),
        (order(lines=[{"quantity": 1}]), "lines: one without product_id"),
        (order(lines=[{"product_id": "p", "unit_price": "dear"}]), "lines: a unit_price that is no money"),
        (order(lines=[{"product_id": "p", "quantity": "nan", "unit_price": 1}]), "lines: a quantity that is no real"),
        (
            order(lines=[{"product_id": "p", "quantity": 1e9, "unit_price": 1e9}]),
            "lines: an amount too large to be real",
        ),
        (order(lines={"product_id": "p"}), "lines: no list"),
        (order(lines=[{"product_id": "p"}], gross_amount="1e300"), "gross_amount: 1e300 is no money"),
        (order(lines=[{"product_id": "p"}], order_revenue="-1e14"), "order_revenue: -1e14 is no money"),
    ],
)
def test_what_is_no_fact_is_kept_aside_with_its_reason(engine, message, reason):
    facts, refused = read(engine, message, view(event_id="good"))
    assert list(refused) == [0]
    assert refused[0].startswith(reason)
    assert [row["event_id"] for row in facts["events"]] == ["good"]


def test_the_last_of_a_key_counts_and_a_customers_cells_add_up(engine):
    told = [{"table": "customers", "customer_id": "ann", **cells} for cells in ({"gender": "f"}, {"birth_year": 1980})]
    facts, _ = read(engine, view(price=1), view(price=2), *told)
    assert [row["price"] for row in facts["events"]] == [Decimal(2)]
    assert [(row["gender"], row["birth_year"]) for row in facts["customers"]] == [("f", 1980)]


def test_an_event_without_a_name_is_named_by_what_it_says(engine):
    facts, _ = read(engine, view(event_id=None), view(event_id=None), view(event_id=None, type="cart"))
    assert len(facts["events"]) == 2
    assert all(row["event_id"].startswith("e_") for row in facts["events"])


def test_typed_columns_are_messages_too(engine):
    rows = pa.table(
        {
            "place": [0],
            "event_id": ["e"],
            "customer_id": ["ann"],
            "occurred_at": pa.array([LIMIT - timedelta(days=1)], pa.timestamp("us", tz="UTC")),
            "type": ["view"],
            "price": pa.array([Decimal("1.5")], pa.decimal128(18, 4)),
        }
    )
    tables = MessageReader(engine, SHOP).read(Chunk(rows, 1), LIMIT)
    assert tables == ("events",)
    assert engine.column("SELECT price FROM in_events") == [Decimal("1.5")]
