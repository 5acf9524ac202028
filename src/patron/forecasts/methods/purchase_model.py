"""What every model of a purchase process shares: non-negative histories in, a likelihood to be scored by."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, DensityMixin

from patron.forecasts.methods.maximum_likelihood import MaximumLikelihood

FloatArray = NDArray[np.float64]


class PurchaseModel(MaximumLikelihood, DensityMixin, BaseEstimator, ABC):  # type: ignore[misc]  # scikit-learn is untyped
    """A scikit-learn estimator of how often customers buy while they stay, and when they leave unnoticed."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags

    @abstractmethod
    def log_likelihood(self, X: Any) -> FloatArray:
        """Return the logarithm of the likelihood of each customer's history, shape (n_customers,)."""

    def score(self, X: Any, y: object = None) -> float:  # noqa: ARG002
        """Return the mean log-likelihood per customer."""
        return float(self.log_likelihood(X).mean())

    def _parameters(self) -> FloatArray:
        return np.array([self.params_[name] for name in self._names])
