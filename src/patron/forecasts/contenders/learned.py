"""The learned models as contenders: from past windows, helped by the purchase process, each of one shape.

To add one: an estimator in `methods` with `fit`, `predict`, `probability`, `to_parts` and `from_parts`, and one line in
`MODELS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, Self

import numpy as np

from patron.forecasts.contenders.contender import Contributions, Learn, LearnAgain, Lesson, Prediction, Target
from patron.forecasts.contenders.learning import demanded, side_by_side
from patron.forecasts.contenders.purchase_process import PurchaseProcess, learn_process
from patron.forecasts.methods import (
    DecisionTree,
    DirectGradientBoosting,
    HurdleGradientBoosting,
    MultilayerPerceptron,
    RandomForest,
    ZeroInflatedLognormal,
)
from patron.forecasts.methods.tree_parts import TreeParts
from patron.forecasts.rows import FloatArray, Rows
from patron.forecasts.spec import ForecastSpec
from patron.ground.errors import NotEnoughData
from patron.ground.seeds import derive

_HELPER = "mbg_nbd"
_HELP = ("purchase_process_orders", "purchase_process_active", "purchase_process_alive", "purchase_process_value")
_HELPED_BY = (
    1,
    1,
    0,
    1,
)  # orders, active, alive and money of the process: more of the first, second, fourth, more here


class Amounts(Protocol):
    """A fitted model of an amount that is zero for many customers."""

    def fit(self, X: FloatArray, y: FloatArray) -> Self:
        """Learn from features and amounts."""
        ...

    def predict(self, X: FloatArray) -> FloatArray:
        """Return the expected amounts."""
        ...

    def probability(self, X: FloatArray) -> FloatArray:
        """Return the probabilities of any amount."""
        ...

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as text and numbers."""
        ...


@dataclass(frozen=True, slots=True)
class _Task:
    """What one model is to learn, and with what."""

    what: str  # "orders" or "money"
    spec: ForecastSpec
    monotone: list[int]
    seed: int
    threads: int


def _tree(task: _Task) -> Amounts:
    return DecisionTree(monotone=task.monotone, random_state=task.seed, n_jobs=task.threads)


def _forest(task: _Task) -> Amounts:
    return RandomForest(n_trees=task.spec.trees, monotone=task.monotone, random_state=task.seed, n_jobs=task.threads)


def _hurdle(task: _Task) -> Amounts:
    return HurdleGradientBoosting(
        n_trees=task.spec.trees, monotone=task.monotone, random_state=task.seed, n_jobs=task.threads
    )


def _direct(task: _Task) -> Amounts:
    power = 1.1 if task.what == "orders" else 1.5
    return DirectGradientBoosting(
        variance_power=power,
        n_trees=task.spec.trees,
        monotone=task.monotone,
        random_state=task.seed,
        n_jobs=task.threads,
    )


def _perceptron(task: _Task) -> Amounts:
    return MultilayerPerceptron(random_state=task.seed)


def _ziln(task: _Task) -> Amounts:
    return ZeroInflatedLognormal(random_state=task.seed, n_jobs=task.threads)


@dataclass(frozen=True, slots=True)
class _Model:
    make: Callable[[_Task], Amounts]
    restore: Callable[[Mapping[str, Any]], Amounts]


MODELS: Mapping[str, _Model] = {
    "decision_tree": _Model(_tree, DecisionTree.from_parts),
    "random_forest": _Model(_forest, RandomForest.from_parts),
    "hurdle": _Model(_hurdle, HurdleGradientBoosting.from_parts),
    "direct_boosting": _Model(_direct, DirectGradientBoosting.from_parts),
    "multilayer_perceptron": _Model(_perceptron, MultilayerPerceptron.from_parts),
    "zero_inflated_lognormal": _Model(_ziln, ZeroInflatedLognormal.from_parts),
}

SEEDED = ("random_forest", "hurdle", "direct_boosting")


@dataclass(frozen=True, slots=True)
class Learned:
    """Two fitted models, for orders and for money, and the purchase process whose outputs they read."""

    kind: str
    names: tuple[str, ...]
    process: PurchaseProcess | None
    orders: Amounts
    money: Amounts | None

    def predict(self, rows: Rows) -> Prediction:
        """Predict orders, money and activity of each row's horizon."""
        features = _inputs(rows, self.names, self.process)
        money = None if self.money is None else self.money.predict(features)
        return Prediction(money, self.orders.predict(features), self.orders.probability(features))

    def predict_one(self, rows: Rows, target: Target) -> FloatArray | None:
        """Predict one target of each row's horizon."""
        features = _inputs(rows, self.names, self.process)
        if target == "net_revenue":
            return None if self.money is None else self.money.predict(features)
        return self.orders.predict(features) if target == "orders" else self.orders.probability(features)

    def contributions(self, rows: Rows, target: Target) -> Contributions | None:
        """Return what each feature and each answer of the purchase process adds; None for networks."""
        amounts = self.money if target == "net_revenue" else self.orders
        if not isinstance(amounts, TreeParts):
            return None
        features = _inputs(rows, self.names, self.process)
        said = amounts.log_probability_contributions if target == "active" else amounts.log_contributions
        parts = said(features)
        names = self.names if self.process is None else (*self.names, *_HELP)
        return Contributions(names, parts.values, parts.base, features)

    def reads(self, target: Target) -> tuple[str, ...]:  # noqa: ARG002
        """Return the features, and what the purchase process reads of them."""
        own = () if self.process is None else self.process.reads("net_revenue")
        return tuple(dict.fromkeys((*self.names, *own)))

    def to_parts(self) -> dict[str, Any]:
        """Return feature names, purchase process and fitted models."""
        return {
            "kind": self.kind,
            "names": list(self.names),
            "process": None if self.process is None else self.process.to_parts(),
            "orders": self.orders.to_parts(),
            "money": None if self.money is None else self.money.to_parts(),
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the contender that `to_parts` described."""
        restore = MODELS[parts["kind"]].restore
        return cls(
            str(parts["kind"]),
            tuple(parts["names"]),
            None if parts["process"] is None else PurchaseProcess.from_parts(parts["process"]),
            restore(parts["orders"]),
            None if parts["money"] is None else restore(parts["money"]),
        )


def learner(kind: str) -> Learn:
    """Return the function that learns one kind of model."""

    def learn(lesson: Lesson) -> Learned:
        return learn_from_windows(kind, lesson)

    return learn


def learn_from_windows(kind: str, lesson: Lesson) -> Learned:
    """Learn from every completed window before the origin.

    Raises:
        NotEnoughData: no completed window, or too few customers or buyers in them.
        ExtraMissing: the model needs a part of Patron that is not installed.
    """
    taught = _taught(kind, lesson)
    fitted = _fitted(kind, taught, taught.outcomes, lesson)
    return Learned(kind, taught.names, taught.process, fitted["orders"], fitted.get("money"))


def again_learner(kind: str) -> LearnAgain:
    """Return the function that learns one kind of model and, of one target, the same again under other seeds."""

    def learn(lesson: Lesson, target: Target, seeds: Sequence[int]) -> tuple[Learned, ...]:
        taught = _taught(kind, lesson)
        what = "money" if target == "net_revenue" else "orders"
        first = _fitted(kind, taught, taught.outcomes, lesson)
        again = [_fitted(kind, taught, {what: taught.outcomes[what]}, replace(lesson, seed=seed)) for seed in seeds]
        return tuple(
            Learned(kind, taught.names, taught.process, fitted["orders"], fitted.get("money"))
            for fitted in (first, *(first | other for other in again))
        )

    return learn


@dataclass(frozen=True, slots=True)
class _Taught:
    """What past windows tell: features with the process's answers, outcomes by name, and who helps today."""

    names: tuple[str, ...]
    features: FloatArray
    monotone: list[int]
    outcomes: dict[str, FloatArray]
    process: PurchaseProcess | None


def _taught(kind: str, lesson: Lesson) -> _Taught:
    past = demanded(kind, lesson.past, lesson, f"{lesson.horizon_days}-day windows")
    names = past.varying()
    processes = {origin: _process(past.where(past.as_of == origin), lesson) for origin in past.origins}
    now = _process(lesson.now, lesson)
    helped = now is not None and all(process is not None for process in processes.values())
    features = np.empty((len(past), len(names) + (len(_HELPED_BY) if helped else 0)))
    for origin, process in processes.items():
        there = past.as_of == origin
        features[there] = _inputs(past.where(there), names, process if helped else None)
    monotone = [0] * len(names) + (list(_HELPED_BY) if helped else [])
    told = {"orders": past.future_orders, "money": past.future_revenue if past.has_money else None}
    outcomes = {what: values for what, values in told.items() if values is not None}
    return _Taught(names, features, monotone, outcomes, now if helped else None)


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


def _fitted(kind: str, taught: _Taught, outcomes: Mapping[str, FloatArray], lesson: Lesson) -> dict[str, Amounts]:
    """Fit one model per outcome."""

    def fit(what: str, threads: int) -> Amounts:
        known = np.isfinite(outcomes[what])
        task = _Task(what, lesson.spec, taught.monotone, derive(lesson.seed, kind, what), threads)
        return MODELS[kind].make(task).fit(taught.features[known], outcomes[what][known])

    tasks = {what: partial(fit, what) for what in outcomes}
    return side_by_side(tasks, lesson.spec.threads, taught.features.shape[0])
