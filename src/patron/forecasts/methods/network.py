"""A fitted network of dense layers: what goes in, how it is scaled, and the pass forward, in NumPy alone.

Whoever trained it (scikit-learn, torch) is not needed to ask it, and it is written as plain numbers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

FloatArray = NDArray[np.float64]
_FARTHEST = 5.0  # standard deviations; beyond, a network only extrapolates


@dataclass(frozen=True, slots=True)
class Scale:
    """How features enter a network: logarithms of size with the sign kept, gaps filled and marked, unit variance."""

    fill: FloatArray
    centre: FloatArray
    spread: FloatArray

    @classmethod
    def learn(cls, features: FloatArray) -> Self:
        """Learn medians, means and deviations of the columns; a column without any value stays 0."""
        logs = _signed_logs(features)
        there = np.isfinite(logs)
        count = np.maximum(there.sum(axis=0), 1)
        centre = np.where(there, logs, 0.0).sum(axis=0) / count
        spread = np.sqrt((np.where(there, logs - centre, 0.0) ** 2).sum(axis=0) / count)
        medians = [
            float(np.median(column[np.isfinite(column)])) if np.isfinite(column).any() else 0.0 for column in logs.T
        ]
        return cls(np.array(medians), centre, np.where(spread > 0, spread, 1.0))

    def __call__(self, features: FloatArray) -> FloatArray:
        """Return what the first layer sees, shape (n_customers, 2 · n_features): values, then marks of absence."""
        logs = _signed_logs(features)
        absent = np.isnan(logs)
        values = (np.where(absent, self.fill, logs) - self.centre) / self.spread
        return np.hstack([np.clip(values, -_FARTHEST, _FARTHEST), absent.astype(np.float64)])


@dataclass(frozen=True, slots=True)
class Network:
    """Dense layers with rectified units between them; `link` turns the last layer's first output into an answer."""

    scale: Scale
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    link: str  # "identity", "logistic" or "exponential"

    def outputs(self, features: FloatArray) -> FloatArray:
        """Return the last layer's outputs, shape (n_customers, n_outputs)."""
        layer = self.scale(features)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = np.maximum(layer @ weight + bias, 0.0)
        last: FloatArray = layer @ self.weights[-1] + self.biases[-1]
        return last

    def predict(self, features: FloatArray, num_threads: int | None = None) -> FloatArray:  # noqa: ARG002
        """Return the answers, shape (n_customers,)."""
        first = self.outputs(features)[:, 0]
        match self.link:
            case "logistic":
                return np.asarray(expit(first), dtype=np.float64)
            case "exponential":
                return np.exp(first)
            case _:
                return first

    def model_to_string(self) -> str:
        """Return every number as JSON, for `from_string`."""
        scale = {"fill": self.scale.fill, "centre": self.scale.centre, "spread": self.scale.spread}
        said: dict[str, Any] = {
            "scale": {name: array.tolist() for name, array in scale.items()},
            "weights": [weight.tolist() for weight in self.weights],
            "biases": [bias.tolist() for bias in self.biases],
            "link": self.link,
        }
        return json.dumps(said)

    @classmethod
    def from_string(cls, text: str) -> Self:
        """Return the network that `model_to_string` described."""
        said = json.loads(text)
        scale = Scale(**{name: np.array(numbers) for name, numbers in said["scale"].items()})
        weights = tuple(np.array(weight) for weight in said["weights"])
        return cls(scale, weights, tuple(np.array(bias) for bias in said["biases"]), str(said["link"]))


def _signed_logs(features: FloatArray) -> FloatArray:
    return np.sign(features) * np.log1p(np.abs(features))
