"""The shop's days against dictionaries."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron import features
from worlds import effort, random_shop, shape_capabilities, tiny_shop, unpacked

EVERYTHING = shape_capabilities("everything")


def days_by_hand(facts):
    """Return day -> customers who ordered, net revenue."""
    buyers, money = defaultdict(set), defaultdict(Decimal)
    for order in facts["orders"]:
        if order["status"] == "paid":
            buyers[order["day"]].add(order["customer_id"])
            money[order["day"]] += order["order_revenue"] or 0
    for row in facts["returns"]:
        if row["order_id"] is not None:
            money[row["day"]] -= row["amount"] or 0
    both = {day: (len(buyers[day]), pytest.approx(float(money[day]))) for day in {*buyers, *money}}
    return {day: said for day, said in both.items() if said != (0, 0.0)}


def days_of(workbench, shop):
    rows = workbench.engine.arrow(features.daily(workbench.tiles(shop, EVERYTHING))).to_pylist()
    assert len({row["day"] for row in rows}) == len(rows)
    both = {row["day"]: (row["order_count"], row["net_revenue"]) for row in rows}
    return {day: said for day, said in both.items() if said != (0, 0.0)}


def test_every_day_of_the_tiny_shop(workbench):
    assert days_of(workbench, tiny_shop()) == days_by_hand(unpacked(tiny_shop()))


@effort(10)
@given(seed=st.integers(0, 2**32 - 1))
def test_days_agree_with_dictionaries(workbench, seed):
    shop = random_shop(seed)
    assert days_of(workbench, shop) == days_by_hand(unpacked(shop))
