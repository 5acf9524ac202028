"""What every competing forecast looks like: learned from rows, it predicts three things about rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np

from patron.forecasts.rows import BoolArray, FloatArray, Rows
from patron.forecasts.spec import ForecastSpec

Target = Literal["net_revenue", "orders", "active", "churn", "next_order"]
TARGETS: tuple[Target, ...] = ("net_revenue", "orders", "active")  # that every contender speaks of


@dataclass(frozen=True, slots=True)
class Prediction:
    """Three numbers per row: expected net revenue, expected orders, probability of at least one order."""

    net_revenue: FloatArray | None
    orders: FloatArray
    active: FloatArray

    def of(self, target: Target) -> FloatArray | None:
        """Return the prediction of one target; None when the model cannot say (no money in the data)."""
        if target == "churn":
            return 1.0 - self.active
        return {"net_revenue": self.net_revenue, "orders": self.orders, "active": self.active}.get(target)

    def where(self, chosen: BoolArray) -> Prediction:
        """Return the prediction of the chosen rows."""
        money = None if self.net_revenue is None else self.net_revenue[chosen]
        return Prediction(money, self.orders[chosen], self.active[chosen])


@dataclass(frozen=True, slots=True)
class Contributions:
    """What each feature adds to the log of a prediction: log prediction = base + the sum over features, row by row.

    `inputs` are the values of the features, where the names are not all columns of the rows.
    """

    names: tuple[str, ...]
    values: FloatArray  # shape (n_rows, len(names))
    base: float
    inputs: FloatArray | None = None


class Contender(Protocol):
    """A fitted forecast: everything `predict` needs, and nothing that could relearn."""

    def predict(self, rows: Rows) -> Prediction:
        """Predict each row's window of the horizon the contender was learned for."""
        ...

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as JSON-ready numbers and text."""
        ...


@runtime_checkable
class Additive(Protocol):
    """A contender that can say what each feature adds to the log of its prediction."""

    def contributions(self, rows: Rows, target: Target) -> Contributions | None:
        """Return the contributions to the prediction of one target; None where this one's parts do not add up."""
        ...


@runtime_checkable
class Single(Protocol):
    """A contender that can predict one target without the cost of the others."""

    def predict_one(self, rows: Rows, target: Target) -> FloatArray | None:
        """Return what `predict` says of one target; None when it cannot say."""
        ...


@runtime_checkable
class Selective(Protocol):
    """A contender that can say which features it reads."""

    def reads(self, target: Target) -> tuple[str, ...]:
        """Return the names of the features that the prediction of one target depends on."""
        ...


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a contender may learn from at an origin.

    `past` holds rows whose outcome windows of the whole horizon ended on or before the origin, `windows` rows of
    windows of any length that did; `now` the rows of the origin itself, whose features are known and whose outcomes
    are not to be looked at. `sample` is `now` with every feature, or a sample of it spread evenly over purchase counts:
    `now` itself may hold histories alone.
    """

    past: Rows | None
    windows: Rows | None
    now: Rows
    sample: Rows
    horizon_days: int
    spec: ForecastSpec
    seed: int


Learn = Callable[[Lesson], Contender]
LearnAgain = Callable[[Lesson, Target, Sequence[int]], tuple[Contender, ...]]
Restore = Callable[[Mapping[str, Any]], Contender]


def chance_of_any(expected: FloatArray) -> FloatArray:
    """Return 1 − e^−λ: the chance of at least one order when λ are expected and nothing else is known."""
    chance: FloatArray = -np.expm1(-np.maximum(expected, 0.0))
    return chance
