"""The four fixed hold-out protocols: which purchases are known, who is judged, and what they then did.

One purchase is one customer and day. Everyone is judged whose first purchase is on or before the last day of calibration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.accuracy.purchases import FloatArray, Purchases


@dataclass(frozen=True, slots=True)
class Protocol:
    """A data set, the day it is cut on, and the totals by which a copy of the data is known to be the right one."""

    name: str
    file: str  # under the data folder
    rows: str  # SQL expressions: customer, day, amount of the rows that count
    where: str
    last_day: date
    last_holdout_day: date
    customers: int
    holdout_orders: int
    holdout_money: float
    days: str = "true"  # SQL condition on the day's sum, `amount`

    @property
    def as_of(self) -> date:
        """The day after the last known one."""
        return self.last_day + timedelta(days=1)

    @property
    def horizon_days(self) -> int:
        """The days of the hold-out."""
        return (self.last_holdout_day - self.last_day).days


_CDNOW = "strptime(date, '%Y%m%d')::DATE"
PROTOCOLS = {
    one.name: one
    for one in (
        Protocol(
            "cdnow_sample",
            "cdnow/sample.parquet",
            f"customer_id, {_CDNOW}, price",
            "true",
            date(1997, 9, 30),
            date(1998, 6, 30),
            2_357,
            1_882,
            70_976.39,
        ),
        Protocol(
            "cdnow_full",
            "cdnow/master.parquet",
            f"customer_id, {_CDNOW}, dollar_value",
            "true",
            date(1997, 9, 30),
            date(1998, 6, 30),
            23_570,
            19_684,
            776_961.13,
        ),
        Protocol(
            "online_retail",
            "online_retail_cc0/onlineretail.parquet",
            "CustomerID::BIGINT, InvoiceDate::DATE, Quantity * UnitPrice",
            "CustomerID IS NOT NULL AND NOT starts_with(InvoiceNo, 'C') AND Quantity > 0 AND UnitPrice > 0",
            date(2011, 8, 31),
            date(2011, 12, 9),
            3_317,
            4_806,
            3_032_564.79,
        ),
        Protocol(
            "complete_journey",
            "complete_journey/transactions.parquet",
            "household_id, transaction_timestamp::DATE, sales_value",
            "true",
            date(2017, 9, 30),
            date(2017, 12, 31),
            2_446,
            31_986,
            1_192_513.45,
            days="amount > 0",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class HoldOut:
    """What is known by the cut, and what the same customers did in the hold-out."""

    known: Purchases
    as_of: date
    horizon_days: int
    orders: FloatArray
    money: FloatArray

    @property
    def active(self) -> FloatArray:
        """Whether they bought at all: 0 or 1."""
        return (self.orders > 0).astype(np.float64)

    def outcome(self, target: str) -> FloatArray:
        """Return what happened, for one target."""
        return {"orders": self.orders, "net_revenue": self.money, "active": self.active}[target]


def missing(protocol: Protocol, data: Path) -> str:
    """Say why the protocol cannot be run, or nothing."""
    path = data / protocol.file
    return "" if path.exists() else f"{path} is not there"


def read(protocol: Protocol, data: Path) -> HoldOut:
    """Read a data set and cut it.

    Raises:
        SystemExit: its hold-out totals are not those of the protocol: it is another version of the data.
    """
    held = split(purchases(data / protocol.file, protocol), protocol.as_of, protocol.horizon_days)
    found = (held.orders.size, int(held.orders.sum()), round(float(held.money.sum()), 2))
    expected = (protocol.customers, protocol.holdout_orders, protocol.holdout_money)
    if found != expected:
        raise SystemExit(
            f"{data / protocol.file} has {found} customers, orders and money in the hold-out of {protocol.name}; expected {expected}."
        )
    return held


def purchases(path: Path, protocol: Protocol) -> Purchases:
    """Read the rows that count, and sum them per customer and day."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"WITH rows(customer, day, amount) AS (SELECT {protocol.rows} FROM read_parquet(?) WHERE {protocol.where}),"
            " days AS (SELECT customer, day, sum(amount)::DOUBLE AS amount FROM rows GROUP BY ALL)"
            f" FROM days WHERE {protocol.days}",
            [str(path)],
        ).fetchnumpy()
    names, customer = np.unique(np.asarray(rows["customer"]).astype(str), return_inverse=True)
    day = np.asarray(rows["day"]).astype("datetime64[D]")
    order = np.lexsort((day, customer))
    return Purchases(tuple(str(name) for name in names), customer[order], day[order], np.asarray(rows["amount"])[order])


def split(everything: Purchases, as_of: date, horizon_days: int) -> HoldOut:
    """Return what is known as of a day, and what the customers known then did in the days that follow.

    >>> day = np.array(["2020-01-01", "2020-01-05", "2020-01-07"], dtype="datetime64[D]")
    >>> bought = Purchases(("Ann", "Bob"), np.array([0, 0, 1]), day, np.array([2.0, 3.0, 5.0]))
    >>> held = split(bought, date(2020, 1, 5), 10)
    >>> held.known.names, held.orders.tolist(), held.money.tolist()
    (('Ann',), [1.0], [3.0])
    """
    cut = np.datetime64(as_of)
    before = everything.between(np.datetime64("1000-01-01"), cut)
    judged = np.unique(before.customer)
    after = everything.between(cut, cut + np.timedelta64(horizon_days, "D"))
    return HoldOut(before.of_buyers(), as_of, horizon_days, after.counts[judged], after.totals[judged])
