"""From the last basket to the next one: how often each category follows each other, drawn towards its usual share.

With N(j, c) the pairs of baskets in which j was in the first and c in the second, N(j) those in which j was in the
first, s(c) the share of second baskets that held c and m pairs of doubt:

    P(c | j) = (N(j, c) + m·s(c)) / (N(j) + m),   P(c | basket) = mean over j in it of P(c | j)

References:
    Rendle, Freudenthaler and Schmidt-Thieme (2010), Factorizing personalized Markov chains for next-basket
    recommendation, WWW: eq. 2, the Markov chain over sets, here smoothed instead of factorised.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_is_fitted

FloatArray = NDArray[np.float64]


class BasketTransitions(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Chances of what the next basket holds, from what the last one held.

    Args:
        doubt: how many pairs the usual shares count for.

    Attributes:
        chance_: P(c | j), shape (n_categories, n_categories).
        usual_: s(c).
        told_, pairs_: the numerators and denominators of `chance_`.

    >>> model = BasketTransitions(doubt=0.0).fit([[1, 0], [1, 0], [0, 1]], [[0, 1], [1, 1], [1, 0]])
    >>> model.chance_.tolist(), model.predict([[1, 0], [0, 0]]).round(2).tolist()
    ([[0.5, 1.0], [1.0, 0.0]], [[0.5, 1.0], [0.67, 0.67]])
    """

    def __init__(self, *, doubt: float = 20.0) -> None:
        self.doubt = doubt

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Count the pairs.

        Args:
            X: 1 where the last basket held the category, shape (n_pairs, n_categories).
            y: the same of the next basket.
        """
        last, after = _flags(X), _flags(y)
        if last.shape != after.shape:
            raise ValueError(f"BasketTransitions: X has shape {last.shape}, y {after.shape}; they must be alike.")
        self.usual_: FloatArray = after.mean(axis=0)
        self.told_ = last.T @ after + self.doubt * self.usual_
        self.pairs_ = last.sum(axis=0)[:, None] + self.doubt
        self.chance_: FloatArray = _shares(self.told_, self.pairs_, self.usual_)
        self.n_features_in_ = last.shape[1]
        return self

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return the chance of each category in the next basket, shape (n_customers, n_categories)."""
        check_is_fitted(self, "chance_")
        return self._mean(_flags(X), self.chance_)

    def predict_left_out(self, X: ArrayLike, y: ArrayLike) -> FloatArray:
        """Return what would be said of each learned pair had it not been learned from; X and y as in `fit`."""
        check_is_fitted(self, "chance_")
        last, after = _flags(X), _flags(y)
        others = self.pairs_ - 1.0
        without = self._mean(last, _shares(self.told_, others, self.usual_))
        own = np.divide(1.0, others[:, 0], out=np.zeros(others.shape[0]), where=others[:, 0] > 0)
        size = np.maximum(last.sum(axis=1), 1.0)
        said: FloatArray = np.clip(without - after * (last @ own / size)[:, None], 0.0, 1.0)
        return said

    def _mean(self, last: FloatArray, chance: FloatArray) -> FloatArray:
        size = last.sum(axis=1, keepdims=True)
        said: FloatArray = np.where(size > 0, last @ chance / np.maximum(size, 1.0), self.usual_)
        return said


def _shares(told: FloatArray, pairs: FloatArray, usual: FloatArray) -> FloatArray:
    shares: FloatArray = np.divide(told, pairs, out=np.tile(usual, (told.shape[0], 1)), where=pairs > 0)
    return shares


def _flags(X: ArrayLike) -> FloatArray:
    flags: FloatArray = check_array(X, dtype=np.float64)
    if ((flags != 0.0) & (flags != 1.0)).any():
        raise ValueError("BasketTransitions: a basket holds a category (1) or not (0); other values came.")
    return flags
