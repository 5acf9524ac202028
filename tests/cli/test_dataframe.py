"""One dataframe: nobody disappears without a word, and what was left out can be read."""

from __future__ import annotations

import warnings

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import patron
from flow import shops
from patron.ground.errors import InputError
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
