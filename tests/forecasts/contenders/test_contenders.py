from __future__ import annotations

import numpy as np
import pytest

from patron.forecasts.contenders import LEARN, RESTORE, Lesson
from patron.forecasts.contenders.purchase_process import KINDS, learn_process
from patron.forecasts.persistence import read_parts, write_parts
from patron.forecasts.rows import HISTORY, read_rows
from patron.ground.errors import NotEnoughData


@pytest.fixture(scope="module")
def rows(shop):
    return read_rows(shop.labelled, where="test", labelled=True, window_days=90)


@pytest.fixture(scope="module")
def lesson(rows, quick):
    newest = rows.as_of == rows.as_of.max()
    return Lesson(rows.where(~newest), rows.where(~newest), rows.where(newest), rows.where(newest), 90, quick, 1)


@pytest.mark.parametrize("name", sorted(LEARN))
def test_every_contender_keeps_its_promises(name, lesson):
    contender = LEARN[name](lesson)
    said = contender.predict(lesson.now)
    for values in (said.orders, said.net_revenue, said.active):
        assert values.shape == (len(lesson.now),)
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (said.active <= 1).all()
    order = np.random.default_rng(0).permutation(len(lesson.now))
    assert contender.predict(lesson.now.where(order)).orders == pytest.approx(said.orders[order])
    actual = lesson.now.future_orders
    assert np.corrcoef(said.orders, actual)[0, 1] > 0.2


def test_the_naive_contender_is_the_formula(lesson):
    said = LEARN["naive"](lesson).predict(lesson.now)
    orders = lesson.now.column("orders_count_lifetime")
    average = lesson.now.column("net_revenue_sum_lifetime") / orders
    tenure_years = np.maximum(lesson.now.column("btyd_T_days"), 30) / 365
    assert said.net_revenue == pytest.approx(average * (orders / tenure_years) * (90 / 365))


def test_the_last_window_is_the_one_nearest_in_length(lesson, quick):
    year = LEARN["last_period"](Lesson(None, None, lesson.now, lesson.now, 300, quick, 1))
    assert year.window_days == 365
    expected = lesson.now.column("orders_count_365d") * 300 / 365
    assert year.predict(lesson.now).orders == pytest.approx(expected)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_chance_within_a_number_of_days_grows_to_that_of_the_horizon(lesson, kind):
    process = learn_process(kind, lesson.now, 90, 10)
    chances = np.column_stack([process.chance_within(lesson.now, day) for day in (0.0, 1.0, 45.0, 90.0, 900.0)])
    assert (np.diff(chances, axis=1) > 0).all()
    assert chances[:, 0] == pytest.approx(0.0)
    assert chances[:, 3] == pytest.approx(process.predict(lesson.now).active)
    assert chances[:, 2] == pytest.approx(process.buying.probability_of_purchase(_histories(lesson.now), 45.0))


def _histories(rows):
    return np.column_stack([rows.column(name) for name in HISTORY])


@pytest.mark.parametrize("name", sorted(LEARN))
def test_every_contender_survives_being_written_and_read(lesson, name, tmp_path):
    contender = LEARN[name](lesson)
    write_parts({"it": contender.to_parts()}, tmp_path)
    again = RESTORE[name](read_parts(tmp_path)["it"])
    assert again.predict(lesson.now).orders == pytest.approx(contender.predict(lesson.now).orders, rel=1e-12)


def test_what_cannot_be_learned_is_refused_with_numbers(lesson, quick):
    with pytest.raises(NotEnoughData, match="and has 0"):
        LEARN["hurdle"](Lesson(None, None, lesson.now, lesson.now, 90, quick, 1))
    once = lesson.now.where(lesson.now.column("btyd_frequency") == 0)
    with pytest.raises(NotEnoughData, match=f"0 of {len(once)} did"):
        LEARN["bg_nbd"](Lesson(None, None, once, once, 90, quick, 1))


def test_the_hurdle_works_where_the_purchase_process_cannot_help(lesson, quick):
    blind = quick.model_copy(update={"least_buyers": 300})
    past = lesson.past
    with pytest.raises(NotEnoughData, match="300 customers who bought"):
        LEARN["hurdle"](Lesson(past.where(past.as_of == past.as_of[0]), None, lesson.now, lesson.now, 90, blind, 1))
    only_once = past.where(past.column("btyd_frequency") == 0)
    learned = LEARN["hurdle"](Lesson(only_once, None, lesson.now, lesson.now, 90, quick, 1))
    assert learned.process is None
    assert np.isfinite(learned.predict(lesson.now).orders).all()


def test_without_money_a_purchase_process_cannot_say_what_is_spent(shop_without_money):
    rows = read_rows(shop_without_money.now, where="test", labelled=False)
    process = learn_process("mbg_nbd", rows, 90, 10)
    with pytest.raises(NotEnoughData, match=r"mbg_nbd has no value model.*\nNext: "):
        process.chance_of_spend_below(rows, np.zeros(len(rows)))
