from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.special import expit, logit

from patron.forecasts.contenders import Prediction
from patron.forecasts.levels import Level, learn_level
from patron.forecasts.rows import read_rows
from patron.forecasts.trials import Trial, levels_for
from patron.measures import log_loss


@pytest.fixture
def happened(shop):
    rows = read_rows(shop.labelled, where="test", labelled=True)
    return rows.where(rows.as_of == rows.as_of[0])


def test_following_all_the_way_makes_the_totals_right(happened):
    n = len(happened)
    said = Prediction(np.full(n, 40.0), np.full(n, 0.8), np.full(n, 0.5))
    level = learn_level(said, happened, 1.0)
    levelled = level.apply(said)
    assert levelled.net_revenue.sum() == pytest.approx(happened.future_revenue.sum())
    assert levelled.orders.sum() == pytest.approx(happened.future_orders.sum())
    assert levelled.active.mean() == pytest.approx((happened.future_orders > 0).mean())


def test_following_half_the_way_takes_the_root_and_no_single_window_more_than_doubles(happened):
    n = len(happened)
    right = happened.future_orders.sum() / n
    said = Prediction(None, np.full(n, right / 1.44), np.full(n, 0.5))
    assert learn_level(said, happened, 0.5).orders == pytest.approx(1.2)
    absurd = Prediction(None, np.full(n, right / 1e6), np.full(n, 1e-9))
    assert learn_level(absurd, happened, 1.0).orders == pytest.approx(2.0)
    assert learn_level(absurd, happened, 1.0).apply(absurd).active == pytest.approx(2e-9)


def test_the_identity_and_the_undefined_change_nothing(happened):
    n = len(happened)
    said = Prediction(None, np.zeros(n), np.zeros(n))
    assert learn_level(said, happened, 0.5) == Level()
    assert (Level().apply(said).orders == said.orders).all()
    level = Level(1.1, 0.9, 0.2, 0.8, 1.3)
    assert Level.from_parts(level.to_parts()) == level


def test_chances_that_are_too_sure_are_pulled_together_halfway_and_their_mean_stays_the_shift_s(happened):
    random = np.random.default_rng(3)
    rows = happened.where(np.tile(np.arange(len(happened)), 40))
    log_odds = random.normal(-0.5, 1.0, len(rows))
    rows = replace(rows, future_orders=(random.random(len(rows)) < expit(log_odds)).astype(float))
    too_sure = Prediction(None, np.ones(len(rows)), expit(2.0 * log_odds))
    level = learn_level(too_sure, rows, 0.25)
    assert (level.active_low, level.active_high) == (pytest.approx(0.75, abs=0.05), pytest.approx(0.75, abs=0.05))
    gap = logit((rows.future_orders > 0).mean()) - logit(too_sure.active.mean())
    assert level.apply(too_sure).active.mean() == pytest.approx(expit(2.0 * log_odds + 0.25 * gap).mean(), abs=1e-6)
    assert log_loss(rows.future_orders, level.apply(too_sure).active) < 0.98 * log_loss(
        rows.future_orders, too_sure.active
    )


def test_the_window_of_a_year_ago_is_preferred_and_formulas_are_left_alone(happened):
    n = len(happened)

    def trial(origin, factor):
        said = Prediction(None, happened.future_orders * factor, np.full(n, 0.5))
        return Trial(origin, happened, {"mbg_nbd": said, "naive": said}, {})

    year_ago, latest = trial(date(2024, 1, 10), 0.5), trial(date(2024, 10, 1), 2.0)
    levels = levels_for(date(2025, 1, 5), [year_ago, latest], 90)
    assert set(levels) == {"mbg_nbd"}
    assert levels["mbg_nbd"].orders == pytest.approx(2.0**0.5)
    assert levels_for(date(2025, 1, 5), [latest], 90)["mbg_nbd"].orders == pytest.approx(0.5**0.25)
