"""Margin, on customers whose true shares are known: half keep three tenths of their money, half six tenths."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from forecasts.conftest import feature_rows, make_orders
from patron import forecasts
from patron.forecasts import ForecastModel, ForecastSpec

SPEC = ForecastSpec(models=("naive", "mbg_nbd"), bootstrap_draws=50, trees=20)
HORIZON = 90
LEAN, RICH = 0.3, 0.6


def truth(customers):
    return np.array([RICH if int(str(c)[1:]) % 2 else LEAN for c in customers])


def costed(table, seed=0, noise=0.1):
    """Add what a shop that knows its costs would know: margins of orders scatter around each customer's true share."""
    random = np.random.default_rng(seed)
    customers, orders = table["customer_id"].to_pylist(), table["orders_count_lifetime"].to_numpy()
    revenue, true = table["net_revenue_sum_lifetime"].to_numpy(), truth(customers)
    share = true + random.normal(0.0, noise, len(true)) / np.sqrt(orders)
    columns = {
        "revenue_sum_lifetime": revenue,
        "costed_revenue_sum_lifetime": revenue,
        "margin_sum_lifetime": share * revenue,
        "margin_share_lifetime": share,
    }
    if "future_net_revenue" in table.column_names:
        columns["future_margin"] = table["future_net_revenue"].to_numpy() * true
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values, pa.float64()))
    return table


def as_table(rows):
    return pa.Table.from_pylist(rows) if isinstance(rows, list) else rows


@pytest.fixture(scope="module")
def orders():
    return make_orders(n_customers=400)


@pytest.fixture(scope="module")
def labelled(orders):
    parts = [as_table(feature_rows(orders, day, HORIZON)) for day in (190, 280, 370)]
    return costed(pa.concat_tables(parts))


@pytest.fixture(scope="module")
def judged(labelled):
    return forecasts.backtest(labelled, SPEC, horizon_days=HORIZON, seed=7)


@pytest.fixture(scope="module")
def model(orders, labelled, judged):
    today = costed(as_table(feature_rows(orders, 460)), seed=1)
    return forecasts.fit(labelled, today, SPEC, horizon_days=HORIZON, backtest=judged, seed=7), today


def measured(judged, model, measure):
    found = judged.margin.judgements
    return next(one.value for one in found if (one.model, one.measure) == (model, measure))


def test_the_customers_own_shares_are_worth_knowing(judged):
    assert measured(judged, "credibility", "deviance") < measured(judged, "shop_share", "deviance")
    assert measured(judged, "own_share", "deviance") < measured(judged, "naive", "deviance")
    assert {one.model for one in judged.margin.judgements} == {"naive", "own_share", "shop_share", "credibility"}
    assert judged.margin.champion.formula in ("naive", "own_share")


def test_margin_is_a_share_of_money_and_lies_in_its_interval(model):
    fitted, today = model
    said = forecasts.apply(fitted, today)
    money, margin = (said[name].to_numpy() for name in ("predicted_clv", "predicted_margin"))
    share, true = said["expected_margin_share"].to_numpy(), truth(said["customer_id"].to_pylist())
    assert np.corrcoef(share, true)[0, 1] > 0.9
    base = money if not fitted.margin.naive_money else margin / share
    assert margin == pytest.approx(base * share)
    low, high = (said[f"predicted_margin_{end}"].to_numpy() for end in ("lower", "upper"))
    assert ((low <= margin) & (margin <= high)).all()


def test_a_saved_model_says_the_same(model, tmp_path):
    fitted, today = model
    fitted.save(tmp_path)
    assert forecasts.apply(ForecastModel.load(tmp_path), today).equals(forecasts.apply(fitted, today))


def test_what_comes_later_than_a_date_changes_nothing_said_of_it(labelled, judged):
    newest = pc.equal(labelled["as_of"], pc.max(labelled["as_of"]))
    at = labelled.schema.get_field_index("future_margin")
    turned = pc.if_else(newest, pc.multiply(labelled["future_margin"], 3.0), labelled["future_margin"])
    other = forecasts.backtest(
        labelled.set_column(at, "future_margin", turned.combine_chunks()), SPEC, horizon_days=HORIZON, seed=7
    )
    ratios = [measured(one, "credibility", "sum_ratio") for one in (judged, other)]
    assert ratios[0] == pytest.approx(3.0 * ratios[1])  # the same was said, and three times as much came


def test_without_costs_it_stays_empty_and_says_why(orders, judged):
    plain = pa.concat_tables([as_table(feature_rows(orders, day, HORIZON)) for day in (190, 280, 370)])
    found = forecasts.backtest(plain, SPEC, horizon_days=HORIZON, seed=7)
    assert found.margin is None
    today = as_table(feature_rows(orders, 460))
    fitted = forecasts.fit(plain, today, SPEC, horizon_days=HORIZON, backtest=found, seed=7)
    said = forecasts.apply(fitted, today)
    assert said["predicted_margin"].null_count == said.num_rows
    assert said["predicted_clv"].null_count == 0
    [gate] = [row for row in forecasts.gated(fitted).to_pylist() if row["slice"] == "90d/predicted_margin"]
    assert json.loads(gate["reason"]) == {"key": "gate_costed_percent_refused", "found": 0.0, "needed": 50}


def test_quality_tells_every_contender_the_coverage_and_the_grade(judged):
    rows = [row for row in forecasts.evaluate(judged).to_pylist() if "d/margin" in row["slice"]]
    ginis = {row["slice"].rsplit("/", 1)[1] for row in rows if row["measure"] == "normalised_gini"}
    assert ginis == {"naive", "own_share", "shop_share", "credibility"}
    assert {row["slice"] for row in rows if row["measure"] in ("champion", "grade")} == {"90d/margin"}
    [covered] = [row for row in rows if row["slice"] == "90d/margin/all"]
    assert (covered["measure"], covered["baseline"]) == ("interval_coverage", 0.8)
    assert 0.6 < covered["value"] <= 1.0
