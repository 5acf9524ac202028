"""What leaves the house as text says 4 orders and 6526.12, whatever the floats behind them are."""

from __future__ import annotations

import pyarrow as pa
import pytest

from patron.contracts.catalogue import declared
from patron.contracts.spelling import spelled


def test_money_loses_the_noise_of_its_sum_and_nothing_else():
    table = pa.table({"net_revenue_365d": [6526.120000000002, 0.1 + 0.2, -12.3456, None], "membership": [1 / 3] * 4})
    said = spelled(table)
    assert said["net_revenue_365d"].to_pylist() == [6526.12, 0.3, -12.3456, None]
    assert said["membership"].to_pylist() == [1 / 3] * 4
    assert table["net_revenue_365d"][0].as_py() == 6526.120000000002


@pytest.mark.parametrize(
    "name",
    ["orders_count_lifetime", "days_since_last_order", "category_distinct_365d", "signal_steps_count_30d", "age_years"],
)
def test_counts_are_whole_numbers(name):
    said = spelled(pa.table({name: [4.0, None]}))[name]
    assert (said.type, said.to_pylist()) == (pa.int64(), [4, None])


def test_a_count_that_is_not_whole_is_not_made_so():
    assert spelled(pa.table({"orders_count_90d": [1.5]}))["orders_count_90d"].to_pylist() == [1.5]


def test_every_amount_and_no_mean_of_counts_is_known_by_its_name():
    amounts = [feature.name for feature in declared() if feature.unit == "money"]
    said = spelled(pa.table({name: [0.1 + 0.2] for name in amounts}))
    assert set(said.to_pylist()[0].values()) == {0.3}
    means = [feature.name for feature in declared() if "_mean_" in feature.name]
    assert {field.type for field in spelled(pa.table({name: [2.0] for name in means})).schema} == {pa.float64()}
