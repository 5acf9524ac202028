"""The day of the next order: what each contender states, how it is judged out of time, and what is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from patron import forecasts, measures
from patron.forecasts.contenders import Lesson
from patron.forecasts.next_order import LEARN_TIMING, RESTORE_TIMING, Waiting, stated_days
from patron.forecasts.rows import read_rows
from patron.ground.errors import NotEnoughData

DAYS = stated_days(90)


@pytest.fixture(scope="module")
def lesson(shop, quick):
    rows = read_rows(shop.labelled, where="here", labelled=True, window_days=90)
    newest = rows.as_of.max()
    now = rows.where(rows.as_of == newest)
    return Lesson(None, rows.over_by(newest), now, now, 90, quick, 7)


def quality_of(judged, measure):
    found = forecasts.evaluate(judged).to_pylist()
    return {r["slice"].split("/")[-1]: r for r in found if r["measure"] == measure and "/next_order" in r["slice"]}


@pytest.mark.parametrize("name", LEARN_TIMING)
def test_every_contender_states_chances_that_rise_with_the_days_and_survive_the_shelf(lesson, name):
    model = LEARN_TIMING[name](lesson)
    said = model.reached(lesson.now, DAYS)
    assert said.shape == (len(lesson.now), DAYS.size)
    assert ((said >= 0) & (said <= 1)).all()
    assert (np.diff(said, axis=1) >= 0).all()
    again = RESTORE_TIMING[name](model.to_parts())
    np.testing.assert_array_equal(again.reached(lesson.now, DAYS), said)


def test_the_naive_formula_is_the_last_order_and_the_usual_gap(rows_of, quick):
    """Every 20 days until 3 days ago; once, 10 days ago; every 10 days until 50 days ago, so overdue."""
    orders = [("a", 100 + 20 * i, 1.0) for i in range(5)] + [("b", 173, 1.0)]
    orders += [("c", 100 + 10 * i, 1.0) for i in range(4)]
    rows = read_rows(rows_of(orders, (184,), None), where="here", labelled=False)
    model = LEARN_TIMING["naive"](Lesson(None, None, rows, rows, 90, quick, 7))
    assert model.shop_gap_days == 15.0
    waiting = Waiting(DAYS, model.reached(rows, DAYS))
    # The row's days count up to the day before as_of, as those of the fixture do.
    assert waiting.days_until(0.5).tolist() == [16.0, 4.0, 9.0]


def test_days_are_read_off_the_stated_chances():
    waiting = Waiting(np.array([1.0, 10.0, 30.0]), np.array([[0.5, 0.75, 0.9], [0.0, 0.0, 0.4]]))
    assert waiting.days_until(0.5).tolist()[0] == 0.0
    assert waiting.days_until(0.75).tolist()[0] == 9.0
    assert np.isnan(waiting.days_until(0.5)[1])
    halved = waiting.at_chance(np.array([0.45, 0.2]))
    assert halved.reached.tolist() == [[0.25, 0.375, 0.45], [0.0, 0.0, 0.2]]


def test_every_measure_stands_beside_the_naive_formula_and_the_model_beats_it_out_of_time(judged):
    score = quality_of(judged, "integrated_brier_score")
    assert set(score) == {"naive", "mbg_nbd", "hazard"}
    for row in score.values():
        assert row["lower"] <= row["value"] <= row["upper"]
        assert row["baseline"] == score["naive"]["value"]
    model = judged.champion("next_order").model
    assert model != "naive"
    assert score[model]["upper"] < score["naive"]["lower"]
    assert quality_of(judged, "concordance")[model]["value"] > 0.6
    assert abs(quality_of(judged, "ordered_by_expected_date")[model]["value"] - 0.5) < 0.15


def test_the_judgement_is_of_the_held_out_customers_with_the_published_chance(judged, shop):
    """The process's score, worked out again from its definition."""
    trial = judged.trials[-1]
    used = judged.champion("active").model, judged.champion("churn").model
    lately = trial.rows.column("btyd_T_days") - trial.rows.column("btyd_recency_days") <= 90
    chance = np.where(lately, trial.said[used[1]].active, trial.said[used[0]].active)
    lesson = Lesson(None, None, trial.rows, trial.rows, 90, judged.spec, 7)
    reached = LEARN_TIMING["mbg_nbd"](lesson).reached(trial.rows, DAYS)
    waited = np.where(np.isnan(trial.rows.future_days), np.inf, trial.rows.future_days)
    said = reached / reached[:, -1:] * chance[:, None]
    by_hand = measures.integrated_brier_scores(waited, said, DAYS).mean()
    assert quality_of(judged, "integrated_brier_score")["mbg_nbd"]["value"] == pytest.approx(by_hand)


def test_the_newest_windows_teach_nothing_about_themselves(shop, quick, judged):
    """Orders of the last window moved to its first day: what was said of it stays the same."""
    newest = max(shop.labelled["as_of"].to_pylist())
    days = [
        0.0 if day is not None and at == newest else day
        for day, at in zip(
            *(shop.labelled[name].to_pylist() for name in ("future_days_to_order", "as_of")), strict=True
        )
    ]
    place = shop.labelled.column_names.index("future_days_to_order")
    moved = shop.labelled.set_column(place, "future_days_to_order", pa.array(days, pa.float64()))
    rows = [read_rows(table, where="here", labelled=True, window_days=90) for table in (shop.labelled, moved)]
    said = []
    for one in rows:
        now = one.where(one.as_of == one.as_of.max())
        told = Lesson(None, one.over_by(one.as_of.max()), now, now, 90, quick, 7)
        said.append(LEARN_TIMING["hazard"](told).reached(now, DAYS))
    np.testing.assert_array_equal(*said)
    again = forecasts.backtest(moved, quick, horizon_days=90, seed=7)
    before, after = (quality_of(one, "ordered_by_expected_date")["mbg_nbd"]["value"] for one in (judged, again))
    assert after > before + 0.1


def test_labels_without_days_and_thin_windows_are_refused_by_name(shop, quick, lesson):
    without = shop.labelled.drop_columns(["future_days_to_order"])
    judged = forecasts.backtest(without, quick, horizon_days=90, seed=7)
    assert judged.champion("next_order") is None
    with pytest.raises(NotEnoughData, match="hazard needs 50 customers in windows of any length"):
        LEARN_TIMING["hazard"](replace(lesson, windows=lesson.windows.where(np.arange(20))))
    with pytest.raises(NotEnoughData, match="day of the next order"):
        LEARN_TIMING["hazard"](replace(lesson, windows=replace(lesson.windows, future_days=None)))


def test_the_window_lies_around_the_expected_day_and_ends_open_beyond_the_horizon(shop, fitted):
    said = forecasts.apply(fitted, shop.now).to_pylist()
    dated = [row for row in said if row["expected_date_of_next_order"] is not None]
    assert dated
    for row in said:
        likely = row["repurchase_probability"] > 0.5
        assert (row["expected_date_of_next_order"] is not None) == likely
        assert (row["next_order_date_lower"] is not None) == likely
        assert (row["next_order_date_upper"] is not None) == (likely and row["repurchase_probability"] >= 0.9)
        last = row["next_order_date_upper"] or row["as_of"] + timedelta(days=89)
        if likely:
            days = (row["as_of"], row["next_order_date_lower"], row["expected_date_of_next_order"], last)
            assert list(days) == sorted(days)
