"""Calibrated chances: what was said compared with what happened, and said again so that the two agree.

    logit q = c + a · ln p − b · ln(1 − p),  a, b >= 0

maps a stated probability p to the calibrated q. a = b = 1, c = 0 leaves it as it is, c alone moves the base rate, a
and b pull the two ends apart or together; the map never turns a ranking round. The three numbers are those of greatest
likelihood, drawn towards the identity by a penalty that a few hundred outcomes outweigh.

References:
    Kull, Silva Filho and Flach (2017), Beta calibration: a well-founded and easily implemented improvement on
    logistic calibration for binary classifiers, AISTATS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted

FloatArray = NDArray[np.float64]
_SMALLEST = 1e-9
_IDENTITY = np.array([1.0, 1.0, 0.0])


class BetaCalibration(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Make stated probabilities agree with what happened.

    Args:
        penalty: how many nats it costs to move a, b or c by one: 0 follows the outcomes wholly.

    >>> import numpy as np
    >>> said = np.linspace(0.01, 0.99, 1000)
    >>> happened = (np.arange(1000) % 10 < 10 * said**2).astype(float)
    >>> model = BetaCalibration().fit(said, happened)
    >>> model.predict([0.2, 0.5, 0.8]).round(1).tolist()
    [0.1, 0.3, 0.7]
    """

    def __init__(self, *, penalty: float = 1.0) -> None:
        self.penalty = penalty

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn the map.

        Args:
            X: stated probabilities, shape (n_customers,), made without looking at `y`.
            y: 1 where it happened, else 0, shape (n_customers,).

        Returns:
            Itself, with `a_`, `b_` and `c_`.
        """
        said, happened = _vector(X), _vector(y)
        check_consistent_length(said, happened)
        if ((happened != 0.0) & (happened != 1.0)).any():
            raise ValueError("BetaCalibration: y holds other values than 0 and 1.\nExpected 1 where it happened.")
        terms = _terms(said)

        def loss(numbers: FloatArray) -> tuple[float, FloatArray]:
            log_odds = terms @ numbers
            away = numbers - _IDENTITY
            value = float(np.logaddexp(0.0, log_odds).sum() - log_odds @ happened + self.penalty / 2.0 * away @ away)
            return value, terms.T @ (expit(log_odds) - happened) + self.penalty * away

        bounds = ((0.0, None), (0.0, None), (None, None))
        found = minimize(loss, _IDENTITY, jac=True, method="L-BFGS-B", bounds=bounds)
        self.a_, self.b_, self.c_ = (float(number) for number in found.x)
        return self

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return the calibrated probability of each stated one, shape (n_customers,)."""
        check_is_fitted(self, "a_")
        calibrated: FloatArray = expit(_terms(_vector(X)) @ np.array([self.a_, self.b_, self.c_]))
        return calibrated

    def to_parts(self) -> dict[str, Any]:
        """Return the three numbers by name."""
        check_is_fitted(self, "a_")
        return {"a": self.a_, "b": self.b_, "c": self.c_}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the fitted estimator that `to_parts` described."""
        model = cls()
        model.a_, model.b_, model.c_ = float(parts["a"]), float(parts["b"]), float(parts["c"])
        return model


def _terms(said: FloatArray) -> FloatArray:
    inside = np.clip(said, _SMALLEST, 1.0 - _SMALLEST)
    return np.column_stack([np.log(inside), -np.log1p(-inside), np.ones(inside.size)])


def _vector(values: ArrayLike) -> FloatArray:
    array: FloatArray = check_array(values, ensure_2d=False, dtype=np.float64)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or ((array < 0.0) | (array > 1.0)).any():
        raise ValueError(
            f"BetaCalibration: X has shape {array.shape} and values from {array.min():g} to {array.max():g}.\n"
            "Expected one probability per customer, between 0 and 1."
        )
    return array
