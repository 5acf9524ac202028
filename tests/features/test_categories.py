"""What was bought and what came next, against a shop small enough to count by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest

from patron import features
from patron.engines.duck import DuckEngine
from patron.features import Tiles

AS_OF = date(2025, 7, 1)
LINES = [  # days before AS_OF, customer, category, status
    (100, "ann", "tea", "paid"),
    (100, "ann", "tea", "paid"),  # two lines of one day count once
    (100, "ann", "cups", "paid"),
    (10, "ann", "tea", "paid"),
    (5, "ann", "pots", "cancelled"),
    (5, "ann", None, "paid"),
    (1, "bob", "cups", "paid"),
    (0, "ann", "pots", "paid"),  # from the day itself on, nothing is known
    (0, "ann", "cups", "paid"),
    (-5, "ann", "tea", "paid"),
    (-30, "bob", "tea", "paid"),
]


@pytest.fixture
def shop():
    rows = [
        {"customer_id": who, "day": AS_OF - timedelta(days=ago), "category": what, "status": status}
        for ago, who, what, status in LINES
    ]
    schema = pa.schema(
        [("customer_id", pa.string()), ("day", pa.date32()), ("category", pa.string()), ("status", pa.string())]
    )
    with DuckEngine() as engine:
        lines = engine.table(pa.Table.from_pylist(rows, schema=schema))
        yield engine, Tiles({"order_lines": lines}, frozenset({"order_lines", "order_lines.category"}))


def spine(engine, *pairs):
    schema = pa.schema([("customer_id", pa.string()), ("as_of", pa.date32())])
    return engine.table(pa.Table.from_pylist([{"customer_id": c, "as_of": d} for c, d in pairs], schema=schema))


def told(engine, table):
    return {(row["customer_id"], row["category"]): row for row in engine.rows(table)}


def test_the_history_by_hand(shop):
    engine, tiles = shop
    found = told(engine, features.category_history(features.category_days(tiles), AS_OF))
    assert set(found) == {("ann", "tea"), ("ann", "cups"), ("bob", "cups")}
    tea = found["ann", "tea"]
    assert (tea["order_days"], tea["order_days_all"], tea["in_last_order"]) == (2, 2, 1)
    assert tea["recent_order_days"] == pytest.approx(2 ** (-100 / 90) + 2 ** (-10 / 90))
    assert tea["recent_order_days_all"] == pytest.approx(tea["recent_order_days"])
    cups = found["ann", "cups"]
    assert (cups["order_days"], cups["in_last_order"]) == (1, 0)
    assert cups["recent_order_days_all"] == pytest.approx(tea["recent_order_days"])


def test_one_date_and_a_spine_say_the_same(shop):
    engine, tiles = shop
    days = features.category_days(tiles)
    earlier = AS_OF - timedelta(days=50)
    both = features.category_history(days, spine(engine, ("ann", earlier), ("ann", AS_OF), ("bob", AS_OF)))
    rows = {(str(r["as_of"]), r["customer_id"], r["category"]): r["order_days"] for r in engine.rows(both)}
    assert rows == {
        (str(earlier), "ann", "tea"): 1,
        (str(earlier), "ann", "cups"): 1,
        (str(AS_OF), "ann", "tea"): 2,
        (str(AS_OF), "ann", "cups"): 1,
        (str(AS_OF), "bob", "cups"): 1,
    }


def test_what_came_is_the_first_order_day_of_the_window_alone(shop):
    engine, tiles = shop
    days, pairs = features.category_days(tiles), spine(engine, ("ann", AS_OF), ("bob", AS_OF))
    assert set(told(engine, features.next_categories(days, pairs, 30))) == {("ann", "pots"), ("ann", "cups")}
    assert set(told(engine, features.next_categories(days, pairs, 31))) == {
        ("ann", "pots"),
        ("ann", "cups"),
        ("bob", "tea"),
    }


def test_the_most_bought_before_a_date(shop):
    engine, tiles = shop
    found = engine.rows(features.most_bought(features.category_days(tiles), AS_OF, 5))
    assert [row["category"] for row in found] == ["cups", "tea"]  # two order days each, in order of their names
