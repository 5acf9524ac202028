"""When does it happen first? The chance in each of a row of intervals, of those to whom it has not happened yet.

Time is cut into intervals [d_0 = 0, d_1), …, [d_(K−1), d_K). Each customer is one row per interval that they lived
through without the event, or in which it came. On these rows a classifier learns the hazard
h_k(x) = P(event in interval k | none before):

    log(h / (1 − h)) = offset + trees(x, d_(k−1))        F(d_k) = 1 − (1 − h_1) ⋯ (1 − h_k)

The likelihood of the rows is that of the waiting times, whoever is followed for a shorter time included. Features that
grow as time goes by (days since the last order) are read as they will stand when the interval begins.

References:
    Cox (1972), Regression models and life-tables, JRSS B 34, §6; Allison (1982), Discrete-time methods for the
    analysis of event histories, Sociological Methodology 13; Singer and Willett (1993), It's about time, Journal of
    Educational Statistics 18; Ke et al. (2017), LightGBM, NeurIPS 30.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import lightgbm as lgb
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_LEAST_LEAF = 60
_GROWTH: Mapping[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 8,
    "min_data_in_leaf": _LEAST_LEAF,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 63,
    "bin_construct_sample_cnt": 4_000,
    "feature_pre_filter": False,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}
_LEAST_HAZARD = 1e-4


class DiscreteHazard(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Learn how long customers wait for an event.

    Args:
        by_days: d_1 < … < d_K, the ends of the intervals; whoever waits d_K days or more is not followed further.
        n_trees: trees.
        running: how many of the last features grow with time, by `speed` a day.
        monotone: −1, 0 or 1 per feature, the way it must move the hazard; None: any way.
        most_rows: rows of customer and interval to learn from; of more, so many are drawn.
        random_state: seed of the draw and of the trees.
        n_jobs: threads; the numbers do not depend on it.

    >>> import numpy as np
    >>> model = DiscreteHazard(by_days=(1.0, 2.0, 4.0)).fit(np.zeros((4, 1)), [0.0, 1.0, 3.0, 4.0])
    >>> model.reached(np.zeros((1, 1))).round(3).tolist()
    [[0.25, 0.5, 0.75]]
    """

    def __init__(
        self,
        by_days: Sequence[float] = (7.0, 30.0, 90.0),
        *,
        n_trees: int = 40,
        running: int = 0,
        monotone: Sequence[int] | None = None,
        most_rows: int = 15_000,
        random_state: Any = 0,
        n_jobs: int = 1,
    ) -> None:
        self.by_days = by_days
        self.n_trees = n_trees
        self.running = running
        self.monotone = monotone
        self.most_rows = most_rows
        self.random_state = random_state
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.regressor_tags.poor_score = True  # a target is a time from zero up to the last interval's end
        return tags

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        offset: ArrayLike | None = None,
        speed: ArrayLike | None = None,
        followed: ArrayLike | None = None,
    ) -> Self:
        """Learn the hazards.

        Args:
            X: features on the first day, shape (n, n_features), NaN allowed.
            y: days waited, shape (n,); where it reaches the last of `by_days` or `followed`, there was no event.
            offset: log-odds of the hazards that are known, shape (n, K); None: those of everyone, learned here.
            speed: what a day adds to each of the last `running` features, shape (n, running); None: 1.
            followed: days each customer was seen for, shape (n,); None: all of them.
        """
        features, days = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True, ensure_min_samples=2
        )
        self._insist(features.shape[1])
        ends = _ends(self.by_days)
        seen = np.full(days.size, ends[-1]) if followed is None else np.asarray(followed, dtype=np.float64)
        days = np.maximum(np.asarray(days, dtype=np.float64), 0.0)
        row, interval = np.nonzero((days[:, None] >= _starts(ends)) & (seen[:, None] >= ends))
        self.level_ = np.zeros(ends.size) if offset is not None else _log_odds(_life_table(days, interval, row, ends))
        if row.size > self.most_rows:
            random = np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
            drawn = np.sort(random.permutation(row.size)[: self.most_rows])
            row, interval = row[drawn], interval[drawn]
        came = (days[row] < ends[interval]).astype(np.float64)
        known = self.level_[interval] + (0.0 if offset is None else np.asarray(offset)[row, interval])
        table = self._at(features[row], _starts(ends)[interval], None if speed is None else np.asarray(speed)[row])
        self.trees_ = self._grown(table, came, known) if _can_grow(table, came) else None
        return self

    def _insist(self, n_features: int) -> None:
        """Refuse knobs that nothing can be learned with, before they reach the trees."""
        wrong = {
            "n_trees": (self.n_trees, "1 or more", self.n_trees < 1),
            "most_rows": (self.most_rows, "2 or more", self.most_rows < 2),
            "running": (self.running, f"from 0 to the {n_features} features", not 0 <= self.running <= n_features),
            "monotone": (
                self.monotone,
                f"one of -1, 0 and 1 for each of the {n_features} features",
                self.monotone is not None and len(self.monotone) != n_features,
            ),
        }
        for name, (value, expected, is_wrong) in wrong.items():
            if is_wrong:
                raise ValueError(f"DiscreteHazard: {name} is {value!r}; expected {expected}.")

    def predict(self, X: Any) -> FloatArray:
        """Return the expected days up to the event or the last of `by_days`, whichever is sooner, shape (n,)."""
        reached = self.reached(X)
        before = np.column_stack([np.zeros(reached.shape[0]), reached[:, :-1]])
        waiting: FloatArray = (1.0 - (before + reached) / 2.0) @ np.diff(_ends(self.by_days), prepend=0.0)
        return waiting

    def reached(self, X: Any, offset: ArrayLike | None = None, speed: ArrayLike | None = None) -> FloatArray:
        """Return F(d_k): the chance that the event came within the first d_k days, shape (n, K)."""
        check_is_fitted(self, "level_")
        features: FloatArray = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        ends = _ends(self.by_days)
        pace = None if speed is None else np.asarray(speed, dtype=np.float64)
        known = np.zeros((features.shape[0], ends.size)) if offset is None else np.asarray(offset, dtype=np.float64)
        log_none, reached = np.zeros(features.shape[0]), np.empty((features.shape[0], ends.size))
        for k, start in enumerate(_starts(ends)):
            odds = known[:, k] + self.level_[k] + self._mended(features, start, pace)
            log_none = log_none - np.logaddexp(0.0, odds)
            reached[:, k] = -np.expm1(log_none)
        return reached

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as text and numbers, for `from_parts`."""
        check_is_fitted(self, "level_")
        return {
            "by_days": _ends(self.by_days).tolist(),
            "running": self.running,
            "n_features": int(self.n_features_in_),
            "n_jobs": self.n_jobs,
            "level": self.level_.tolist(),
            "trees": None if self.trees_ is None else self.trees_.model_to_string(),
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the fitted estimator that `to_parts` described."""
        model = cls(tuple(parts["by_days"]), running=int(parts["running"]), n_jobs=int(parts["n_jobs"]))
        model.n_features_in_ = int(parts["n_features"])
        model.level_ = np.asarray(parts["level"], dtype=np.float64)
        model.trees_ = None if parts["trees"] is None else lgb.Booster(model_str=parts["trees"])
        return model

    def _grown(self, table: FloatArray, came: FloatArray, known: FloatArray) -> lgb.Booster:
        parameters = {
            **_GROWTH,
            "seed": int(check_random_state(self.random_state).randint(2**31 - 1)),
            "num_threads": self.n_jobs,
        }
        if self.monotone is not None:
            parameters["monotone_constraints"] = [*self.monotone, 0]
        data = lgb.Dataset(table, came, init_score=known, params=parameters)
        return lgb.train(parameters, data, num_boost_round=self.n_trees)

    def _mended(self, features: FloatArray, start: float, speed: FloatArray | None) -> FloatArray:
        if self.trees_ is None:
            return np.zeros(features.shape[0])
        table = self._at(features, np.full(features.shape[0], start), speed)
        raw: FloatArray = self.trees_.predict(table, raw_score=True, num_threads=self.n_jobs)
        return raw

    def _at(self, features: FloatArray, start: FloatArray, speed: FloatArray | None) -> FloatArray:
        """Return the features as they stand when an interval begins, and its beginning."""
        table = np.column_stack([features, start])
        if self.running:
            first = features.shape[1] - self.running
            table[:, first:-1] += start[:, None] * (1.0 if speed is None else speed)
        return table


def _ends(by_days: Sequence[float]) -> FloatArray:
    ends = np.asarray(by_days, dtype=np.float64)
    if ends.ndim != 1 or ends.size == 0 or ends[0] <= 0 or (np.diff(ends) <= 0).any():
        raise ValueError(f"DiscreteHazard: by_days must rise from above zero, such as (7, 30, 90), and is {by_days}.")
    return ends


def _starts(ends: FloatArray) -> FloatArray:
    return np.concatenate(([0.0], ends[:-1]))


def _life_table(days: FloatArray, interval: IntArray, row: IntArray, ends: FloatArray) -> FloatArray:
    """Return the share of those at risk to whom it happened; where nobody was followed, the same share a day."""
    at_risk = np.bincount(interval, minlength=ends.size)
    came = np.bincount(interval, weights=days[row] < ends[interval], minlength=ends.size)
    hazard = np.full(ends.size, _LEAST_HAZARD)
    width = np.diff(ends, prepend=0.0)
    for k in range(ends.size):
        if at_risk[k]:
            hazard[k] = came[k] / at_risk[k]
        elif k:
            hazard[k] = 1.0 - (1.0 - hazard[k - 1]) ** (width[k] / width[k - 1])
    return hazard


def _log_odds(hazard: FloatArray) -> FloatArray:
    inside = np.clip(hazard, _LEAST_HAZARD, 1.0 - _LEAST_HAZARD)
    odds: FloatArray = np.log(inside / (1.0 - inside))
    return odds


def _can_grow(table: FloatArray, came: FloatArray) -> bool:
    """Tell whether a tree could have two leaves: enough rows of both kinds, and a feature that differs."""
    told = np.where(np.isnan(table), -np.inf, table)[:, :-1]
    return came.size >= 2 * _LEAST_LEAF and 0 < came.mean() < 1 and bool((told != told[:1]).any())
