"""The stack: it learns from windows of any length that are over, adds up, and stands where others cannot learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from patron import forecasts
from patron.forecasts.contenders import LEARN, Lesson
from patron.forecasts.rows import read_rows
from patron.ground.errors import NotEnoughData


def with_days(table, days):
    return table.append_column("window_days", pa.array(np.full(table.num_rows, float(days))))


@pytest.fixture(scope="module")
def short_windows(shop, rows_of):
    """Windows of 40 and 60 days that end on day 280, and the one of 90 days that begins then."""
    parts = [with_days(rows_of(shop.orders, [280 - days], days), days) for days in (40, 60)]
    return pa.concat_tables([*parts, with_days(rows_of(shop.orders, [280], 90), 90)])


@pytest.fixture(scope="module")
def lesson(short_windows, quick):
    rows = read_rows(short_windows, where="test", labelled=True)
    now = rows.where(rows.window_days == 90)
    return Lesson(None, rows.where(rows.window_days < 90), now, now, 90, quick, 1)


@pytest.fixture(scope="module")
def stack(lesson):
    return LEARN["stack"](lesson)


def test_shorter_windows_teach_a_longer_horizon(stack, lesson):
    with pytest.raises(NotEnoughData):
        LEARN["hurdle"](lesson)
    said, came = stack.predict(lesson.now), lesson.now.future_orders
    assert np.corrcoef(said.orders, came)[0, 1] > 0.4
    assert said.orders.sum() == pytest.approx(came.sum(), rel=0.35)


def test_the_total_is_half_way_to_that_of_the_processes(stack, lesson):
    free = replace(stack, orders_level=0.0, money_level=0.0).predict(lesson.now)
    there, said = stack.guide.expect(lesson.now), stack.predict(lesson.now)
    assert said.orders.sum() == pytest.approx(np.sqrt(free.orders.sum() * there.orders.sum()))
    worth = (there.orders * there.value).sum()
    assert said.net_revenue.sum() == pytest.approx(np.sqrt(free.net_revenue.sum() * worth))


@pytest.mark.parametrize("target", ["orders", "net_revenue"])
def test_contributions_add_up_to_the_log_of_the_prediction(stack, lesson, target):
    said = stack.contributions(lesson.now, target)
    whole = said.values.sum(axis=1) + said.base
    assert whole == pytest.approx(np.log(stack.predict(lesson.now).of(target)), abs=1e-6)
    assert len(set(said.names)) == len(said.names)


def test_windows_that_are_not_over_teach_nothing(shop, rows_of, short_windows, quick):
    """Outcomes after the judged origin, whatever they are, change no forecast made at it."""
    days = short_windows["window_days"].to_numpy()
    as_of = short_windows["as_of"].to_numpy().astype("datetime64[D]")
    cut = as_of[days == 90][0]
    assert (as_of[days < 90] + days[days < 90].astype("timedelta64[D]") <= cut).all()
    late = with_days(rows_of(shop.orders, [260], 60), 60)  # ends 40 days after the origin
    wild = late.set_column(
        late.column_names.index("future_order_count"), "future_order_count", pa.array(np.full(late.num_rows, 500.0))
    )
    spec = quick.model_copy(update={"models": ("stack",), "least_customers": 20})
    before = forecasts.backtest(short_windows, spec, horizon_days=90, seed=1)
    after = forecasts.backtest(pa.concat_tables([short_windows, wild]), spec, horizon_days=90, seed=1)
    assert (before.trials[-1].said["stack"].orders == after.trials[-1].said["stack"].orders).all()


def test_a_shop_without_money_gets_orders_and_chances(shop_without_money, rows_of, quick):
    parts = [with_days(rows_of(shop_without_money.orders, [280 - d], d, money=False), d) for d in (40, 60)]
    rows = read_rows(pa.concat_tables(parts), where="test", labelled=True)
    now = read_rows(shop_without_money.now, where="test", labelled=False)
    said = LEARN["stack"](Lesson(None, rows, now, now, 90, quick, 1)).predict(now)
    assert said.net_revenue is None
    assert np.isfinite(said.orders).all()


def test_a_backtest_of_a_shorter_horizon_says_who_won(shop, short_windows, quick):
    spec = quick.model_copy(update={"models": ("stack",), "least_customers": 20})
    judged = forecasts.backtest(short_windows, spec, horizon_days=90, seed=1)
    model = forecasts.fit(short_windows, shop.now, spec, horizon_days=200, backtest=judged, seed=1)
    assert dict(model.champions) == {one.target: one.model for one in judged.champions}
    assert model.intervals is None
    assert model.levels == {}
    said = forecasts.apply(model, shop.now)
    assert set(said["horizon_days"].to_pylist()) == {200}
