"""Gradient boosting that starts from what is known: log mean = offset + sum of trees.

With offset ln s for windows of s days a Poisson ensemble learns a rate per day, from windows of any length at once;
with the offset of another model's forecast it learns what that model misses.

References:
    McCullagh and Nelder (1989), Generalized linear models, §6.2 (offsets for exposure), §4.3 (complementary log-log);
    Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 30.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import lightgbm as lgb
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, validate_data

FloatArray = NDArray[np.float64]
Family = Literal["poisson", "gamma", "event"]

_GROWTH = {
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "poisson_max_delta_step": 0.7,
    "feature_pre_filter": False,
    "deterministic": True,
    "force_col_wise": True,  # with half of the features a tree: rows would be read whole for it
    "verbosity": -1,
}
_LEAST_CURVATURE = 1e-4
_LEAST_CHANCE = 1e-9
_LEAST_SEVERITY = 1e-9
_LEAST_SHARE = 1e-4
_FAR_BELOW = -30.0


class OffsetBoosting(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Learn log E[y] = offset + level + trees(X), or for events log(−log P(y = 0)) = offset + level + trees(X).

    Args:
        family: "poisson" for counts and amounts with zeros, "gamma" for amounts above zero, "event" for 0 or 1, whose
            complementary log-log link makes exp(offset) an expected number: P(any) = 1 − exp(−exp(…)).
        n_trees: trees.
        random_state: seed of the row and column samples.
        n_jobs: threads; the numbers do not depend on it.

    >>> import numpy as np
    >>> days = np.repeat([10.0, 40.0], 200)
    >>> X = np.tile([[0.0], [1.0]], (200, 1))
    >>> y = days * (0.1 + 0.2 * X[:, 0])
    >>> model = OffsetBoosting().fit(X, y, offset=np.log(days))
    >>> np.exp(model.predict_log([[0.0], [1.0]])).round(1).tolist()
    [0.1, 0.3]
    """

    def __init__(
        self, family: Family = "poisson", *, n_trees: int = 150, random_state: Any = 0, n_jobs: int = 1
    ) -> None:
        self.family = family
        self.n_trees = n_trees
        self.random_state = random_state
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.regressor_tags.poor_score = True  # targets below zero count as zero, small samples grow no tree
        return tags

    def fit(
        self, X: Any, y: ArrayLike, offset: ArrayLike | None = None, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Learn level and trees.

        Args:
            X: features, shape (n_rows, n_features), NaN allowed.
            y: counts, amounts or events, shape (n_rows,); below zero counts as zero.
            offset: what is known of the linear predictor, shape (n_rows,); None: nothing.
            sample_weight: weights, shape (n_rows,).
        """
        features, target = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True, ensure_min_samples=2
        )
        amount = np.maximum(np.asarray(target, dtype=np.float64), 0.0)
        known = np.zeros(amount.size) if offset is None else _vector(offset)
        weight = np.ones(amount.size) if sample_weight is None else _vector(sample_weight)
        check_consistent_length(amount, known, weight)
        if not weight.any():
            raise ValueError("OffsetBoosting: every sample_weight is zero, so there is nothing to learn from.")
        self.unit_ = float(amount.mean()) if self.family != "event" and amount.any() else 1.0
        amount /= self.unit_
        self.level_ = _level(amount, known, weight, self.family)
        parameters = {
            **_GROWTH,
            "objective": _cloglog if self.family == "event" else self.family,
            "seed": int(check_random_state(self.random_state).randint(2**31 - 1)),
            "num_threads": self.n_jobs,
        }
        self.trees_: lgb.Booster | None = None
        if not amount[weight > 0].any() or not _can_grow(features):
            return self  # nothing ever came, or nothing tells rows apart: there is a level, and no tree says more
        told = np.maximum(amount, _LEAST_SEVERITY) if self.family == "gamma" else amount
        data = lgb.Dataset(features, told, init_score=known + self.level_, weight=weight, params=dict(_GROWTH))
        self.trees_ = lgb.train(parameters, data, num_boost_round=self.n_trees)
        return self

    def predict(self, X: Any) -> FloatArray:
        """Return E[y], or P(y = 1) for events, at an offset of zero, shape (n_rows,)."""
        log = self.predict_log(X)
        expected: FloatArray = -np.expm1(-np.exp(log)) if self.family == "event" else np.exp(log)
        return expected

    def predict_log(self, X: Any) -> FloatArray:
        """Return the linear predictor without the offset, shape (n_rows,)."""
        features = self._features(X)
        if self.trees_ is None:
            return np.full(features.shape[0], self._base())
        raw: FloatArray = self.trees_.predict(features, raw_score=True, num_threads=self.n_jobs)
        return raw + self._base()

    def contributions(self, X: Any) -> tuple[FloatArray, float]:
        """Return what each feature adds to `predict_log` (TreeSHAP), shape (n_rows, n_features), and the rest."""
        features = self._features(X)
        if self.trees_ is None:
            return np.zeros(features.shape), self._base()
        said = np.asarray(self.trees_.predict(features, pred_contrib=True, num_threads=self.n_jobs))
        return said[:, :-1], float(said[0, -1]) + self._base()

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as text and numbers, for `from_parts`."""
        check_is_fitted(self, "level_")
        return {
            "family": self.family,
            "n_features": int(self.n_features_in_),
            "n_jobs": int(self.n_jobs),
            "unit": self.unit_,
            "level": self.level_,
            "trees": None if self.trees_ is None else self.trees_.model_to_string(),
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the fitted estimator that `to_parts` described."""
        model = cls(parts["family"], n_jobs=int(parts["n_jobs"]))
        model.n_features_in_ = int(parts["n_features"])
        model.unit_, model.level_ = float(parts["unit"]), float(parts["level"])
        model.trees_ = None if parts["trees"] is None else lgb.Booster(model_str=parts["trees"])
        return model

    def _base(self) -> float:
        return self.level_ + float(np.log(self.unit_))

    def _features(self, X: Any) -> FloatArray:
        check_is_fitted(self, "level_")
        features: FloatArray = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        return features


def _can_grow(features: FloatArray) -> bool:
    """Tell whether a tree could have two leaves: enough rows, and a feature that differs between them."""
    told = np.where(np.isnan(features), -np.inf, features)
    enough = features.shape[0] >= 2 * int(_GROWTH["min_data_in_leaf"])
    return enough and bool((told != told[:1]).any())


def _level(amount: FloatArray, offset: FloatArray, weights: FloatArray, family: Family) -> float:
    """Return the constant that makes the total right before any tree has grown; a far one where nothing came."""
    if family == "event":
        return _event_level(float(np.average(amount, weights=weights)), offset, weights)
    if not amount[weights > 0].any():
        return _FAR_BELOW
    if family == "gamma":
        return float(np.log(np.average(amount / np.exp(offset), weights=weights)))
    return float(np.log((weights @ amount) / (weights @ np.exp(offset))))


def _event_level(share: float, offset: FloatArray, weights: FloatArray) -> float:
    """Return the constant at which the mean chance is the share of events; where all or none happened, a far one."""
    inside = float(np.clip(share, _LEAST_SHARE, 1.0 - _LEAST_SHARE))
    middle = float(np.log(-np.log1p(-inside)))

    def off(level: float) -> float:
        return float(np.average(-np.expm1(-np.exp(offset + level)), weights=weights)) - inside

    return float(brentq(off, middle - float(offset.max()) - 1e-6, middle - float(offset.min()) + 1e-6))


def _cloglog(raw: FloatArray, data: lgb.Dataset) -> tuple[FloatArray, FloatArray]:
    """Return gradient and expected curvature of the log-loss under the complementary log-log link."""
    happened = np.asarray(data.get_label())
    expected = np.exp(np.clip(raw, -12.0, 3.0))
    chance = np.maximum(-np.expm1(-expected), _LEAST_CHANCE)
    curvature = expected * expected * np.exp(-expected) / chance
    return expected * (1.0 - happened / chance), np.maximum(curvature, _LEAST_CURVATURE)


def _vector(values: ArrayLike) -> FloatArray:
    array: FloatArray = check_array(values, ensure_2d=False, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"OffsetBoosting: offset and weight are one number a row, and one has shape {array.shape}.")
    return array
