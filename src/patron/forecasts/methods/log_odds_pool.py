"""Several opinions on a chance made one: a weighted sum of their log-odds, with weights learned from what happened.

    logit p = a + Σ_j w_j · logit p_j

Opinions that repeat one another share a weight, one that is too bold is drawn in, and a common error of level goes into
a. The weights are those of greatest likelihood with a slight penalty (logistic regression on log-odds).

References:
    Genest and Zidek (1986), Combining probability distributions, Statistical Science 1, 114-148, §2.2 (the logarithmic
    pool); Satopää et al. (2014), Combining multiple probability predictions using a simple logit model, International
    Journal of Forecasting 30, 344-356 (why its weights are to be learned).
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted

FloatArray = NDArray[np.float64]
_SMALLEST = 1e-6


class LogOddsPool(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Pool stated chances of the same event.

    Args:
        penalty: nats that half a squared weight of one costs.

    Attributes:
        weights_, level_: w and a.

    >>> import numpy as np
    >>> bold = np.tile([0.9, 0.1], 500)
    >>> happened = np.tile([1, 0, 1, 0, 0, 1, 1, 0], 125)
    >>> pooled = LogOddsPool().fit(np.column_stack([bold, np.full(1000, 0.5)]), happened)
    >>> pooled.predict([[0.9, 0.5]]).round(2).tolist()
    [0.75]
    """

    def __init__(self, *, penalty: float = 1e-3) -> None:
        self.penalty = penalty

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn the weights.

        Args:
            X: stated chances, made without looking at `y`, shape (n_events, n_opinions).
            y: 1 where it happened, else 0.
        """
        odds, happened = _log_odds(X), np.asarray(check_array(y, ensure_2d=False))
        check_consistent_length(odds, happened)
        if happened.ndim != 1 or set(np.unique(happened)) != {0, 1}:
            raise ValueError("LogOddsPool: y must hold 1 where it happened and 0 where not, and both must occur.")
        model = LogisticRegression(C=1.0 / self.penalty, max_iter=1000).fit(odds, happened)
        self.weights_: FloatArray = model.coef_[0]
        self.level_ = float(model.intercept_[0])
        self.n_features_in_ = odds.shape[1]
        return self

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return the pooled chance of each event, shape (n_events,)."""
        check_is_fitted(self, "weights_")
        odds = _log_odds(X)
        if odds.shape[1] != self.weights_.size:
            raise ValueError(f"X has {odds.shape[1]} opinions, but {self.weights_.size} were learned.")
        pooled: FloatArray = expit(odds @ self.weights_ + self.level_)
        return pooled


def _log_odds(X: ArrayLike) -> FloatArray:
    said = check_array(X, dtype=np.float64)
    if (said < 0.0).any() or (said > 1.0).any():
        raise ValueError(
            f"LogOddsPool: X has values from {said.min():g} to {said.max():g}.\n"
            "Expected chances between 0 and 1, one column an opinion."
        )
    odds: FloatArray = logit(np.clip(said, _SMALLEST, 1.0 - _SMALLEST))
    return odds
