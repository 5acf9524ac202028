"""How the stack learns: every window that is over, whatever its length, becomes rows of one lesson."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from patron.forecasts.contenders.contender import Lesson, Target
from patron.forecasts.contenders.learning import demanded, side_by_side
from patron.forecasts.contenders.stack import Rates, Stack
from patron.forecasts.contenders.stack_inputs import Expected, learn_guide, linear_features
from patron.forecasts.methods.offset_boosting import Family, OffsetBoosting
from patron.forecasts.methods.overdispersion import learn_dispersion
from patron.forecasts.methods.ridge_poisson import RidgePoisson
from patron.forecasts.rows import BoolArray, FloatArray, Rows
from patron.ground.seeds import derive

FOLLOW_PROCESS = 0.5
_READ: Mapping[Target, tuple[str, ...]] = {
    "net_revenue": ("orders", "money", "value"),
    "orders": ("orders",),
    "active": ("orders", "event"),
}
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
    def worth(self) -> FloatArray:
        """What came in money; zero where the shop has none."""
        return np.zeros(self.orders.size) if self.money is None else self.money

    @property
    def value(self) -> FloatArray:
        """What Gamma-Gamma expected an order to be worth; NaN where it could not say."""
        return np.full(self.orders.size, np.nan) if self.expected.value is None else self.expected.value

    @property
    def priced(self) -> BoolArray:
        """Which rows tell what an order was worth beside what was expected."""
        return (self.orders > 0) & (self.worth > 0) & np.isfinite(self.value)

    @property
    def log_days(self) -> FloatArray:
        return np.log(self.rows.window_days)


@dataclass(frozen=True, slots=True)
class _Growth:
    """How an ensemble grows."""

    n_trees: int
    seed: int
    threads: int

    def of(self, family: Family, share: float = 1.0) -> OffsetBoosting:
        n_trees = max(1, round(share * self.n_trees))
        return OffsetBoosting(family, n_trees=n_trees, random_state=self.seed, n_jobs=self.threads)


_Grow = Callable[[_Windows, _Growth], OffsetBoosting]


def learn_stack(lesson: Lesson) -> Stack:
    """Learn from every window that ended on or before the origin.

    Raises:
        NotEnoughData: too few customers or buyers in such windows, or too few who came back.
    """
    return learn_stack_again(lesson, "orders", ())[0]


def learn_stack_again(lesson: Lesson, target: Target, seeds: Sequence[int]) -> tuple[Stack, ...]:
    """Learn the stack and, of what one target reads of its trees, the same again under other seeds.

    Raises:
        NotEnoughData: as `learn_stack`.
    """
    told = demanded("stack", lesson.windows, lesson, "windows of any length")
    names = told.varying()
    with_money = told.has_money and lesson.now.has_money and told.future_revenue is not None
    windows = _read(told, names, lesson, with_money=with_money)
    guide = learn_guide(lesson.now, lesson.horizon_days, lesson.spec.least_buyers)
    asked = _asked(windows, lesson, priced=guide.processes[0].spending is not None)
    grown = _grown(windows, asked, lesson)
    stack = Stack(
        lesson.horizon_days,
        names,
        guide,
        Rates(grown["orders"], _regressed(windows, windows.orders)),
        None if windows.money is None else Rates(grown["money"], _regressed(windows, windows.money)),
        grown.get("value"),
        grown["event"],
        _dispersion(windows),
    )
    first = _levelled(stack, lesson.sample)
    read = {what: grow for what, grow in asked.items() if what in _READ[target]}
    return first, *(_regrown(first, _grown(windows, read, replace(lesson, seed=seed))) for seed in seeds)


def _asked(windows: _Windows, lesson: Lesson, *, priced: bool) -> dict[str, _Grow]:
    """Return the ensembles for everything that the shop can teach."""
    enough = priced and int(windows.priced.sum()) >= lesson.spec.least_buyers
    asked: dict[str, _Grow] = {"orders": _grow_orders, "event": _grow_event}
    asked |= {"money": _grow_money} if windows.money is not None else {}
    return asked | ({"value": _grow_value} if enough else {})


def _grown(windows: _Windows, asked: Mapping[str, _Grow], lesson: Lesson) -> dict[str, OffsetBoosting]:
    """Grow the ensembles side by side."""

    def grow(what: str, threads: int) -> OffsetBoosting:
        growth = _Growth(lesson.spec.trees, derive(lesson.seed, "stack", what), threads)
        grown = asked[what](windows, growth)
        grown.n_jobs = lesson.spec.threads  # growing on few rows, threads wait; predicting, each has rows of its own
        return grown

    return side_by_side({what: partial(grow, what) for what in asked}, lesson.spec.threads, windows.orders.size)


def _regrown(stack: Stack, grown: Mapping[str, OffsetBoosting]) -> Stack:
    """Put other trees in the places of a stack's own; its regressions, processes and levels stay."""
    money = None if stack.money is None else Rates(grown.get("money", stack.money.trees), stack.money.linear)
    orders = Rates(grown["orders"], stack.orders.linear)
    return replace(stack, orders=orders, money=money, value=grown.get("value", stack.value))


def _grow_orders(windows: _Windows, growth: _Growth) -> OffsetBoosting:
    return growth.of("poisson").fit(windows.features, windows.orders, offset=windows.log_days)


def _grow_money(windows: _Windows, growth: _Growth) -> OffsetBoosting:
    return growth.of("poisson").fit(windows.features, windows.worth, offset=windows.log_days)


def _grow_event(windows: _Windows, growth: _Growth) -> OffsetBoosting:
    happened = (windows.orders > 0).astype(np.float64)
    return growth.of("event", _MENDING_TREES).fit(windows.features, happened, windows.expected.any_order)


def _grow_value(windows: _Windows, growth: _Growth) -> OffsetBoosting:
    """Learn what Gamma-Gamma misses of an order's value, from those who ordered."""
    bought = windows.priced
    orders, known = windows.orders[bought], np.log(windows.value[bought])
    model = growth.of("gamma", _MENDING_TREES)
    return model.fit(windows.features[bought], windows.worth[bought] / orders, known, np.sqrt(orders))


def _regressed(windows: _Windows, came: FloatArray) -> RidgePoisson:
    return RidgePoisson().fit(windows.logs, came, offset=windows.log_days)


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
