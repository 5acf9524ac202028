"""Credibility: a customer's own ratio drawn towards everybody's, by how much is known of it.

A ratio r (margin over revenue, say) seen over n orders is the customer's true one θ plus luck, and the true ones differ
between customers:

    r | θ ~ (θ, σ²/n),  θ ~ (μ, τ²)    so that    E[θ | r] = μ + n/(n + k) · (r − μ),  k = σ²/τ²

k is how many orders the crowd counts for. μ is the mean of the ratios weighted by amounts; τ² and σ² are the intercept
and the slope of (r − μ)² over 1/n among all customers, neither below zero: where customers differ by luck alone, τ² is
0 and everyone gets μ.

References:
    Bühlmann (1967), Experience rating and credibility, ASTIN Bulletin 4, 199-207 (the formula); Efron and Morris
    (1975), Data analysis using Stein's estimator and its generalizations, JASA 70, 311-319 (normal-normal, unequal
    variances).
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted

FloatArray = NDArray[np.float64]


class Credibility(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Expected ratios, from ratios so far.

    Args:
        doubt: how many orders the crowd counts for: 0 believes each customer wholly, infinity nobody; None learns it.

    Attributes:
        mean_, doubt_: μ and k.

    >>> model = Credibility(doubt=2.0).fit([[4, 0.5], [4, 0.3]])
    >>> model.mean_, model.predict([[0, 0.0], [2, 0.6]]).round(2).tolist()
    (0.4, [0.4, 0.5])
    """

    def __init__(self, *, doubt: float | None = None) -> None:
        self.doubt = doubt

    def fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:  # noqa: ARG002
        """Learn μ and k.

        Args:
            X: orders and ratio of each customer, shape (n_customers, 2); without an order the ratio is not looked at.
            y: not used.
            sample_weight: the amount behind each ratio; None: the orders.
        """
        if self.doubt is not None and not self.doubt >= 0:
            raise ValueError(f"Credibility: doubt is {self.doubt!r}; expected orders, 0 or more, or None to learn it.")
        orders, ratio = _split(X)
        weight = orders if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        check_consistent_length(orders, weight)
        known = (orders > 0) & (weight > 0)
        orders, ratio, weight = orders[known], ratio[known], weight[known]
        if not orders.size:
            raise ValueError("Credibility: no customer has an order and an amount: there is no ratio to learn from.")
        self.mean_ = float(np.average(ratio, weights=weight))
        self.doubt_ = _doubt(orders, ratio - self.mean_) if self.doubt is None else float(self.doubt)
        self.n_features_in_ = 2
        return self

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return the expected ratio of each customer's next order, shape (n_customers,)."""
        check_is_fitted(self, "mean_")
        orders, ratio = _split(X)
        known = orders > 0
        trust = np.where(known, 1.0 / (1.0 + self.doubt_ / np.where(known, orders, 1.0)), 0.0)
        expected: FloatArray = self.mean_ + trust * np.where(known, ratio - self.mean_, 0.0)
        return expected


def _doubt(orders: FloatArray, away: FloatArray) -> float:
    terms = np.column_stack([np.ones(orders.size), 1.0 / orders])
    (between, within), _ = nnls(terms, away**2)
    return float(within / between) if between > 0 else float("inf")


def _split(X: Any) -> tuple[FloatArray, FloatArray]:
    pairs = check_array(X, dtype=np.float64)
    if pairs.shape[1] != 2:
        raise ValueError(
            f"Credibility: X has {pairs.shape[1]} columns.\nExpected two: orders, and the ratio over them."
        )
    if (pairs[:, 0] < 0).any():
        row = int(np.argmax(pairs[:, 0] < 0))
        raise ValueError(
            f"Credibility: row {row} has {pairs[row, 0]:g} orders.\nExpected 0 or more in the first column."
        )
    return pairs[:, 0], pairs[:, 1]
