"""A small shop for forecasts: orders with known habits, turned into feature rows by a short, obvious function."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from patron import forecasts
from patron.forecasts import ForecastSpec

WINDOWS_DAYS = (7, 30, 90, 180, 365)
FIRST_DAY = date(2024, 1, 1)


def make_orders(n_customers=250, n_days=460, seed=0):
    """Return (customer, day number, amount) of customers who buy at their own rate until they leave."""
    random = np.random.default_rng(seed)
    orders = []
    for i in range(n_customers):
        day, gap = int(random.integers(0, 200)), 15 + random.gamma(1.5, 30)
        while day < n_days:
            orders.append((f"c{i:04d}", day, float(np.round(random.gamma(5, 8 + i % 5), 2))))
            if random.random() < 0.08:
                break
            day += 1 + int(random.exponential(gap))
    return orders


def feature_rows(orders, as_of_day, horizon_days=None, money=True):
    """Return one row per customer known before `as_of_day`, as the features room would make it."""
    rows = []
    for customer in sorted({customer for customer, day, _ in orders if day < as_of_day}):
        mine = [(day, amount) for who, day, amount in orders if who == customer]
        past = [(day, amount) for day, amount in mine if day < as_of_day]
        first, last = past[0][0], past[-1][0]
        repeat = [amount for day, amount in past if day > first]
        row = {
            "customer_id": customer,
            "as_of": FIRST_DAY + timedelta(days=as_of_day),
            "btyd_frequency": float(len(repeat)),
            "btyd_recency_days": float(last - first),
            "btyd_T_days": float(as_of_day - 1 - first),
            "days_since_last_order": float(as_of_day - last),
            "orders_count_lifetime": float(len(past)),
        }
        row |= {f"orders_count_{w}d": float(sum(day >= as_of_day - w for day, _ in past)) for w in WINDOWS_DAYS}
        if money:
            row["btyd_monetary_mean"] = float(np.mean(repeat)) if repeat else None
            row["net_revenue_sum_lifetime"] = sum(amount for _, amount in past)
            for w in WINDOWS_DAYS:
                row[f"net_revenue_sum_{w}d"] = float(sum(amount for day, amount in past if day >= as_of_day - w))
        if horizon_days:
            ahead = [day - as_of_day for day, _ in mine if as_of_day <= day < as_of_day + horizon_days]
            after = [amount for day, amount in mine if as_of_day <= day < as_of_day + horizon_days]
            row["future_order_count"] = float(len(after))
            row["future_days_to_order"] = float(min(ahead)) if ahead else None
            if money:
                row["future_net_revenue"] = float(sum(after))
        rows.append(row)
    return pa.Table.from_pylist(rows)


def labelled_rows(orders, as_of_days, horizon_days, money=True):
    """Return labelled rows of several dates, oldest first."""
    return pa.concat_tables([feature_rows(orders, day, horizon_days, money) for day in as_of_days])


class Shop:
    """One shop's orders, its labelled rows at three origins and its rows of today."""

    horizon_days = 90
    origins = (190, 280, 370)
    today = 460

    def __init__(self, money=True, seed=0, n_customers=250):
        self.orders = make_orders(n_customers, seed=seed)
        self.labelled = labelled_rows(self.orders, self.origins, self.horizon_days, money)
        self.now = feature_rows(self.orders, self.today, None, money)


@pytest.fixture(scope="session")
def shop():
    return Shop()


@pytest.fixture(scope="session")
def shop_without_money():
    return Shop(money=False)


@pytest.fixture(scope="session")
def make_shop():
    return Shop


@pytest.fixture(scope="session")
def rows_of():
    return labelled_rows


@pytest.fixture(scope="session")
def orders_of():
    return make_orders


@pytest.fixture(scope="session")
def quick():
    return ForecastSpec(trees=30, bootstrap_draws=20, threads=1)


@pytest.fixture(scope="session")
def judged(shop, quick):
    return forecasts.backtest(shop.labelled, quick, horizon_days=90, seed=7)


@pytest.fixture(scope="session")
def fitted(shop, quick, judged):
    return forecasts.fit(shop.labelled, shop.now, quick, horizon_days=90, backtest=judged, seed=7)
