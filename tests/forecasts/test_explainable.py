from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
import pytest

from patron import forecasts
from patron.forecasts import ForecastModel, ForecastSpec
from patron.forecasts.contenders import AGAIN, LEARN, Lesson
from patron.forecasts.levels import Level
from patron.forecasts.rows import read_rows


def matrix_of(table, names):
    return np.column_stack([pc.cast(table[name], "float64").to_numpy(zero_copy_only=False) for name in names])


def columns_of(table):
    return [name for name in table.column_names if name not in {"customer_id", "as_of"}]


@pytest.fixture(scope="module")
def hurdle(shop):
    spec = ForecastSpec(trees=30, bootstrap_draws=20, threads=1, models=("hurdle",))
    judged = forecasts.backtest(shop.labelled, spec, horizon_days=90, seed=7)
    winners = tuple(replace(one, model="hurdle") for one in judged.champions if one.target != "next_order")
    forced = replace(judged, champions=winners)
    return forecasts.fit(shop.labelled, shop.now, spec, horizon_days=90, backtest=forced, seed=7)


def test_the_contributions_add_up_to_what_is_published(hurdle, shop):
    seen = forecasts.explainable(hurdle, columns_of(shop.now))
    matrix = matrix_of(shop.now, seen.features)
    said, published = seen.contributions(matrix), forecasts.apply(hurdle, shop.now)["predicted_clv"].to_numpy()
    assert seen.model == "hurdle"
    assert "purchase_process_orders" in said.names
    assert said.inputs.shape == said.values.shape
    assert seen.predict(matrix) == pytest.approx(published)
    assert np.exp(said.base + said.values.sum(axis=1)) == pytest.approx(published, rel=1e-6)


def test_a_level_that_differs_between_customers_is_a_contribution_of_its_own(hurdle, shop, monkeypatch):
    seen = forecasts.explainable(hurdle, columns_of(shop.now))
    matrix = matrix_of(shop.now, seen.features)

    def bend(_level, _target, said):
        return said**1.2

    monkeypatch.setattr(Level, "of", bend)
    said = seen.contributions(matrix)
    assert said.names[-1] == "forecast_level"
    assert np.exp(said.base + said.values.sum(axis=1)) == pytest.approx(seen.predict(matrix), rel=1e-6)


@pytest.mark.parametrize("model", ["naive", "last_period", "mbg_nbd"])
def test_formulas_and_processes_name_the_few_features_they_read(shop, quick, model):
    spec = ForecastSpec(trees=30, bootstrap_draws=20, threads=1, models=(model,))
    judged = forecasts.backtest(shop.labelled, spec, horizon_days=90, seed=7)
    fitted = forecasts.fit(shop.labelled, shop.now, spec, horizon_days=90, backtest=judged, seed=7)
    seen = forecasts.explainable(fitted, columns_of(shop.now))
    matrix = matrix_of(shop.now, seen.features)
    assert len(seen.features) <= 4
    assert seen.predict(matrix) == pytest.approx(forecasts.apply(fitted, shop.now)["predicted_clv"].to_numpy())
    assert seen.contributions(matrix) is None


def test_without_money_the_orders_are_explained(shop_without_money, quick):
    shop = shop_without_money
    judged = forecasts.backtest(shop.labelled, quick, horizon_days=90, seed=7)
    fitted = forecasts.fit(shop.labelled, shop.now, quick, horizon_days=90, backtest=judged, seed=7)
    seen = forecasts.explainable(fitted, columns_of(shop.now))
    assert seen.target == "orders"
    assert np.isfinite(seen.predict(matrix_of(shop.now, seen.features))).all()


def test_other_seeds_teach_another_champion_of_the_same_rows_and_it_is_kept(hurdle, shop, tmp_path):
    seen = forecasts.explainable(hurdle, columns_of(shop.now))
    others = forecasts.learned_again(seen)
    assert len(others) == 2
    matrix = matrix_of(shop.now, seen.features)
    said = [one.predict(matrix) for one in (seen, *others)]
    assert all(np.corrcoef(said[0], other)[0, 1] > 0.9 for other in said[1:])
    assert not any(np.allclose(said[0], other) for other in said[1:])
    names = seen.contributions(matrix).names
    assert all(one.contributions(matrix).names == names for one in others)
    hurdle.save(tmp_path)
    back = forecasts.explainable(ForecastModel.load(tmp_path), columns_of(shop.now))
    for one, other in zip(others, forecasts.learned_again(back), strict=True):
        assert one.predict(matrix) == pytest.approx(other.predict(matrix))


def test_the_stack_is_learned_again_in_the_trees_that_its_money_reads(shop):
    rows = read_rows(shop.labelled, where="test", labelled=True, window_days=90)
    past, now = rows.where(rows.as_of < rows.as_of.max()), rows.where(rows.as_of == rows.as_of.max())
    spec = ForecastSpec(trees=30, threads=1)
    lesson = Lesson(past, past, now, now, 90, spec, 1)
    first, other = AGAIN["stack"](lesson, "net_revenue", [2])
    assert first.to_parts() == LEARN["stack"](lesson).to_parts()
    assert other.event is first.event
    assert other.orders.linear is first.orders.linear
    trees = [(one.orders.trees.to_parts(), one.money.trees.to_parts()) for one in (first, other)]
    assert trees[0][0] != trees[1][0]
    assert trees[0][1] != trees[1][1]
    for target in ("net_revenue", "orders", "active"):
        assert first.predict_one(now, target) == pytest.approx(first.predict(now).of(target))


def test_formulas_are_not_learned_again(shop):
    spec = ForecastSpec(trees=30, bootstrap_draws=20, threads=1, models=("naive",))
    judged = forecasts.backtest(shop.labelled, spec, horizon_days=90, seed=7)
    fitted = forecasts.fit(shop.labelled, shop.now, spec, horizon_days=90, backtest=judged, seed=7)
    seen = forecasts.explainable(fitted, columns_of(shop.now))
    assert forecasts.learned_again(seen) == ()
    assert not seen.is_learned
    assert seen.is_published
