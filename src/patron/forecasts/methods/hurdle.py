"""A gradient-boosted hurdle: first whether a customer buys at all, then how much if so.

    E[y | features] = P(y > 0 | features) · E[y | y > 0, features] · level

The first factor is a LightGBM classifier, the second a LightGBM Gamma regression with a log link, which models a
skewed mean directly and needs no retransformation. `level_` makes the training total right: a log link preserves
each leaf's ratio, not the sum.

References:
    Mullahy (1986), Specification and testing of some modified count data models, J. Econometrics 33 (hurdles);
    Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 30.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import lightgbm as lgb
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

FloatArray = NDArray[np.float64]


class HurdleGradientBoosting(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Forecast an amount that is zero for many customers and skewed for the rest.

    Use it when past windows with known outcomes exist. Missing features (NaN) are a value of their own. Outcomes of
    zero or less count as "did not buy". The same data and seed give the same forecasts whatever `n_jobs`.

    Args:
        n_trees: trees in each of the two stages.
        learning_rate: how much each tree may say.
        n_leaves: leaves of a tree.
        min_leaf: fewest customers in a leaf.
        random_state: seed of the row and column samples.
        n_jobs: threads.

    >>> import numpy as np
    >>> X = np.repeat([[0.0], [1.0]], 100, axis=0)
    >>> y = np.where(X[:, 0] > 0, 10.0, 0.0)
    >>> model = HurdleGradientBoosting(random_state=1).fit(X, y)
    >>> (model.probability([[0.0], [1.0]]) > 0.5).tolist()
    [False, True]
    """

    def __init__(
        self,
        *,
        n_trees: int = 150,
        learning_rate: float = 0.05,
        n_leaves: int = 8,
        min_leaf: int = 30,
        random_state: Any = 0,
        n_jobs: int = 1,
    ) -> None:
        self.n_trees = n_trees
        self.learning_rate = learning_rate
        self.n_leaves = n_leaves
        self.min_leaf = min_leaf
        self.random_state = random_state
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.regressor_tags.poor_score = True  # negative targets count as zero here
        return tags

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Learn both stages.

        Args:
            X: features, shape (n_customers, n_features), NaN allowed.
            y: the amount in the window, shape (n_customers,); money or a number of orders.
        """
        features, target = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True, ensure_min_samples=2
        )
        amount = np.asarray(target, dtype=np.float64)
        bought = amount > 0
        self.base_rate_ = float(bought.mean())
        self.base_value_ = float(amount[bought].mean()) if bought.any() else 0.0
        self.incidence_: lgb.Booster | None = None
        self.severity_: lgb.Booster | None = None
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        if 0.0 < self.base_rate_ < 1.0:
            self.incidence_ = self._boost(features, bought.astype(np.float64), "binary", seed)
        if bought.sum() > 1 and np.ptp(amount[bought]) > 0:
            self.severity_ = self._boost(features[bought], amount[bought] / self.base_value_, "gamma", seed)
        self.level_ = 1.0
        predicted = float(self.predict(features).sum())
        self.level_ = float(np.maximum(amount, 0.0).sum()) / predicted if predicted > 0 else 1.0
        return self

    def predict(self, X: Any) -> FloatArray:
        """Return the expected amount, shape (n_customers,): probability × value if bought × level."""
        features = self._features(X)
        return self.level_ * self._probability(features) * self._value(features)

    def probability(self, X: Any) -> FloatArray:
        """Return the probability of an amount above zero, shape (n_customers,)."""
        return self._probability(self._features(X))

    def value_if_bought(self, X: Any) -> FloatArray:
        """Return the expected amount of those who buy, shape (n_customers,)."""
        return self._value(self._features(X))

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as text and numbers (LightGBM's own text format), for `from_parts`."""
        check_is_fitted(self, "level_")
        return {
            "n_features": int(self.n_features_in_),
            "base_rate": self.base_rate_,
            "base_value": self.base_value_,
            "level": self.level_,
            "n_jobs": int(self.n_jobs),
            "incidence": None if self.incidence_ is None else self.incidence_.model_to_string(),
            "severity": None if self.severity_ is None else self.severity_.model_to_string(),
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the fitted estimator that `to_parts` described."""
        model = cls(n_jobs=int(parts["n_jobs"]))
        model.n_features_in_ = int(parts["n_features"])
        model.base_rate_, model.base_value_ = float(parts["base_rate"]), float(parts["base_value"])
        model.level_ = float(parts["level"])
        model.incidence_ = None if parts["incidence"] is None else lgb.Booster(model_str=parts["incidence"])
        model.severity_ = None if parts["severity"] is None else lgb.Booster(model_str=parts["severity"])
        return model

    def _features(self, X: Any) -> FloatArray:
        check_is_fitted(self, "level_")
        features: FloatArray = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        return features

    def _probability(self, features: FloatArray) -> FloatArray:
        if self.incidence_ is None:
            return np.full(features.shape[0], self.base_rate_)
        return np.asarray(self.incidence_.predict(features, num_threads=self.n_jobs), dtype=np.float64)

    def _value(self, features: FloatArray) -> FloatArray:
        if self.severity_ is None:
            return np.full(features.shape[0], self.base_value_)
        scaled = np.asarray(self.severity_.predict(features, num_threads=self.n_jobs), dtype=np.float64)
        return scaled * self.base_value_

    def _boost(self, features: FloatArray, target: FloatArray, objective: str, seed: int) -> lgb.Booster:
        parameters = {
            "objective": objective,
            "learning_rate": self.learning_rate,
            "num_leaves": self.n_leaves,
            "min_data_in_leaf": self.min_leaf,
            "min_sum_hessian_in_leaf": 1e-3,
            "lambda_l2": 1.0,
            "feature_fraction": 0.7,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": self.n_jobs,
            "verbosity": -1,
        }
        return lgb.train(parameters, lgb.Dataset(features, target, params=parameters), num_boost_round=self.n_trees)
