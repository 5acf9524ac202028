"""The forecasts to beat: what a person with a calculator would say.

Both read amounts so far; the amounts may be money or a number of orders. Neither learns from outcomes: `fit` only
checks its input, so that they stand in the same place as every other estimator.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

FloatArray = NDArray[np.float64]


class NaiveRate(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Average order value × orders per year so far × the horizon's share of a year.

    The number of orders cancels: it is the amount so far, divided by the time it took, times the horizon. Someone
    whose first order was yesterday would get 365 orders a year, so no customer is taken to be younger than
    `minimum_tenure_days`.

    Args:
        horizon_days: how far to look ahead.
        minimum_tenure_days: the shortest history that a rate is computed over.

    >>> NaiveRate(horizon_days=90).fit([[120.0, 360.0]]).predict([[120.0, 360.0], [20.0, 1.0]]).tolist()
    [30.0, 60.0]
    """

    def __init__(self, *, horizon_days: float = 90.0, minimum_tenure_days: float = 30.0) -> None:
        self.horizon_days = horizon_days
        self.minimum_tenure_days = minimum_tenure_days

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Check X of shape (n_customers, 2): the amount so far and the days since the first order."""
        _columns(self, X, 2, reset=True)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        return tags

    def predict(self, X: Any) -> FloatArray:
        """Return the amount each customer would reach in the horizon at the rate so far, shape (n_customers,)."""
        check_is_fitted(self)
        amount, tenure = _columns(self, X, 2, reset=False).T
        predicted: FloatArray = amount / np.maximum(tenure, self.minimum_tenure_days) * self.horizon_days
        return predicted


class LastPeriod(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """The next period will be like the last one.

    Args:
        horizon_days: how far to look ahead.
        window_days: the days that the amounts cover; the forecast is scaled by horizon ÷ window.

    >>> LastPeriod(horizon_days=90, window_days=30).fit([[10.0]]).predict([[10.0], [0.0]]).tolist()
    [30.0, 0.0]
    """

    def __init__(self, *, horizon_days: float = 90.0, window_days: float = 90.0) -> None:
        self.horizon_days = horizon_days
        self.window_days = window_days

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Check X of shape (n_customers, 1): the amount in the last `window_days` days."""
        _columns(self, X, 1, reset=True)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        return tags

    def predict(self, X: Any) -> FloatArray:
        """Return the last window's amount scaled to the horizon, shape (n_customers,)."""
        check_is_fitted(self)
        return _columns(self, X, 1, reset=False)[:, 0] * (self.horizon_days / self.window_days)


def _columns(estimator: BaseEstimator, X: Any, expected: int, *, reset: bool) -> FloatArray:
    array: FloatArray = validate_data(estimator, X, reset=reset, dtype=np.float64)
    if array.shape[1] != expected:
        name = type(estimator).__name__
        raise ValueError(f"X has {array.shape[1]} features, but {name} is expecting {expected} features as input.")
    return array
