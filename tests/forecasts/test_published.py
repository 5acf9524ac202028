from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patron import forecasts
from patron.contracts.published import CALIBRATION, QUALITY
from patron.forecasts.judgement import BETTER
from patron.forecasts.levels import Level
from patron.forecasts.rows import read_rows


@pytest.fixture(scope="module")
def rows(judged):
    return QUALITY.check(forecasts.evaluate(judged)).to_pylist()


def test_every_judgement_stands_beside_the_naive_formula(rows):
    naive = {(r["measure"], r["slice"].split("/")[1]): r["value"] for r in rows if r["slice"].endswith("/naive")}
    judged = [r for r in rows if r["slice"].count("/") == 2 and r["measure"] in BETTER]
    next_order = 6 + 5 + 5  # nobody here is so sure to order that a model names a day of 90 %; the formula does
    assert len(judged) == 5 * (8 + 8 + 9 + 9) + next_order
    for row in judged:
        assert row["baseline"] == naive[row["measure"], row["slice"].split("/")[1]]
        assert row["lower"] <= row["upper"]


def test_rows_are_unique_by_their_key(rows):
    keys = [(r["room"], r["measure"], r["slice"]) for r in rows]
    assert len(set(keys)) == len(keys)
    assert {r["room"] for r in rows} == {"forecasts"}


def test_champions_coverage_and_refusals_are_told_in_words(rows, judged):
    champion = next(r for r in rows if r["measure"] == "champion" and r["slice"] == "90d/net_revenue")
    assert judged.champion("net_revenue").model in champion["verdict"]
    coverage = next(r for r in rows if r["slice"] == "90d/net_revenue/all")
    assert coverage["baseline"] == 0.8
    assert "inside 80% intervals" in coverage["verdict"]


def test_the_intervals_of_the_purchase_process_stand_beside_the_published_ones(rows):
    own = {r["measure"]: r for r in rows if r["measure"].startswith("process_")}
    assert list(own) == ["process_interval_coverage", "process_wide_interval_coverage"]
    assert {r["slice"] for r in own.values()} == {"90d/net_revenue/mbg_nbd"}
    assert own["process_interval_coverage"]["value"] == pytest.approx(0.8, abs=0.15)
    assert own["process_interval_coverage"]["value"] < own["process_wide_interval_coverage"]["value"]


@pytest.mark.parametrize(("value", "word"), [(0.92, "good"), (0.8, "poor")])
def test_coverage_is_judged_by_what_the_intervals_promise(judged, value, word):
    one = replace(judged.coverage[0], value=value, promised=0.93)
    published = forecasts.evaluate(replace(judged, coverage=(one,))).to_pylist()
    row = next(r for r in published if r["measure"] == "interval_coverage")
    assert row["verdict"].startswith(word)
    assert "93.0% expected" in row["verdict"]


@pytest.mark.parametrize(("lead", "word"), [(1.0, "good"), (0.0, "fair"), (-1.0, "poor")])
def test_the_verdict_knows_which_way_is_better(judged, lead, word):
    gini = next(
        j
        for j in judged.judgements
        if j.measure == "normalised_gini"
        and j.model == judged.champion("orders").model
        and j.target == "orders"
        and j.model != "naive"
    )
    error = replace(gini, measure="mean_absolute_error")
    for judgement, sign in ((gini, 1.0), (error, -1.0)):
        changed = replace(judgement, baseline=judgement.value - sign * lead)
        row = forecasts.evaluate(replace(judged, judgements=(changed,))).to_pylist()[0]
        assert row["verdict"].startswith(word)


def test_the_ratio_is_better_nearer_to_one(judged):
    ratio = next(
        j
        for j in judged.judgements
        if j.measure == "sum_ratio" and j.model == judged.champion("orders").model and j.target == "orders"
    )
    changed = replace(ratio, value=1.1, baseline=0.7)
    assert forecasts.evaluate(replace(judged, judgements=(changed,))).to_pylist()[0]["verdict"].startswith("good")


def test_deciles_add_up_to_what_happened(judged):
    table = CALIBRATION.check(forecasts.calibration(judged)).to_pylist()
    keys = [(r["horizon_days"], r["target"], r["model"], r["decile"]) for r in table]
    assert len(set(keys)) == len(keys) == 4 * 5 * 10
    holdout = judged.trials[-1].rows
    mine = [r for r in table if r["target"] == "net_revenue" and r["model"] == "mbg_nbd"]
    assert sum(r["customer_count"] for r in mine) == len(holdout)
    assert sum(r["customer_count"] * r["mean_actual"] for r in mine) == pytest.approx(holdout.future_revenue.sum())
    shares = [r["cumulative_share"] for r in mine]
    assert shares[0] == pytest.approx(1.0)
    assert (np.diff(shares) <= 1e-12).all()
    assert mine[-1]["mean_predicted"] > mine[0]["mean_predicted"]


def test_the_chances_of_customers_with_one_order_and_with_several_are_judged_apart(judged, rows):
    found = {r["slice"]: r for r in rows if r["measure"] == "calibration_error"}
    trial, model = judged.trials[-1], judged.champion("active").model
    once = trial.rows.column("btyd_frequency") == 0
    happened = trial.rows.future_orders > 0
    for group, mine in (("one_order", once), ("several_orders", ~once)):
        row = found[f"90d/active/{group}"]
        assert row["value"] == pytest.approx(trial.said[model].active[mine].mean() - happened[mine].mean())
        assert row["baseline"] == pytest.approx(trial.said["naive"].active[mine].mean() - happened[mine].mean())
        assert row["verdict"].split(":")[0] in {"good", "fair", "poor"}


def test_the_chance_that_is_published_is_that_of_the_champion_of_active(fitted, shop):
    said = forecasts.apply(fitted, shop.now)
    rows = read_rows(shop.now, where="here", labelled=False)
    champion = fitted.champions["active"]
    own = fitted.levels.get(champion, Level()).apply(fitted.contenders[champion].predict(rows))
    np.testing.assert_allclose(said["repurchase_probability"].to_numpy(), own.active)
