"""Churn is judged among customers who ordered lately, and its champion speaks of them alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from patron import forecasts, measures
from patron.forecasts.churn import active_trials, ordered_lately
from patron.forecasts.levels import Level
from patron.forecasts.rows import read_rows


def test_the_active_are_those_who_ordered_in_the_last_horizon(shop):
    """As the features room counts: from the first order day to as_of itself."""
    place = shop.now.column_names.index("btyd_T_days")
    to_today = pa.array(shop.now["btyd_T_days"].to_numpy() + 1.0)
    rows = read_rows(shop.now.set_column(place, "btyd_T_days", to_today), where="here", labelled=False)
    lately = ordered_lately(rows, 90)
    assert lately.tolist() == (rows.column("orders_count_90d") > 0).tolist()
    assert 0 < lately.sum() < len(rows)


def test_it_is_measured_among_the_active_alone(judged):
    trial = judged.trials[-1]
    lately = ordered_lately(trial.rows, 90)
    model = judged.champion("churn").model
    gone = (trial.rows.future_orders == 0)[lately].astype(float)
    found = {one.measure: one for one in judged.judgements if (one.target, one.model) == ("churn", model)}
    chance = 1 - trial.said[model].active[lately]
    assert found["roc_auc"].value == pytest.approx(measures.roc_auc(gone, chance))
    assert found["log_loss"].value == pytest.approx(measures.log_loss(gone, chance))
    deciles = [r for r in forecasts.calibration(judged).to_pylist() if (r["target"], r["model"]) == ("churn", model)]
    assert sum(row["customer_count"] for row in deciles) == lately.sum()
    assert sum(row["customer_count"] * row["mean_actual"] for row in deciles) == pytest.approx(gone.sum())


def test_each_champion_speaks_of_its_own_customers_and_the_two_columns_agree(fitted, shop):
    """With another champion of churn, the active get its chance and nobody else's changes."""
    other = replace(fitted, champions={**fitted.champions, "active": "naive", "churn": "mbg_nbd"}, gates=())
    model = replace(other, contenders={**fitted.contenders, **_contenders(shop)}, levels={})
    said = forecasts.apply(model, shop.now)
    rows = read_rows(shop.now, where="here", labelled=False)
    lately = ordered_lately(rows, 90)
    chance = said["repurchase_probability"].to_numpy()
    for who, name in ((lately, "mbg_nbd"), (~lately, "naive")):
        own = Level().apply(model.contenders[name].predict(rows)).active
        np.testing.assert_allclose(chance[who], own[who])
    np.testing.assert_allclose(chance + said["churn_probability"].to_numpy(), 1.0)


def test_too_few_active_leave_the_chance_to_the_champion_over_all(judged, quick):
    strict = quick.model_copy(update={"least_customers": 10_000})
    trials, refused = active_trials(judged.trials, 90, strict)
    assert trials == ()
    assert refused[0].key == "few_active"
    assert "ordered again" in refused[0].why
    trials, refused = active_trials(judged.trials, 90, quick)
    assert [trial.origin for trial in trials] == list(judged.origins)
    assert refused == ()


def test_the_grade_counts_the_dates_that_judged_the_active(judged):
    alone = replace(judged, active_trials=judged.active_trials[-1:])
    found = {row["slice"]: row["verdict"] for row in forecasts.evaluate(alone).to_pylist() if row["measure"] == "grade"}
    assert "1 past date judged it" in found["90d/churn"]
    assert "1 past date judged it" not in found["90d/orders"]


def _contenders(shop):
    model = forecasts.fit(None, shop.now, forecasts.ForecastSpec(), horizon_days=90, backtest=None, seed=7)
    return {"naive": model.contenders["naive"], "mbg_nbd": model.process}
