"""A feature that holds the future is caught by name; honest features are not, however strong."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from patron import forecasts
from patron.forecasts.leaks import find_leak
from patron.forecasts.rows import read_rows
from patron.ground.errors import LeakFound

RANDOM = np.random.default_rng(1)


def _with(table, **columns):
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values, pa.float64(), from_pandas=True))
    return table


def _future(table, name):
    return table[f"future_{name}"].to_numpy().astype(float)


LEAKS = {
    "the orders themselves": lambda t: _future(t, "order_count"),
    "the money themselves": lambda t: _future(t, "net_revenue"),
    "the money, blurred": lambda t: _future(t, "net_revenue") * RANDOM.uniform(0.99, 1.01, t.num_rows),
    "the orders, turned round": lambda t: 5.0 - 2.0 * _future(t, "order_count"),
    "a mark on those who order": lambda t: (_future(t, "order_count") > 0).astype(float),
    "there for those who order alone": lambda t: np.where(_future(t, "order_count") > 0, 1.0, np.nan),
}


@pytest.mark.parametrize("case", LEAKS)
def test_a_feature_that_holds_the_future_is_named_with_what_gave_it_away(shop, quick, case):
    table = _with(shop.labelled, crm_score=LEAKS[case](shop.labelled))
    with pytest.raises(LeakFound, match=r"'crm_score' knows the future") as caught:
        forecasts.backtest(table, quick, horizon_days=90, seed=7)
    assert "90 days after as_of" in str(caught.value)
    assert "Next: " in str(caught.value)
    assert "leave_out" in str(caught.value)


def test_fit_refuses_it_too(shop, quick, judged):
    table = _with(shop.labelled, crm_score=_future(shop.labelled, "net_revenue"))
    with pytest.raises(LeakFound, match=r"forecasts\.fit: the feature 'crm_score'"):
        forecasts.fit(table, shop.now, quick, horizon_days=90, backtest=judged, seed=7)


def test_a_leak_and_its_logarithm_do_not_hide_one_another(shop):
    money = _future(shop.labelled, "net_revenue")
    table = _with(shop.labelled, crm_score=money * 2.0, crm_log=np.log1p(money))
    assert found_in(table).feature in {"crm_score", "crm_log"}


def found_in(table):
    assert table.num_rows >= 50  # fewer would not be looked at
    return find_leak(read_rows(table, where="here", labelled=True))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_customers", [30, 60, 250])
def test_honest_features_pass_on_shops_of_any_size(rows_of, orders_of, n_customers, seed):
    assert found_in(rows_of(orders_of(n_customers, seed=seed), (190, 280, 370), 90)) is None


def test_a_strong_honest_feature_passes(shop):
    money = _future(shop.labelled, "net_revenue")
    strong = money * RANDOM.lognormal(0.0, 1.0, money.size) + RANDOM.exponential(20, money.size)
    assert found_in(_with(shop.labelled, strong=strong)) is None


def test_a_shop_of_subscribers_is_regular_and_not_leaking(rows_of):
    """Half order every ten days, half stopped long ago: many features tell them apart, each perfectly."""
    orders = [(f"c{i}", day, 20.0) for i in range(80) for day in range(i % 10, 460 if i % 2 else 100, 10)]
    assert found_in(rows_of(orders, (190, 280, 370), 90)) is None


def test_identical_customers_pass(rows_of):
    orders = [(f"c{i}", day, 20.0) for i in range(80) for day in range(0, 460, 30)]
    assert found_in(rows_of(orders, (190, 280, 370), 90)) is None


def test_a_whale_is_not_a_leak(rows_of, orders_of):
    orders = [*orders_of(120, seed=3), *(("whale", day, 1e6) for day in range(0, 460, 20))]
    assert found_in(rows_of(orders, (190, 280, 370), 90)) is None


def test_the_age_of_a_customer_is_no_leak(rows_of):
    first = [(f"c{i}", i % 180, 30.0) for i in range(120)]
    late = [(f"c{i}", 200 + i, 30.0) for i in range(15)]
    assert found_in(rows_of(first + late, (190,), 90)) is None
