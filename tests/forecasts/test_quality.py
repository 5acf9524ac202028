from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from patron import forecasts
from patron.forecasts import quality
from patron.ground.errors import EmptyInput, MissingColumns, NotEnoughData


def test_every_origin_is_tried_and_the_newest_is_the_holdout(judged):
    assert judged.origins == (date(2024, 7, 9), date(2024, 10, 7), date(2025, 1, 5))
    assert judged.holdout == date(2025, 1, 5)
    assert {judgement.origin for judgement in judged.judgements} == {judged.holdout}


def test_a_model_that_needs_past_windows_waits_for_one(judged):
    first, *later = judged.trials
    assert "hurdle" not in first.said
    assert all("hurdle" in trial.said for trial in later)
    assert {"naive", "last_period", "mbg_nbd"} <= set(first.said)


def test_what_happens_in_a_later_window_cannot_reach_an_earlier_forecast(shop, quick, judged):
    """Shuffle every outcome of the holdout: forecasts made there and before must not move."""
    column = shop.labelled.schema.get_field_index("future_order_count")
    newest = pc.equal(shop.labelled["as_of"], pa.scalar(judged.holdout))
    changed = shop.labelled
    for name in ("future_order_count", "future_net_revenue"):
        column = changed.schema.get_field_index(name)
        changed = changed.set_column(column, name, pc.if_else(newest, pc.multiply(changed[name], 3.0), changed[name]))
    again = forecasts.backtest(changed, quick, horizon_days=90, seed=7)
    for before, after in zip(judged.trials, again.trials, strict=True):
        for model, said in before.said.items():
            assert (said.orders == after.said[model].orders).all()
            assert (said.net_revenue == after.said[model].net_revenue).all()


def test_an_origin_whose_past_windows_overlap_it_learns_nothing_from_them(rows_of, orders_of, quick):
    """Origins 30 days apart with 90-day windows: only a window that ended by then may teach."""
    overlapping = rows_of(orders_of(), (200, 230, 260), 90)
    backtest = forecasts.backtest(overlapping, quick, horizon_days=90, seed=7)
    assert all("hurdle" not in trial.said for trial in backtest.trials)
    assert any(refusal.what == "hurdle" for refusal in backtest.refusals)


def test_the_same_seed_gives_the_same_judgement_and_row_order_does_not_matter(shop, quick, judged):
    order = np.random.default_rng(0).permutation(shop.labelled.num_rows)
    again = forecasts.backtest(shop.labelled, quick, horizon_days=90, seed=7)
    assert again.judgements == judged.judgements
    assert again.champions == judged.champions
    shuffled = forecasts.backtest(shop.labelled.take(pa.array(order)), quick, horizon_days=90, seed=7)
    assert [champion.model for champion in shuffled.champions] == [champion.model for champion in judged.champions]


def test_each_target_has_a_champion_that_beat_the_formulas_or_is_one(judged):
    assert [champion.target for champion in judged.champions] == [
        "net_revenue",
        "orders",
        "active",
        "churn",
        "next_order",
    ]
    for champion in judged.champions:
        surely = champion.difference is not None and champion.difference.upper < 0
        assert surely == (champion.model not in ("naive", "last_period"))


def test_if_nothing_beats_the_naive_formula_it_is_the_champion(rows_of, quick):
    """Everyone buys every 10 days for 20: the rate so far says it all, and nothing is left to learn."""
    orders = [(f"c{i}", day, 20.0) for i in range(80) for day in range(i % 10, 400, 10)]
    backtest = forecasts.backtest(rows_of(orders, (120, 210, 300), 90), quick, horizon_days=90, seed=1)
    for target in ("net_revenue", "orders"):
        champion = backtest.champion(target)
        assert champion.model in ("naive", "last_period"), champion
        assert "not surely better" in champion.reason


def test_without_money_orders_and_churn_are_still_judged(shop_without_money, quick):
    backtest = forecasts.backtest(shop_without_money.labelled, quick, horizon_days=90, seed=7)
    assert [champion.target for champion in backtest.champions] == ["orders", "active", "churn", "next_order"]
    assert backtest.intervals is None
    assert any(refusal.what == "predicted_clv" for refusal in backtest.refusals)


def test_one_origin_is_judged_without_the_models_that_need_more_and_says_so(rows_of, orders_of, quick):
    backtest = forecasts.backtest(rows_of(orders_of(), (280,), 90), quick, horizon_days=90, seed=7)
    refused = {refusal.what: refusal.why for refusal in backtest.refusals}
    assert "hurdle" in refused
    assert "only one past origin" in refused["level_and_coverage"]
    assert "same origin" in backtest.coverage[0].how


def test_no_repeat_buyers_leaves_the_naive_formula_and_names_what_is_refused(rows_of, quick):
    first = [(f"c{i}", i % 180, 30.0) for i in range(120)]
    late = [(f"c{i}", 200 + i, 30.0) for i in range(15)]
    backtest = forecasts.backtest(rows_of(first + late, (190,), 90), quick, horizon_days=90, seed=7)
    assert {champion.model for champion in backtest.champions} <= {"naive", "last_period"}
    refused = next(refusal for refusal in backtest.refusals if refusal.what == "mbg_nbd")
    assert "0 of 120 did" in refused.why
    assert "probability_alive" in refused.why


def test_one_customer_is_refused_with_what_and_why(rows_of, quick):
    with pytest.raises(NotEnoughData, match=r"1 customers, 1 of whom bought(.|\n)*Refused: every judged forecast"):
        forecasts.backtest(rows_of([("c1", 10, 5.0), ("c1", 200, 5.0)], (190,), 90), quick, horizon_days=90, seed=7)


def test_a_table_without_rows_or_outcomes_is_refused(shop, quick):
    with pytest.raises(EmptyInput, match=r"forecasts\.backtest has no rows"):
        forecasts.backtest(shop.labelled.slice(0, 0), quick, horizon_days=90, seed=7)
    with pytest.raises(MissingColumns, match="future_order_count"):
        forecasts.backtest(shop.now, quick, horizon_days=90, seed=7)


def test_a_whale_negative_revenue_and_identical_customers_break_nothing(rows_of, orders_of, quick):
    orders = [*orders_of(150), ("c0001", 300, 1e9), *[(f"c{i:04d}", 310, -500.0) for i in range(20)]]
    labelled = rows_of(sorted(orders, key=lambda order: order[1]), (190, 280), 90)
    backtest = forecasts.backtest(labelled, quick, horizon_days=90, seed=7)
    values = [judgement.value for judgement in backtest.judgements]
    assert np.isfinite(values).all()


def test_coverage_is_measured_overall_and_by_quarter(judged):
    assert [coverage.tier for coverage in judged.coverage] == [None, 1, 2, 3, 4] * 2
    usual, wide = (coverage for coverage in judged.coverage if coverage.tier is None)
    assert (usual.level, wide.level) == (0.8, 0.95)
    assert usual.value == pytest.approx(0.8, abs=0.12)
    assert wide.value == pytest.approx(0.95, abs=0.05)
    assert judged.coverage[0].how == "bands from earlier origins"


def test_the_backtest_is_what_the_room_exports():
    assert forecasts.backtest is quality.backtest
