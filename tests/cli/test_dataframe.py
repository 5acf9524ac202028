"""One dataframe: nobody disappears without a word, and what was left out can be read."""

from __future__ import annotations

import warnings

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import patron
from flow import shops
from patron.ground.errors import InputError, UnknownLayout
from patron.oneoff import RowsLeftOut


def _with_gaps() -> pd.DataFrame:
    """Lines of 30 customers: one has no priced line, one line has no customer."""
    orders = shops.orders(n_customers=30).to_pandas()
    lines = orders.rename(columns={"total_amount": "unit_price"}).assign(product_id="p", quantity=1)
    lines.loc[lines.customer_id == "C0003", "unit_price"] = None
    regular = lines.customer_id.value_counts().idxmax()
    lines.loc[lines.index[lines.customer_id == regular][0], "customer_id"] = None
    return lines


def test_who_is_left_out_is_said_with_counts_and_reasons():
    lines = _with_gaps()
    unpriced = int((lines.customer_id == "C0003").sum())
    with pytest.warns(RowsLeftOut) as heard:
        result = patron.segment(lines, as_of="2026-01-10")
    [warning] = [one for one in heard if isinstance(one.message, RowsLeftOut)]
    told = warning.message
    assert f"{unpriced + 1} of {len(lines):,} rows were left out" in str(told)
    assert f"missing price: {unpriced:,}" in str(told)
    assert "missing customer: 1" in str(told)
    assert "1 of 30 customer ids have no paid order before 2026-01-10" in str(told)
    assert warning.filename == __file__
    assert told.rejects.num_rows == unpriced + 1
    assert sum(told.ledger["row_count"].to_pylist()) == len(lines)
    assert "C0003" not in set(result.customer_id)
    assert sum(row["row_count"] for row in result.attrs["patron_ledger"]) == len(lines)


def test_nothing_is_said_where_nobody_is_left_out():
    with warnings.catch_warnings(record=True) as heard:
        assert patron.segment(shops.orders(n_customers=20), as_of="2026-01-10").num_rows == 20
    assert not [one for one in heard if isinstance(one.message, RowsLeftOut)]


def test_the_shop_behind_a_dataframe_can_be_kept(tmp_path):
    patron.segment(shops.orders(n_customers=20), as_of="2026-01-10", keep=tmp_path / "kept")
    run = patron.open(tmp_path / "kept").current()
    assert sum(run.table("ledger").to_arrow()["row_count"].to_pylist()) > 0
    with pytest.raises(InputError, match=r"holds a shop already.*\n.*\nNext:"):
        patron.segment(shops.orders(n_customers=20), keep=tmp_path / "kept")


def test_a_column_that_is_there_twice_is_one_clear_error():
    table = shops.orders(n_customers=5)
    twice = pa.Table.from_arrays([*table.columns, table["customer_id"]], [*table.column_names, "customer_id"])
    for frame in (twice, pd.concat([table.to_pandas(), table.to_pandas()[["customer_id"]]], axis=1)):
        with pytest.raises(InputError, match=r"two columns called 'customer_id'.*\n.*\nNext: rename"):
            patron.segment(frame)


def test_a_name_given_to_a_second_column_is_one_clear_error():
    frame = pl.from_arrow(shops.orders(n_customers=5)).with_columns(pl.lit("x").alias("who"))
    with pytest.raises(InputError, match=r"two columns called 'customer_id'.*\n.*\nNext: `columns` gives"):
        patron.segment(frame, columns={"customer_id": "who"})


WHO, WHEN = ["a"] * 20 + ["b", "c"] * 5, pd.date_range("2025-01-01", periods=30, freq="7D")


@pytest.mark.parametrize("extra", [{}, {"created_at": WHEN}, {"note": "x"}])
def test_who_and_when_are_enough(extra):
    result = patron.segment(pd.DataFrame({"customer_id": WHO, "order_date": WHEN, **extra}))
    assert result.customer_id.tolist() == ["a", "b", "c"]  # a tiny shop, and one of them holds most of its orders
    assert result.segment_key.notna().all()
    assert result.f_score.tolist()[0] > result.f_score.tolist()[1]
    assert result.m_score.isna().all()


def test_a_table_whose_money_goes_by_its_system_s_own_name_is_read_as_that_system_s():
    frame = pd.DataFrame({"customer_id": WHO, "date": WHEN, "number_of_cds": 1, "dollar_value": 7.0})
    assert patron.segment(frame).historic_clv.tolist() == [140.0, 35.0, 35.0]


def test_customers_numbered_from_0_are_all_there():
    frame = pd.DataFrame({"customer_id": list(range(5)) * 6, "order_date": WHEN, "amount": 10.0})
    with warnings.catch_warnings(record=True) as heard:
        assert patron.segment(frame).customer_id.tolist() == ["0", "1", "2", "3", "4"]
    assert not [one for one in heard if isinstance(one.message, RowsLeftOut)]


def test_columns_that_are_not_recognised_are_said_with_what_was_looked_for():
    with pytest.raises(UnknownLayout) as refused:
        patron.segment(pd.DataFrame({"user_id": WHO, "bar": WHEN}))
    assert str(refused.value).split("\n") == [
        "patron.segment: the dataframe has the columns ['user_id', 'bar'], and it is not clear which hold what.",
        "Expected orders; looked for:",
        "- the customer (customer_id, customer, customer_no, customer_number, …): 'user_id'",
        "- the time of the order (ordered_at, order_date, order_time, order_datetime, …): none",
        "- the number of the order, if known (order_id, order_no, order_number, order, …): none",
        "- what was paid, if known (total_amount, order_total, total, total_price, …): none",
        'Next: name what is lacking, as in columns={"ordered_at": "your column"}.',
    ]
    assert len(patron.segment(pd.DataFrame({"user_id": WHO, "bar": WHEN}), columns={"ordered_at": "bar"})) == 3


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (
            {"product_id": "p", "amount": 3.0},
            r"Expected order lines.*\n[\s\S]*order, …\): none[\s\S]*Next: .*\"order_id\"",
        ),
        ({"review_id": "1"}, r"looked for:[\s\S]*Next: drop or rename 'review_id', which orders do not have\.$"),
        ({"item_id": "p", "behavior_type": "1"}, r"'behavior_type' holds the codes \['1'\].*\nNext: .*`columns`"),
    ],
)
def test_what_stands_in_the_way_of_reading_orders_is_said(extra, told):
    with pytest.raises(UnknownLayout, match=told):
        patron.segment(pd.DataFrame({"user_id": WHO, "time": WHEN, **extra}))
