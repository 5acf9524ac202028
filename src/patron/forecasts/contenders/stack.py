"""The stack: boosting and regression of a rate per day, guided by the purchase processes.

Windows of any length that are over teach it a rate per day, so that it learns on shops whose history holds no
completed window of the whole horizon. Orders are the geometric mean of a boosted and a regressed rate. Money is that of
the two same kinds of rate of money, and of orders times what an order is worth, as Gamma-Gamma says it and as boosting
mends it.
The chance of any order comes from the orders, through a negative binomial, and from boosting that starts at the
processes' own chance. Rates do not know that customers leave, processes exaggerate it on young shops: the total is
drawn halfway, in logs, to that of the processes. docs/why/champions.md has what this was chosen by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from patron.forecasts.contenders.contender import Contributions, Prediction, Target
from patron.forecasts.contenders.stack_inputs import Expected, Guide, linear_features, linear_names
from patron.forecasts.methods.offset_boosting import OffsetBoosting
from patron.forecasts.methods.overdispersion import chance_of_any
from patron.forecasts.methods.ridge_poisson import RidgePoisson
from patron.forecasts.rows import HISTORY, MONEY, FloatArray, Rows

ORDERS_WEIGHT = 2 / 3  # of the chance that follows from the orders; the rest is that of boosting
VALUE = "btyd_monetary_mean"  # what Gamma-Gamma reads of an order's value


@dataclass(frozen=True, slots=True)
class Rates:
    """A rate per day learned twice: by trees and by a regression."""

    trees: OffsetBoosting
    linear: RidgePoisson

    def log(self, features: FloatArray, logs: FloatArray) -> FloatArray:
        """Return the mean of the two log rates."""
        mean: FloatArray = (self.trees.predict_log(features) + self.linear.predict_log(logs)) / 2.0
        return mean

    def to_parts(self) -> dict[str, Any]:
        """Return both."""
        return {"trees": self.trees.to_parts(), "linear": self.linear.to_parts()}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the rates that `to_parts` described."""
        return cls(OffsetBoosting.from_parts(parts["trees"]), RidgePoisson.from_parts(parts["linear"]))


@dataclass(frozen=True, slots=True)
class Stack:
    """Everything learned, and the factors that draw its totals to those of the processes (in logs)."""

    horizon_days: int
    names: tuple[str, ...]
    guide: Guide
    orders: Rates
    money: Rates | None
    value: OffsetBoosting | None
    event: OffsetBoosting
    dispersion: float
    orders_level: float = 0.0
    money_level: float = 0.0

    def predict(self, rows: Rows) -> Prediction:
        """Predict orders, money and activity of each row's horizon."""
        expected = self.guide.expect(rows)
        features, logs = self.inputs(rows)
        log_orders = self.orders.log(features, logs) + np.log(self.horizon_days)
        orders = np.exp(log_orders + self.orders_level)
        money = self._money(features, logs, log_orders, expected.value)
        return Prediction(money, orders, self._active(features, orders, expected))

    def predict_one(self, rows: Rows, target: Target) -> FloatArray | None:
        """Predict one target of each row's horizon; the processes are asked for no more than it needs."""
        if target == "active":
            return self.predict(rows).active
        features, logs = self.inputs(rows)
        log_orders = self.orders.log(features, logs) + np.log(self.horizon_days)
        if target == "net_revenue":
            return self._money(features, logs, log_orders, self.guide.value(rows))
        orders: FloatArray = np.exp(log_orders + self.orders_level)
        return orders

    def inputs(self, rows: Rows) -> tuple[FloatArray, FloatArray]:
        """Return what the trees read and what the regressions read."""
        return rows.columns(self.names), linear_features(rows, money=self.money is not None)

    def _money(
        self, features: FloatArray, logs: FloatArray, log_orders: FloatArray, value: FloatArray | None
    ) -> FloatArray | None:
        if self.money is None:
            return None
        rated = self.money.log(features, logs) + np.log(self.horizon_days)
        if self.value is None or value is None:
            alone: FloatArray = np.exp(rated + self.money_level)
            return alone
        priced = log_orders + np.log(value) + self.value.predict_log(features) / 2.0
        both: FloatArray = np.exp((rated + priced) / 2.0 + self.money_level)
        return both

    def _active(self, features: FloatArray, orders: FloatArray, expected: Expected) -> FloatArray:
        by_orders = np.log(-np.log1p(-np.clip(chance_of_any(orders, self.dispersion), 1e-9, 1.0 - 1e-9)))
        by_events = expected.any_order + self.event.predict_log(features)
        chance: FloatArray = -np.expm1(-np.exp(ORDERS_WEIGHT * by_orders + (1.0 - ORDERS_WEIGHT) * by_events))
        return chance

    def contributions(self, rows: Rows, target: Target) -> Contributions | None:
        """Return what each feature adds to the log of expected orders or money, exactly; None for the chance."""
        if target == "active" or (target == "net_revenue" and self.money is None):
            return None
        features, logs = self.inputs(rows)
        parts = _Added(self.names, linear_names(money=self.money is not None))
        priced = self.value is not None and target == "net_revenue"
        parts.add_rates(self.orders, features, logs, 0.5 if priced else float(target == "orders"))
        base = np.log(self.horizon_days) + (self.orders_level if target == "orders" else self.money_level)
        if target == "net_revenue" and self.money is not None:
            parts.add_rates(self.money, features, logs, 0.5 if priced else 1.0)
        if priced and self.value is not None:
            parts.add(self.names, *self.value.contributions(features), 0.25)
            worth, usual = self._worth(rows)
            parts.add((VALUE,), (worth - usual)[:, None], usual, 0.5)
        return parts.total(rows, float(base))

    def reads(self, target: Target) -> tuple[str, ...]:
        """Return the features of the trees, of the regressions and of the processes."""
        with_money = self.money is not None and target == "net_revenue"
        money = (MONEY, VALUE) if with_money else ()
        return tuple(dict.fromkeys((*self.names, *HISTORY, *linear_names(money=self.money is not None), *money)))

    def _worth(self, rows: Rows) -> tuple[FloatArray, float]:
        """Return the logs of what an order of each customer is worth by Gamma-Gamma, and of what one usually is."""
        process = self.guide.processes[0]
        value = process.expected_value(rows)
        if value is None or process.spending is None:
            return np.zeros(len(rows)), 0.0
        return np.log(value), float(np.log(process.spending.mean_value_))

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as text and numbers."""
        return {
            "horizon_days": self.horizon_days,
            "names": list(self.names),
            "guide": self.guide.to_parts(),
            "orders": self.orders.to_parts(),
            "money": None if self.money is None else self.money.to_parts(),
            "value": None if self.value is None else self.value.to_parts(),
            "event": self.event.to_parts(),
            "dispersion": self.dispersion,
            "orders_level": self.orders_level,
            "money_level": self.money_level,
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the contender that `to_parts` described."""
        return cls(
            int(parts["horizon_days"]),
            tuple(parts["names"]),
            Guide.from_parts(parts["guide"]),
            Rates.from_parts(parts["orders"]),
            None if parts["money"] is None else Rates.from_parts(parts["money"]),
            None if parts["value"] is None else OffsetBoosting.from_parts(parts["value"]),
            OffsetBoosting.from_parts(parts["event"]),
            float(parts["dispersion"]),
            float(parts["orders_level"]),
            float(parts["money_level"]),
        )


class _Added:
    """Sums what several members add, feature by feature."""

    def __init__(self, names: tuple[str, ...], logs: tuple[str, ...]) -> None:
        self._trees, self._logs = names, logs
        self._sums: dict[str, FloatArray] = {}
        self._base = 0.0

    def add_rates(self, rates: Rates, features: FloatArray, logs: FloatArray, weight: float) -> None:
        if weight:
            self.add(self._trees, *rates.trees.contributions(features), weight / 2.0)
            self.add(self._logs, *rates.linear.contributions(logs), weight / 2.0)

    def add(self, names: tuple[str, ...], values: FloatArray, base: float, weight: float) -> None:
        self._base += weight * base
        for j, name in enumerate(names):
            part = weight * values[:, j]
            self._sums[name] = self._sums[name] + part if name in self._sums else part

    def total(self, rows: Rows, base: float) -> Contributions:
        names = tuple(self._sums)
        values = np.column_stack([self._sums[name] for name in names])
        return Contributions(names, values, self._base + base, np.column_stack([rows.column(name) for name in names]))
