"""What the learned models of an amount share: whether a customer buys at all, then how much if so.

    E[y | features] = P(y > 0 | features) · E[y | y > 0, features] · level

A subclass says what the two factors are. Rare buyers are not given more weight: that would
move every probability, and probabilities are what is asked for. `level_` makes the training total right: the product
of two means is not the mean of the product.

References:
    Mullahy (1986), Specification and testing of some modified count data models, J. Econometrics 33 (hurdles);
    Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 30.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, Self, cast

import lightgbm as lgb
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

FloatArray = NDArray[np.float64]
Part = Literal["incidence", "severity"]


class PartModel(Protocol):
    """One part, fitted: LightGBM's booster or a network."""

    def predict(self, data: Any, *, num_threads: int) -> Any:
        """Return the answer for each row of features."""
        ...

    def model_to_string(self) -> str:
        """Return everything learned as text."""
        ...


_ALWAYS = {"deterministic": True, "force_col_wise": True, "verbosity": -1, "min_sum_hessian_in_leaf": 1e-3}


class TwoPart(RegressorMixin, BaseEstimator, ABC):  # type: ignore[misc]  # scikit-learn is untyped
    """An amount that is zero for many customers and skewed for the rest, learned in two parts."""

    random_state: Any
    n_jobs: int
    monotone: Sequence[int] | None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.regressor_tags.poor_score = True  # negative targets count as zero here
        return tags

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Learn both parts.

        Args:
            X: features, shape (n_customers, n_features), NaN allowed.
            y: the amount in the window, shape (n_customers,); money or a number of orders.
        """
        features, target = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True, ensure_min_samples=2
        )
        amount = np.maximum(np.asarray(target, dtype=np.float64), 0.0)
        bought, sized = amount > 0, self._sized(amount)
        self.base_rate_ = float(bought.mean())
        self.base_value_ = float(amount[sized].mean()) if sized.any() else 0.0
        self.incidence_: PartModel | None = None
        self.severity_: PartModel | None = None
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        if 0.0 < self.base_rate_ < 1.0:
            self.incidence_ = self._grow(features, bought.astype(np.float64), "incidence", seed)
        if sized.sum() > 1 and np.ptp(amount[sized]) > 0:
            self.severity_ = self._grow(features[sized], amount[sized] / self.base_value_, "severity", seed)
        self.level_ = 1.0
        predicted = float(self.predict(features).sum())
        self.level_ = float(amount.sum()) / predicted if predicted > 0 else 1.0
        return self

    def predict(self, X: Any) -> FloatArray:
        """Return the expected amount, shape (n_customers,): probability × value if bought × level."""
        features = self._features(X)
        return self.level_ * self._expected(features)

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
        model = cls()
        model.n_jobs = int(parts["n_jobs"])
        model.n_features_in_ = int(parts["n_features"])
        model.base_rate_, model.base_value_ = float(parts["base_rate"]), float(parts["base_value"])
        model.level_ = float(parts["level"])
        model.incidence_ = None if parts["incidence"] is None else cls._restored(parts["incidence"])
        model.severity_ = None if parts["severity"] is None else cls._restored(parts["severity"])
        return model

    @staticmethod
    def _restored(text: str) -> PartModel:
        return cast("PartModel", lgb.Booster(model_str=text))

    def _sized(self, amount: FloatArray) -> NDArray[np.bool_]:
        """Return which customers the second part learns from: those who bought."""
        return amount > 0

    def _expected(self, features: FloatArray) -> FloatArray:
        return self._probability(features) * self._value(features)

    @abstractmethod
    def _grow(self, features: FloatArray, target: FloatArray, part: Part, seed: int) -> PartModel:
        """Return the model of one part, which says probabilities or, for severity, amounts."""

    def _features(self, X: Any) -> FloatArray:
        check_is_fitted(self, "level_")
        features: FloatArray = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        return features

    def _probability(self, features: FloatArray) -> FloatArray:
        if self.incidence_ is None:
            return np.full(features.shape[0], self.base_rate_)
        shares: FloatArray = self.incidence_.predict(features, num_threads=self.n_jobs)
        return np.clip(shares, 0.0, 1.0)  # averages of trees can leave the range by a hair

    def _value(self, features: FloatArray) -> FloatArray:
        if self.severity_ is None:
            return np.full(features.shape[0], self.base_value_)
        scaled: FloatArray = self.severity_.predict(features, num_threads=self.n_jobs)
        return np.maximum(scaled, 0.0) * self.base_value_

    def _trained(
        self, features: FloatArray, target: FloatArray, growth: Mapping[str, Any], n_trees: int
    ) -> lgb.Booster:
        bounds = {} if self.monotone is None else {"monotone_constraints": [int(sign) for sign in self.monotone]}
        parameters = {**_ALWAYS, **growth, **bounds, "num_threads": self.n_jobs}
        return lgb.train(parameters, lgb.Dataset(features, target, params=parameters), num_boost_round=n_trees)


def small_steps(learning_rate: float, n_leaves: int, min_leaf: int) -> dict[str, Any]:
    """Return the growth of a boosted ensemble: small trees on samples of customers and features, each saying little."""
    return {
        "learning_rate": learning_rate,
        "num_leaves": n_leaves,
        "min_data_in_leaf": min_leaf,
        "lambda_l2": 1.0,
        "feature_fraction": 0.7,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
    }
