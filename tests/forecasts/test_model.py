from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from patron import forecasts
from patron.contracts.published import FORECASTS
from patron.ground.errors import LeakFound, MissingColumns, NotEnoughData


@pytest.fixture(scope="module")
def said(shop, fitted):
    return forecasts.apply(fitted, shop.now)


def column(table, name):
    return table[name].to_numpy(zero_copy_only=False).astype(float)


def test_keeps_the_contract_and_the_order_of_rows(shop, said):
    assert FORECASTS.check(said).num_rows == shop.now.num_rows
    assert said.column_names == list(FORECASTS.names)
    assert said["customer_id"].to_pylist() == shop.now["customer_id"].to_pylist()
    assert said["as_of"].to_pylist() == shop.now["as_of"].to_pylist()


def test_the_columns_agree_with_one_another(said):
    money, low, high = (column(said, f"predicted_clv{end}") for end in ("", "_lower", "_upper"))
    active, churn = column(said, "repurchase_probability"), column(said, "churn_probability")
    assert ((low <= money) & (money <= high)).all()
    assert (low >= 0).all()
    assert active + churn == pytest.approx(1.0)
    assert ((active >= 0) & (active <= 1)).all()
    assert (column(said, "predicted_number_of_orders") >= active).all()
    assert column(said, "total_clv") == pytest.approx(column(said, "historic_clv") + money)
    alive = column(said, "probability_alive")
    assert ((alive >= 0) & (alive <= 1)).all()


def test_the_next_order_is_dated_exactly_for_those_more_likely_than_not_to_buy(said):
    active = column(said, "repurchase_probability")
    dates, as_of = said["expected_date_of_next_order"].to_pylist(), said["as_of"][0].as_py()
    assert [date is not None for date in dates] == (active > 0.5).tolist()
    assert all(as_of <= date < as_of + timedelta(days=90) for date in dates if date is not None)
    assert any(date is not None for date in dates)


def test_the_level_is_that_of_the_shop(shop, said):
    """The last year's orders per quarter are near what the next quarter is forecast to bring."""
    last_quarter = column(shop.now, "orders_count_90d").sum()
    assert column(said, "predicted_number_of_orders").sum() == pytest.approx(last_quarter, rel=0.5)


def test_who_bought_often_and_lately_is_forecast_more_than_who_left(shop, said):
    orders = column(said, "predicted_number_of_orders")
    lately = column(shop.now, "orders_count_90d") >= 2
    gone = column(shop.now, "days_since_last_order") > 250
    assert orders[lately].mean() > 4 * orders[gone].mean()
    alive = column(said, "probability_alive")
    assert alive[lately].mean() > alive[gone].mean() + 0.3


def test_applying_learns_nothing_and_depends_on_no_other_row(shop, fitted, said):
    order = np.random.default_rng(0).permutation(shop.now.num_rows)
    shuffled = forecasts.apply(fitted, shop.now.take(pa.array(order)))
    assert shuffled.equals(said.take(pa.array(order)))
    assert forecasts.apply(fitted, shop.now.slice(3, 5)).equals(said.slice(3, 5))
    batch = shop.now.combine_chunks().to_batches()[0]
    assert forecasts.apply(fitted, batch).equals(said)


def test_columns_the_model_does_not_know_do_no_harm_and_lacking_ones_are_absent(shop, fitted, said):
    more = shop.now.append_column("something_new_30d", pa.array(np.ones(shop.now.num_rows)))
    assert forecasts.apply(fitted, more).equals(said)
    fewer = shop.now.drop_columns(["orders_count_7d"])
    assert forecasts.apply(fitted, fewer).num_rows == shop.now.num_rows


def test_outcomes_among_the_features_are_a_leak(shop, fitted):
    with pytest.raises(LeakFound, match="future_order_count"):
        forecasts.apply(fitted, shop.labelled)
    with pytest.raises(MissingColumns, match="btyd_T_days"):
        forecasts.apply(fitted, shop.now.drop_columns(["btyd_T_days"]))


def test_someone_who_has_not_ordered_yet_gets_empty_cells(shop, fitted):
    visitor = shop.now.slice(0, 1).to_pylist()[0] | {
        "customer_id": "visitor",
        "btyd_frequency": None,
        "btyd_recency_days": None,
        "btyd_T_days": None,
    }
    table = pa.concat_tables([shop.now.slice(0, 2), pa.Table.from_pylist([visitor], schema=shop.now.schema)])
    said = forecasts.apply(fitted, table).to_pylist()
    assert said[2]["predicted_number_of_orders"] is None
    assert said[2]["expected_date_of_next_order"] is None
    assert said[0]["predicted_number_of_orders"] is not None


def test_an_empty_table_gives_an_empty_one(shop, fitted):
    with pytest.raises(Exception, match="no rows"):
        forecasts.apply(fitted, shop.now.slice(0, 0))


def test_without_money_only_orders_are_forecast(shop_without_money, quick):
    shop = shop_without_money
    judged = forecasts.backtest(shop.labelled, quick, horizon_days=90, seed=7)
    model = forecasts.fit(shop.labelled, shop.now, quick, horizon_days=90, backtest=judged, seed=7)
    said = FORECASTS.check(forecasts.apply(model, shop.now))
    assert said["predicted_clv"].null_count == said.num_rows
    assert said["historic_clv"].null_count == said.num_rows
    assert said["predicted_number_of_orders"].null_count == 0


def test_nothing_judged_publishes_nothing_that_a_judgement_allows(shop, quick):
    model = forecasts.fit(None, shop.now, quick, horizon_days=90, backtest=None, seed=7)
    said = forecasts.apply(model, shop.now)
    assert set(said["model"].to_pylist()) == {"naive"}
    empty = {name for name in said.column_names if said[name].null_count == said.num_rows}
    assert empty >= {"predicted_clv", "predicted_clv_lower", "predicted_number_of_orders", "churn_probability"}
    assert said["probability_alive"].null_count == 0
    assert {one.output for one in model.gates if one.fact == "origins"} > {"predicted_clv", "repurchase_probability"}
    assert model.refusals[0].what == "every judged forecast and every interval"


def test_few_repeat_buyers_today_refuse_the_probability_to_be_alive(shop, quick):
    model = forecasts.fit(None, shop.now.slice(0, 3), quick, horizon_days=90, backtest=None, seed=7)
    said = forecasts.apply(model, shop.now.slice(0, 3))
    assert said["probability_alive"].null_count == 3
    assert said["expected_date_of_next_order"].null_count == 3
    assert any("probability_alive" in refusal.what for refusal in model.refusals)


def test_no_sign_of_leaving_refuses_to_call_anyone_alive(rows_of, quick):
    orders = [(f"c{i}", day, 20.0) for i in range(80) for day in range(i % 10, 400, 10)]
    now = rows_of(orders, (400,), None)
    model = forecasts.fit(None, now, quick, horizon_days=90, backtest=None, seed=7)
    said = forecasts.apply(replace(model, gates=()), now)
    assert said["probability_alive"].null_count == said.num_rows
    assert [one.fact for one in model.gates if one.output == "probability_alive"] == ["leaving_seen"]
    assert said["expected_date_of_next_order"].null_count == 0
    refusal = next(refusal for refusal in model.refusals if refusal.what == "probability_alive")
    assert "show no customer leaving" in refusal.why


def test_a_champion_that_cannot_be_refitted_is_replaced_by_the_naive_formula_with_the_reason(shop, quick, judged):
    model = forecasts.fit(None, shop.now.slice(0, 3), quick, horizon_days=90, backtest=judged, seed=7)
    assert set(model.champions.values()) <= {"naive", "last_period"}
    assert model.intervals is None
    assert any("The naive formula is used instead" in refusal.why for refusal in model.refusals)
    forecasts.apply(model, shop.now)


def test_nobody_with_an_order_is_refused(shop, quick):
    nobody = shop.now.set_column(
        shop.now.schema.get_field_index("btyd_T_days"), "btyd_T_days", pa.nulls(shop.now.num_rows, pa.float64())
    )
    with pytest.raises(NotEnoughData, match="no customer has an order"):
        forecasts.fit(None, nobody, quick, horizon_days=90, backtest=None, seed=7)


def test_survives_the_shelf_to_the_last_digit(shop, fitted, said, tmp_path):
    fitted.save(tmp_path / "model")
    again = forecasts.ForecastModel.load(tmp_path / "model")
    assert forecasts.apply(again, shop.now).equals(said)
    assert again.refusals == fitted.refusals
    assert again.learned_as_of == fitted.learned_as_of
