"""A steady shop just after its high season: the year before keeps the forecast from carrying the season on."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import patron
from flow import shops

FIRST, NOW, HORIZON = date(2024, 1, 1), date(2025, 1, 22), 90


def sold(seed=5):
    """Orders of customers who were there before the data begin; three times as many from October to December."""
    rng = np.random.default_rng(seed)
    days = np.arange((NOW - FIRST).days + HORIZON)
    dates = np.array([FIRST + timedelta(days=int(day)) for day in days])
    months = np.array([day.month for day in dates])
    pace = np.where(months >= 10, 3.0, 1.0)
    rates = rng.gamma(1.5, 1 / 90, 700)
    who, when = np.nonzero(rng.random((rates.size, days.size)) < rates[:, None] * pace)
    order = np.argsort(when, kind="stable")
    return pa.table(
        {
            "order_id": [f"A{i:05d}" for i in range(order.size)],
            "customer_id": [f"C{i:04d}" for i in who[order]],
            "ordered_at": [f"{dates[i].isoformat()} 10:00:00" for i in when[order]],
            "total_amount": np.round(rng.gamma(5, 10, order.size), 2),
        }
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    shop = patron.open(shops.make(tmp_path_factory.mktemp("seasons") / "shop", sold()))
    return shop.run(NOW)


def _came(table):
    """Return orders and money of the window ahead, from customers known before it."""
    known = pc.unique(table.filter(pc.less(table["ordered_at"], str(NOW)))["customer_id"])
    ahead = table.filter(pc.greater_equal(table["ordered_at"], str(NOW)))
    ahead = ahead.filter(pc.is_in(ahead["customer_id"], known))
    return ahead.num_rows, pc.sum(ahead["total_amount"]).as_py()


def test_the_total_after_the_season_is_that_of_the_year_before(run):
    orders, money = _came(sold())
    said = run.forecasts.to_arrow()
    assert pc.sum(said["predicted_number_of_orders"]).as_py() == pytest.approx(orders, rel=0.15)
    assert pc.sum(said["predicted_clv"]).as_py() == pytest.approx(money, rel=0.15)


def test_the_run_says_what_it_was_drawn_to(run):
    rows = {row["slice"]: row["value"] for row in run.quality.to_arrow().to_pylist() if row["measure"] == "year_before"}
    assert set(rows) == {f"90d/orders/{NOW}", f"90d/net_revenue/{NOW}"}
    orders, money = _came(sold())
    count = run.forecasts.to_arrow().num_rows
    assert rows[f"90d/orders/{NOW}"] == pytest.approx(_by_hand(sold()))
    assert rows[f"90d/orders/{NOW}"] == pytest.approx(orders / count, rel=0.15)
    assert rows[f"90d/net_revenue/{NOW}"] == pytest.approx(money / count, rel=0.15)


def _by_hand(table):
    """Return orders per known customer: those of the window a year before, times the share of known customers."""
    rows = [(row["customer_id"], date.fromisoformat(row["ordered_at"][:10])) for row in table.to_pylist()]
    first = {}
    for who, day in rows:
        first.setdefault(who, day)
    year, recent = NOW - timedelta(days=365), NOW - timedelta(days=HORIZON)
    total = sum(year <= day < year + timedelta(days=HORIZON) for _, day in rows)
    latest = [first[who] < recent for who, day in rows if recent <= day < NOW]
    return total * np.mean(latest) / sum(day < NOW for day in first.values())
