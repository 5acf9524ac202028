"""Shares of trials as a beta-binomial mixture: what somebody did in few trials, drawn towards what everybody does.

Customer i did a thing on x of n occasions. Their own chance is drawn from Beta(m·μ, m·(1 − μ)) and x from
Binomial(n, chance), so that what is expected of them next is

    (x + m·μ) / (n + m)

μ is the mean of the share over occasions, and m, how many occasions the crowd counts for, comes from how much more
shares differ than luck explains: with w = Σ n, S = Σ n (x/n − μ)² over N customers,

    ρ = (S − μ(1 − μ)(N − 1)) / (μ(1 − μ)(w − Σ n²/w − (N − 1))),  m = 1/ρ − 1

Every column is a thing of its own: an order may hold several categories.

References:
    Kleinman (1973), Proportions with extraneous variance: single and independent samples, JASA 68, 46-54 (the moments
    with weights n); Skellam (1948), A probability distribution derived from the binomial, JRSS B 10, 257-261.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_is_fitted

FloatArray = NDArray[np.float64]
_LEAST_CORRELATION, _MOST_CORRELATION = 1e-3, 0.9  # the crowd counts for 999 occasions at most, for a ninth at least


class BetaBinomialShares(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Expected shares of the next occasion, from occasions so far.

    Args:
        strength: how many occasions the crowd counts for; None learns it, a column at a time.

    Attributes:
        mean_, strength_: μ and m of each column.

    >>> model = BetaBinomialShares(strength=2.0).fit([[3, 3], [1, 0], [4, 1]])
    >>> model.mean_.round(3).tolist(), model.predict([[0, 0], [3, 3]]).round(3).tolist()
    ([0.5], [[0.5], [0.8]])
    """

    def __init__(self, *, strength: float | None = None) -> None:
        self.strength = strength

    def fit(self, X: ArrayLike, y: object = None) -> Self:  # noqa: ARG002
        """Learn μ and m.

        Args:
            X: shape (n_customers, 1 + n_things): the occasions, then on how many of them each thing was done; fractions
                are allowed, for occasions that weigh less.
            y: not used.
        """
        if self.strength is not None and not self.strength > 0:
            raise ValueError(
                f"BetaBinomialShares: strength is {self.strength!r}; expected more than 0 occasions, or None to learn."
            )
        trials, done = _split(check_array(X, dtype=np.float64))
        known = trials > 0
        trials, done = trials[known], done[known]
        total = float(trials.sum())
        self.mean_: FloatArray = (done.sum(axis=0) + 0.5) / (total + 1.0)
        learned = self.strength is None and trials.size > 1
        self.strength_: FloatArray = (
            _strength(trials, done, self.mean_)
            if learned
            else np.full(self.mean_.size, 1.0 if self.strength is None else self.strength)
        )
        self.n_features_in_ = done.shape[1] + 1
        return self

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return the chance of each thing on the next occasion, shape (n_customers, n_things)."""
        check_is_fitted(self, "mean_")
        trials, done = _split(check_array(X, dtype=np.float64))
        if done.shape[1] != self.mean_.size:
            raise ValueError(f"X has {done.shape[1]} things, but {self.mean_.size} were learned.")
        chance: FloatArray = (done + self.strength_ * self.mean_) / (trials[:, None] + self.strength_)
        return chance


def _strength(trials: FloatArray, done: FloatArray, mean: FloatArray) -> FloatArray:
    total, pairs = float(trials.sum()), trials.size - 1
    luck = mean * (1.0 - mean)
    spread = (trials[:, None] * (done / trials[:, None] - mean) ** 2).sum(axis=0)
    room = total - float((trials**2).sum()) / total - pairs
    correlation = (spread - luck * pairs) / np.maximum(luck * room, np.finfo(float).tiny)
    strength: FloatArray = 1.0 / np.clip(correlation, _LEAST_CORRELATION, _MOST_CORRELATION) - 1.0
    return strength


def _split(X: Any) -> tuple[FloatArray, FloatArray]:
    if X.shape[1] < 2 or (X < 0).any() or (X[:, 1:] > X[:, :1] + 1e-9).any():
        raise ValueError(
            f"BetaBinomialShares: X has shape {X.shape} and values from {X.min():g} to {X.max():g}.\n"
            "Expected the occasions of each customer first, then one column a thing: how many of them it was done on."
        )
    return X[:, 0], X[:, 1:]
