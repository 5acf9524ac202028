"""Sums are the same in any order, and fit whatever a shop may sell."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from patron.features import exact
from worlds import AS_OF, crooked_shop, shuffled, table

_SUMMED = (
    "order_value_std_lifetime",
    "items_sum_lifetime",
    "quantity_sum_lifetime",
    "unit_price_std_lifetime",
    "price_position_mean_lifetime",
    "product_entropy_lifetime",
    "dwell_seconds_per_session_30d",
    "rating_std_lifetime",
    "neighbour_revenue_mean",
)
DEAREST = Decimal("999999999999.9999")  # an order that costs more is a typing error


@pytest.mark.parametrize("seed", range(3))
def test_every_feature_is_the_same_to_the_last_bit_in_any_order(workbench, seed):
    shop = crooked_shop()
    told, again = (workbench.snapshot(one, AS_OF)["ann", AS_OF] for one in (shop, shuffled(shop, seed)))
    assert {name: (again[name], value) for name, value in told.items() if again[name] != value} == {}
    assert all(told[name] > 0 for name in _SUMMED)


def test_squares_of_the_largest_amounts_are_exact_and_fit(workbench):
    day = {"customer_id": "ann", "day": AS_OF - timedelta(days=1), "order_revenue": DEAREST}
    made = workbench.tiles({"orders": table("orders", [{**day, "order_id": str(i)} for i in range(50)])})
    [tile] = workbench.engine.arrow(made.tables["orders"]).to_pylist()
    assert tile["revenue_squares"] == Decimal(f"{50 * 9_999_999_999_999_999**2}e-8")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0.1, "0.1"),
        (-2.5, "-2.5"),
        (1 / 3, "0.333333333333"),
        (999.9999999999999, "1000"),
        (4298.43, "4298.43"),
        (1234567.1, "1234567.1"),
        (None, None),
    ],
)
def test_real_numbers_become_decimal_ones(engine, value, wanted):
    told = engine.table(pa.table({"x": pa.array([value], pa.float64())})).select(x=exact.exact(ibis._.x))
    assert engine.arrow(told)["x"].to_pylist() == [wanted and Decimal(wanted)]


@pytest.mark.parametrize("value", [1e300, -1e300])
def test_what_no_decimal_number_holds_counts_as_the_most_that_is_summed(engine, value):
    told = engine.table(pa.table({"x": [value]})).select(x=exact.exact(ibis._.x))
    assert float(engine.arrow(told)["x"][0].as_py()) == pytest.approx(1e20 if value > 0 else -1e20, rel=1e-9)
