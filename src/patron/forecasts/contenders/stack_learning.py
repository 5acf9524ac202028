"""How the stack learns: every window that is over, whatever its length, becomes rows of one lesson."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from patron.forecasts.contenders.contender import Lesson
from patron.forecasts.contenders.stack import Rates, Stack
from patron.forecasts.contenders.stack_inputs import Expected, learn_guide, linear_features
from patron.forecasts.methods.offset_boosting import OffsetBoosting
from patron.forecasts.methods.overdispersion import learn_dispersion
from patron.forecasts.methods.ridge_poisson import RidgePoisson
from patron.forecasts.rows import FloatArray, Rows
from patron.ground.errors import NotEnoughData
from patron.ground.seeds import derive

FOLLOW_PROCESS = 0.5
_MENDING_TREES = 2 / 3  # boosting that starts from a forecast needs fewer trees than a rate


@dataclass(frozen=True, slots=True)
class _Windows:
    """All rows of the lesson: what is read of them, what the processes expected, and what came."""

    rows: Rows
    features: FloatArray
    logs: FloatArray
    expected: Expected
    orders: FloatArray
    money: FloatArray | None

    @property
    def log_days(self) -> FloatArray:
        return np.log(self.rows.window_days)


def learn_stack(lesson: Lesson) -> Stack:
    """Learn from every window that ended on or before the origin.

    Raises:
        NotEnoughData: too few customers or buyers in such windows, or too few who came back.
    """
    told = _enough(lesson)
    names = told.varying()
    with_money = told.has_money and lesson.now.has_money and told.future_revenue is not None
    windows = _read(told, names, lesson, with_money=with_money)
    guide = learn_guide(lesson.now, lesson.horizon_days, lesson.spec.least_buyers)
    money = (
        _rates(windows.features, windows.logs, windows.money, windows.log_days, lesson, "money") if with_money else None
    )
    stack = Stack(
        lesson.horizon_days,
        names,
        guide,
        _rates(windows.features, windows.logs, windows.orders, windows.log_days, lesson, "orders"),
        money,
        _value(windows, lesson) if with_money and guide.processes[0].spending is not None else None,
        _event(windows, lesson),
        _dispersion(windows),
    )
    return _levelled(stack, lesson.sample)


def _enough(lesson: Lesson) -> Rows:
    told, spec = lesson.windows, lesson.spec
    if told is None or told.future_orders is None or len(told) < spec.least_customers:
        found = 0 if told is None else len(told)
        raise NotEnoughData(
            f"stack needs {spec.least_customers} customers in windows that ended by {lesson.now.as_of.max()}, and has "
            f"{found}.\nNext: wait, or collect more customers.",
            "few_windows",
            needed=spec.least_customers,
            days=lesson.horizon_days,
            found=found,
        )
    buyers = int((told.future_orders > 0).sum())
    if buyers < spec.least_buyers:
        raise NotEnoughData(
            f"stack needs {spec.least_buyers} customers who bought in past windows, and {buyers} did.",
            "few_buyers",
            needed=spec.least_buyers,
            found=buyers,
        )
    return told


def _read(told: Rows, names: tuple[str, ...], lesson: Lesson, *, with_money: bool) -> _Windows:
    """Ask the processes of each date and window length what they expected, knowing only the histories of that date."""
    orders, any_order = np.empty(len(told)), np.empty(len(told))
    value = np.full(len(told), np.nan)
    for origin in told.origins:
        for days in np.unique(told.window_days[told.as_of == origin]):
            there = (told.as_of == origin) & (told.window_days == days)
            part = told.where(there)
            said = learn_guide(part, int(days), lesson.spec.least_buyers).expect(part)
            orders[there], any_order[there] = said.orders, said.any_order
            value[there] = np.nan if said.value is None else said.value
    happened = np.nan_to_num(told.future_orders) if told.future_orders is not None else np.zeros(len(told))
    money = np.nan_to_num(told.future_revenue) if with_money and told.future_revenue is not None else None
    expected = Expected(orders, any_order, value)
    return _Windows(told, told.columns(names), linear_features(told, money=with_money), expected, happened, money)


def _rates(
    features: FloatArray, logs: FloatArray, came: FloatArray | None, log_days: FloatArray, lesson: Lesson, what: str
) -> Rates:
    if came is None:
        raise AssertionError(f"the stack was asked for {what} where there is none")
    trees = OffsetBoosting("poisson", **_growth(lesson, what, 1.0)).fit(features, came, offset=log_days)
    return Rates(trees, RidgePoisson().fit(logs, came, offset=log_days))


def _value(windows: _Windows, lesson: Lesson) -> OffsetBoosting | None:
    """Learn what Gamma-Gamma misses of an order's value, from those who ordered."""
    if windows.money is None or windows.expected.value is None:
        return None
    bought = (windows.orders > 0) & (windows.money > 0) & np.isfinite(windows.expected.value)
    if int(bought.sum()) < lesson.spec.least_buyers:
        return None
    orders = windows.orders[bought]
    model = OffsetBoosting("gamma", **_growth(lesson, "value", _MENDING_TREES))
    known = np.log(windows.expected.value[bought])
    return model.fit(windows.features[bought], windows.money[bought] / orders, known, np.sqrt(orders))


def _event(windows: _Windows, lesson: Lesson) -> OffsetBoosting:
    model = OffsetBoosting("event", **_growth(lesson, "event", _MENDING_TREES))
    return model.fit(windows.features, (windows.orders > 0).astype(np.float64), windows.expected.any_order)


def _growth(lesson: Lesson, what: str, share: float) -> dict[str, int]:
    return {
        "n_trees": max(1, round(share * lesson.spec.trees)),
        "random_state": derive(lesson.seed, "stack", what),
        "n_jobs": lesson.spec.threads,
    }


def _dispersion(windows: _Windows) -> float:
    """Learn how bunched orders are around their expectation, from customers left out of it."""
    half = np.asarray(windows.rows.customer_id.dictionary_encode().indices) % 2 == 0
    expected = np.empty(half.size)
    for left_out in (half, ~half):
        model = RidgePoisson().fit(windows.logs[~left_out], windows.orders[~left_out], windows.log_days[~left_out])
        expected[left_out] = np.exp(model.predict_log(windows.logs[left_out]) + windows.log_days[left_out])
    return learn_dispersion(expected, (windows.orders > 0).astype(np.float64))


def _levelled(stack: Stack, now: Rows) -> Stack:
    """Draw the totals halfway to those of the processes, over everyone known at the origin."""
    said, expected = stack.predict(now), stack.guide.expect(now)
    money = 0.0
    if said.net_revenue is not None and expected.value is not None:
        money = _toward(said.net_revenue, expected.orders * expected.value)
    return replace(stack, orders_level=_toward(said.orders, expected.orders), money_level=money)


def _toward(said: FloatArray, expected: FloatArray) -> float:
    mine, theirs = float(np.nansum(said)), float(np.nansum(expected))
    return FOLLOW_PROCESS * float(np.log(theirs / mine)) if mine > 0 and theirs > 0 else 0.0
