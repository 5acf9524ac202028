"""The gradient-boosted hurdle as a contender: learned from past windows, helped by the purchase process."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from patron.forecasts.contenders.contender import Lesson, Prediction
from patron.forecasts.contenders.purchase_process import PurchaseProcess, learn_process
from patron.forecasts.methods.hurdle import HurdleGradientBoosting
from patron.forecasts.rows import FloatArray, Rows
from patron.ground.errors import NotEnoughData
from patron.ground.seeds import derive

_HELPER = "mbg_nbd"


@dataclass(frozen=True, slots=True)
class BoostedHurdle:
    """Two fitted hurdles, for orders and for money, and the purchase process whose outputs they read."""

    names: tuple[str, ...]
    process: PurchaseProcess | None
    orders: HurdleGradientBoosting
    money: HurdleGradientBoosting | None

    def predict(self, rows: Rows) -> Prediction:
        """Predict orders, money and activity of each row's horizon."""
        features = _inputs(rows, self.names, self.process)
        money = None if self.money is None else self.money.predict(features)
        return Prediction(money, self.orders.predict(features), self.orders.probability(features))

    def to_parts(self) -> dict[str, Any]:
        """Return feature names, purchase process and boosted trees."""
        return {
            "names": list(self.names),
            "process": None if self.process is None else self.process.to_parts(),
            "orders": self.orders.to_parts(),
            "money": None if self.money is None else self.money.to_parts(),
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the contender that `to_parts` described."""
        return cls(
            tuple(parts["names"]),
            None if parts["process"] is None else PurchaseProcess.from_parts(parts["process"]),
            HurdleGradientBoosting.from_parts(parts["orders"]),
            None if parts["money"] is None else HurdleGradientBoosting.from_parts(parts["money"]),
        )


def learn_hurdle(lesson: Lesson) -> BoostedHurdle:
    """Learn from every completed window before the origin.

    Raises:
        NotEnoughData: no completed window, or too few customers or buyers in them.
    """
    past, spec = lesson.past, lesson.spec
    if past is None or past.future_orders is None or len(past) < spec.least_customers:
        raise NotEnoughData(
            f"hurdle needs {spec.least_customers} customers in {lesson.horizon_days}-day windows that ended by "
            f"{lesson.now.as_of.max()}, and has {0 if past is None else len(past)}.\n"
            "Next: wait, or choose a shorter horizon.",
            "few_windows",
            needed=spec.least_customers,
            days=lesson.horizon_days,
            found=0 if past is None else len(past),
        )
    buyers = int((past.future_orders > 0).sum())
    if buyers < spec.least_buyers:
        raise NotEnoughData(
            f"hurdle needs {spec.least_buyers} customers who bought in past windows, and {buyers} did.",
            "few_buyers",
            needed=spec.least_buyers,
            found=buyers,
        )
    names = _varying(past)
    processes = {origin: _process(past.where(past.as_of == origin), lesson) for origin in past.origins}
    now = _process(lesson.now, lesson)
    helped = now is not None and all(process is not None for process in processes.values())
    features = np.empty((len(past), len(names) + (_N_HELPERS if helped else 0)))
    for origin, process in processes.items():
        there = past.as_of == origin
        features[there] = _inputs(past.where(there), names, process if helped else None)
    outcomes = {"orders": past.future_orders}
    if past.future_revenue is not None and past.has_money:
        outcomes["money"] = past.future_revenue
    fitted = _boost(features, outcomes, lesson)
    return BoostedHurdle(names, now if helped else None, fitted["orders"], fitted.get("money"))


_N_HELPERS = 4
_THREADS_PAY_ROWS = 50_000  # below it, threads wait for one another longer than they work


def _inputs(rows: Rows, names: tuple[str, ...], process: PurchaseProcess | None) -> FloatArray:
    features = rows.columns(names)
    if process is None:
        return features
    said = process.predict(rows)
    money = said.net_revenue if said.net_revenue is not None else np.full(len(rows), np.nan)
    return np.column_stack([features, said.orders, said.active, process.probability_alive(rows), money])


def _process(rows: Rows, lesson: Lesson) -> PurchaseProcess | None:
    try:
        return learn_process(_HELPER, rows, lesson.horizon_days, lesson.spec.least_buyers)
    except NotEnoughData:
        return None


def _boost(
    features: FloatArray, outcomes: Mapping[str, FloatArray], lesson: Lesson
) -> dict[str, HurdleGradientBoosting]:
    """Fit one hurdle per outcome side by side: threads of one fit wait for one another, those of two do not."""
    at_once = min(lesson.spec.threads, len(outcomes))
    each = lesson.spec.threads // at_once if features.shape[0] >= _THREADS_PAY_ROWS else 1

    def fit(what: str) -> HurdleGradientBoosting:
        known = np.isfinite(outcomes[what])
        model = HurdleGradientBoosting(
            n_trees=lesson.spec.trees, random_state=derive(lesson.seed, "hurdle", what), n_jobs=each
        )
        return model.fit(features[known], outcomes[what][known])

    with ThreadPoolExecutor(at_once) as pool:
        return dict(zip(outcomes, pool.map(fit, outcomes), strict=True))


def _varying(rows: Rows) -> tuple[str, ...]:
    low = np.nanmin(np.where(np.isnan(rows.features), np.inf, rows.features), axis=0)
    high = np.nanmax(np.where(np.isnan(rows.features), -np.inf, rows.features), axis=0)
    return tuple(name for name, lo, hi in zip(rows.names, low, high, strict=True) if hi > lo)
