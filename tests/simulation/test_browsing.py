from __future__ import annotations

import pandas as pd
import pytest

from patron.contracts.facts import EVENT_TYPES
from patron.simulation import World


@pytest.fixture(scope="module")
def events(clean_world: World) -> pd.DataFrame:
    return clean_world.table("events").to_pandas()


def test_types_are_those_of_the_contract(events: pd.DataFrame) -> None:
    assert {*events["type"]} <= {*EVENT_TYPES}


def test_tracked_purchases_are_orders(events: pd.DataFrame, clean_world: World) -> None:
    bought = events[events["type"] == "purchase"]
    orders = clean_world.table("orders").to_pandas()
    assert len(bought) / len(orders) == pytest.approx(0.4, abs=0.02)
    both = bought.merge(orders, left_on=["customer_id", "occurred_at"], right_on=["customer_id", "ordered_at"])
    assert len(both) == len(bought)
    assert {*both["channel"]} == {"web", "app"}


def test_a_visit_belongs_to_one_device_of_one_customer(events: pd.DataFrame) -> None:
    visits = events.groupby("session_id")
    assert (visits["anonymous_id"].nunique() == 1).all()
    assert (visits["device"].nunique() == 1).all()
    assert (visits["customer_id"].nunique() <= 1).all()


def test_an_ordering_visit_goes_from_view_to_cart_to_checkout_to_purchase(events: pd.DataFrame) -> None:
    bought = events[events["session_id"].isin(events.loc[events["type"] == "purchase", "session_id"])]
    last = bought.pivot_table(index="session_id", columns="type", values="occurred_at", aggfunc="max")
    assert (last["cart"] < last["checkout"]).all()
    assert (last["checkout"] < last["purchase"]).all()
    first = bought.pivot_table(index=["session_id", "product_id"], columns="type", values="occurred_at", aggfunc="min")
    assert (first["view"] < first["cart"]).all()


def test_cells_are_filled_where_they_mean_something(events: pd.DataFrame) -> None:
    by_type = events.groupby("type").agg(lambda column: column.notna().mean())
    assert by_type.loc["view", ["product_id", "price", "dwell_seconds"]].tolist() == [1, 1, 1]
    assert by_type.loc["search", ["product_id", "properties"]].tolist() == [0, 1]
    assert by_type.loc["cart", ["quantity", "dwell_seconds"]].tolist() == [1, 0]


def test_nobody_browses_after_leaving(events: pd.DataFrame, clean_world: World) -> None:
    truth = clean_world.truth().to_pandas()[["customer_id", "dropped_at"]].dropna()
    late = events.merge(truth, on="customer_id")
    # A visit begun before leaving may end a little after it.
    assert (late["occurred_at"] - late["dropped_at"]).max() < pd.Timedelta(hours=1)
