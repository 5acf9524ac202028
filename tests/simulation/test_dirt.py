"""The truth's dirt counts are what a reader of the exports counts."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.simulation import SOME_DIRT, World
from patron.simulation.methods import catalogue, dirt

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def orders(dirty_world: World) -> pd.DataFrame:
    return dirty_world.table("orders").to_pandas()


@pytest.fixture(scope="module")
def lines(dirty_world: World) -> pd.DataFrame:
    return dirty_world.table("order_lines").to_pandas()


def recount(table: pd.DataFrame) -> dict[str, int]:
    at = table["ordered_at"]
    return {
        "exact_duplicate": int(table.duplicated().sum()),
        "cancelled_order": int((table["status"] == "cancelled").sum()),
        "test_order": int((table["status"] == "test").sum()),
        "missing_customer": int(table["customer_id"].isna().sum()),
        "missing_date": int(at.isna().sum()),
        "ancient_date": int((at < datetime(1990, 1, 1, tzinfo=UTC)).sum()),
        "future_date": int((at >= AS_OF).sum()),
        "foreign_currency": int((table["currency"] == "USD").sum()),
        "outlier": int(table["customer_id"].fillna("").str.startswith("WHOLESALE").sum()),
    }


def test_order_dirt_is_counted_exactly(dirty_world: World, orders: pd.DataFrame) -> None:
    found = {kind: count for kind, count in recount(orders).items() if count}
    told = dict(dirty_world.dirt["orders"])
    assert told.pop("late") == dirty_world.rows["late/orders"] > 0
    assert told.pop("near_duplicate") > 0
    assert found == told


def test_line_dirt_is_counted_exactly(dirty_world: World, lines: pd.DataFrame) -> None:
    found = recount(lines) | {
        "non_product": int(lines["product_id"].isin(catalogue.NON_PRODUCTS).sum()),
        "zero_price": int((lines["unit_price"] == 0).sum()),
        "negative_price": int((lines["unit_price"] < 0).sum()),
        "missing_product": int(lines["product_id"].isna().sum()),
        "missing_quantity": int(lines["quantity"].isna().sum()),
    }
    told = dict(dirty_world.dirt["order_lines"])
    assert told.pop("late") == dirty_world.rows["late/order_lines"] > 0
    assert told.pop("near_duplicate") > 0
    assert {kind: count for kind, count in found.items() if count} == told


def test_clean_rows_plus_dirt_is_all_there_is(clean_world: World, dirty_world: World) -> None:
    for name in ("orders", "order_lines", "returns", "events"):
        added = sum(count for kind, count in dirty_world.dirt[name].items() if kind != "late")
        late = dirty_world.rows.get(f"late/{name}", 0)
        assert dirty_world.rows[name] + late == clean_world.rows[name] + added, name


def test_true_rows_survive_in_the_two_files_together(clean_world: World, dirty_world: World) -> None:
    both = pd.concat([dirty_world.table(name).to_pandas() for name in ("order_lines", "late/order_lines")])
    true = clean_world.table("order_lines").to_pandas()
    assert len(true.merge(both.drop_duplicates(), on=list(true.columns))) == len(true)


def test_event_and_return_dirt_is_counted_exactly(dirty_world: World) -> None:
    events = dirty_world.table("events").to_pandas()
    told = dirty_world.dirt["events"]
    assert events.duplicated("event_id").sum() == events.duplicated().sum() == told["duplicate_event"]
    assert (events["type"] == "hover").sum() == told["unknown_event_type"]
    assert (events["customer_id"].isna() & events["anonymous_id"].isna()).sum() == told["nobodys_event"]
    back = dirty_world.table("returns").to_pandas()
    known = {
        *dirty_world.table("orders")["order_id"].to_pylist(),
        *dirty_world.table("late/orders")["order_id"].to_pylist(),
    }
    assert (~back["order_id"].isin(known)).sum() == dirty_world.dirt["returns"]["orphan_return"] > 0


def test_line_numbers_stay_unique_within_an_order(lines: pd.DataFrame) -> None:
    assert not lines.drop_duplicates().duplicated(["order_id", "line_no"]).any()


def small_shop(sizes: list[int]) -> tuple[dirt.Columns, dirt.Columns]:
    order = np.repeat(np.arange(len(sizes)), sizes)
    filled = {"product": order * 0 + 5, "quantity": order * 0 + 1, "unit_price_cents": order * 0 + 100}
    numbers = np.arange(len(sizes))
    orders = dict.fromkeys(("customer", "placed_s", "status", "currency"), numbers * 0)
    within = np.concatenate([np.arange(size) for size in sizes]) + 1
    return {"number": numbers, **orders}, {"order": order, "line_no": within, "discount_cents": order * 0, **filled}


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=30),
    shares=st.dictionaries(st.sampled_from(sorted(SOME_DIRT)), st.floats(0, 0.5), max_size=8),
    seed=st.integers(0, 2**32 - 1),
)
def test_counts_always_add_up_and_the_input_is_left_alone(
    sizes: list[int], shares: dict[str, float], seed: int
) -> None:
    orders, lines = small_shop(sizes)
    before = {name: values.copy() for name, values in lines.items()}
    soiled = dirt.soil_orders(np.random.default_rng(seed), orders, lines, shares, dirt.Cast(1, 2, 9, 100))
    for name, size, table in (
        ("orders", len(sizes), soiled.orders["number"]),
        ("order_lines", sum(sizes), soiled.lines["order"]),
    ):
        added = sum(count for kind, count in soiled.counts[name].items() if kind != "late")
        assert len(table) == size + added
    assert soiled.is_late.sum() == soiled.counts["orders"].get("late", 0)
    assert all((lines[name] == before[name]).all() for name in lines)
    assert (orders["status"] == 0).all()
