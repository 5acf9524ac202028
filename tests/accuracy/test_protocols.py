"""Protocols on a shop small enough to count by hand: who is known by the cut, and what they then did."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.accuracy import protocols
from benchmarks.accuracy.product import export
from benchmarks.accuracy.protocols import Protocol, split
from benchmarks.accuracy.purchases import RFM, histories, rfm

ROWS = [  # customer, day, amount
    ("Ann", "2020-01-01", 10.0),
    ("Ann", "2020-01-01", 5.0),  # the same day: one purchase
    ("Ann", "2020-01-05", 20.0),
    ("Ann", "2020-01-09", 40.0),
    ("Ann", "2020-01-12", 7.0),  # the hold-out's first day
    ("Bob", "2020-01-11", 3.0),  # the last known day
    ("Bob", "2020-01-21", 9.0),  # the hold-out's last day
    ("Bob", "2020-01-22", 100.0),  # too late
    ("Cid", "2020-01-12", 8.0),  # first seen in the hold-out: not judged
    ("Dan", "2020-01-02", 0.0),  # no amount: not a purchase of this protocol
]


@pytest.fixture
def folder(tmp_path):
    names, days, amounts = (list(column) for column in zip(*ROWS, strict=True))
    pq.write_table(pa.table({"who": names, "bought_at": days, "paid": amounts}), tmp_path / "sales.parquet")
    return tmp_path


def protocol(orders=2, money=16.0):
    last, end = date(2020, 1, 11), date(2020, 1, 21)
    return Protocol(
        "tiny", "sales.parquet", "who, bought_at::DATE, paid", "true", last, end, 2, orders, money, "amount > 0"
    )


def test_those_known_by_the_cut_are_judged_on_the_days_of_the_hold_out(folder):
    held = protocols.read(protocol(), folder)
    assert held.known.names == ("Ann", "Bob")
    assert held.horizon_days == 10
    assert held.as_of == date(2020, 1, 12)
    assert held.orders.tolist() == [1.0, 1.0]
    assert held.money.tolist() == [7.0, 9.0]
    assert held.known.totals.tolist() == [75.0, 3.0]
    assert held.known.counts.tolist() == [3.0, 1.0]


def test_another_version_of_the_data_is_refused(folder):
    with pytest.raises(SystemExit, match=r"\(2, 2, 16.0\).*expected \(2, 3, 16.0\)"):
        protocols.read(protocol(orders=3), folder)


def test_data_that_are_not_there_are_said_in_words(tmp_path):
    assert "sales.parquet is not there" in protocols.missing(protocol(), tmp_path)


def test_histories_are_those_of_the_purchase_models(folder):
    held = protocols.read(protocol(), folder)
    found = histories(held.known, np.datetime64(held.as_of))
    assert found.x.tolist() == [2.0, 0.0]
    assert found.t_x.tolist() == [8.0, 0.0]
    assert found.T.tolist() == [10.0, 0.0]  # to the last known day
    assert found.mean_amount.tolist() == [30.0, 0.0]  # of the repeat purchases alone


def test_features_of_peers_are_of_the_days_before(folder):
    held = protocols.read(protocol(), folder)
    ann = dict(zip(RFM, rfm(held.known, np.datetime64(held.as_of))[0].tolist(), strict=True))
    assert ann == {
        "days_since_last": 3.0,
        "days_since_first": 11.0,
        "purchases": 3.0,
        "mean_amount": 25.0,
        "purchases_30d": 3.0,
        "purchases_90d": 3.0,
        "amount_90d": 75.0,
    }


def test_a_window_inside_the_calibration_ends_by_the_cut(folder):
    held = protocols.read(protocol(), folder)
    inner = split(held.known, date(2020, 1, 6), 6)
    assert inner.known.names == ("Ann",)
    assert inner.orders.tolist() == [1.0]  # of 9 January; that of the 12th lies after the cut
    assert inner.money.tolist() == [40.0]


def test_the_export_holds_nothing_after_the_cut(folder):
    table = export(protocols.read(protocol(), folder).known)
    assert table.num_rows == 4
    assert max(table["ordered_at"].to_pylist()).date() == date(2020, 1, 11)
    assert sum(table["total_amount"].to_pylist()) == 78.0
