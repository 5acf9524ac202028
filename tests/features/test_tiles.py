"""Tiles: what one row holds, and that tiles of parts merge into tiles of the whole."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron import features
from patron.contracts.tiles import TILES, signal_columns
from patron.features import rows, tiles
from worlds import (
    AS_OF,
    SHAPES,
    SIGNALS,
    capabilities_of,
    effort,
    random_shop,
    shape_capabilities,
    table,
    tiny_shop,
)

EVERYTHING = shape_capabilities("everything")


@pytest.fixture(scope="module")
def tiny_tiles(workbench):
    made = workbench.tiles(tiny_shop(), EVERYTHING)
    return {name: workbench.engine.arrow(one).to_pylist() for name, one in made.tables.items()}


def test_every_tile_column_is_computed_from_something():
    shop = tiny_shop()
    import ibis  # noqa: PLC0415  only this test builds expressions without an engine

    facts = {name: ibis.table(data.schema, name=name) for name, data in shop.items()}
    for source, columns in TILES.items():
        there = set(rows.ROWS[source](facts).columns) | tiles.SECOND_PASS | {"one", "day", "sessions_distinct"}
        kept = [column for column in columns if column.name not in tiles.FOLLOWING]
        assert {column.row for column in kept} <= there, source
    there = set(rows.signals(facts, SIGNALS).columns)
    assert {column.row for name in SIGNALS for column in signal_columns(name)} <= there


def test_there_is_one_tile_per_customer_and_day(tiny_tiles):
    for name in TILES:
        keys = [(row["customer_id"], row["day"]) for row in tiny_tiles[name]]
        assert len(set(keys)) == len(keys), name


def test_a_day_with_two_orders_is_one_tile(tiny_tiles):
    ann = {row["day"]: row for row in tiny_tiles["orders"] if row["customer_id"] == "ann"}
    first, second = ann[date(2024, 1, 10)], ann[date(2024, 3, 10)]
    assert (first["orders_count"], first["revenue_sum"], first["revenue_max"], first["revenue_min"]) == (
        2,
        140,
        100,
        40,
    )
    assert (first["order_days_count"], first["order_gap_days_count"], first["order_gap_days_sum"]) == (1, 0, None)
    assert (second["order_gap_days_sum"], second["order_gap_days_squares"], second["repeat_revenue_sum"]) == (
        60,
        3600,
        60,
    )


def test_only_paid_orders_become_tiles(tiny_tiles):
    assert {row["customer_id"] for row in tiny_tiles["orders"]} == {"ann", "bob", "cat", "dan"}
    assert sum(row["orders_count"] for row in tiny_tiles["orders"] if row["customer_id"] == "cat") == 1
    assert [row["customer_id"] for row in tiny_tiles["cancellations"]] == ["cat"]


def test_money_stays_exact(workbench, tiny_tiles):
    made = workbench.tiles(tiny_shop(), EVERYTHING).tables
    for name, column in (("orders", "revenue_sum"), ("returns", "refund_sum"), ("lines", "unit_price_max")):
        kind = made[name].schema()[column]
        assert (kind.is_decimal(), kind.scale) == (True, 4), column


def test_what_follows_a_contact_lies_on_its_own_day(tiny_tiles):
    ann = {row["day"]: row for row in tiny_tiles["touches"] if row["customer_id"] == "ann"}
    assert {day: row["opens_count"] for day, row in ann.items() if row["opens_count"]} == {
        date(2024, 6, 2): 1,
        date(2024, 7, 2): 1,
    }
    assert ann[date(2024, 6, 28)]["conversions_count"] == 1
    assert ann[date(2024, 6, 28)]["touches_count"] == 0


@effort(10)
@given(seed=st.integers(0, 2**32 - 1))
def test_capabilities_are_the_columns_that_hold_values(engine, seed):
    shop = random_shop(seed)
    shop["reviews"] = table("reviews", [])
    facts = {name: engine.table(data) for name, data in shop.items()}
    assert features.capabilities(facts, engine) == capabilities_of(shop)


def test_signals_are_named_by_how_often_they_speak_and_at_most_twenty(engine):
    readings = [{"customer_id": "ann", "day": AS_OF, "name": f"s{n:02d}", "value": 1.0} for n in range(25)]
    often = [{"customer_id": "ann", "day": AS_OF, "name": "s24", "value": 1.0} for _ in range(3)]
    facts = {"signals": engine.table(table("signals", readings + often))}
    names = features.signal_names(facts, engine)
    assert names == (*(f"s{n:02d}" for n in range(19)), "s24")
    assert features.signal_names({}, engine) == ()


@pytest.mark.parametrize("shape", SHAPES)
def test_kept_tiles_are_reopened_as_they_were(workbench, tmp_path, shape):
    made = workbench.tiles(random_shop(11, shape), shape_capabilities(shape))
    told = []
    kept = features.keep(made, tmp_path, workbench.engine, told.append)
    assert told == list(made.tables)
    assert (kept.capabilities, kept.signals, kept.features) == (made.capabilities, made.signals, made.features)
    for name, one in made.tables.items():
        before, after = (workbench.engine.arrow(which) for which in (one, kept.tables[name]))
        assert before.column_names == after.column_names
        assert sorted(before.to_pylist(), key=str) == sorted(after.to_pylist(), key=str), name


def test_the_spine_of_a_snapshot_is_everyone_who_had_paid(workbench):
    made = workbench.tiles(tiny_shop(), EVERYTHING)
    told = workbench.engine.arrow(features.customers_before(made, AS_OF)).to_pylist()
    assert sorted(row["customer_id"] for row in told) == ["ann", "bob", "cat"]
    assert {row["as_of"] for row in told} == {AS_OF}
