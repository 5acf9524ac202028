"""Two parts made of trees: what each feature adds to the log of the amount, exactly.

Every tree's answer is split by TreeSHAP (path-dependent: what a tree would say without a feature is the mean over
the branches, weighted by the customers that went there in learning), which adds up on the scale of the trees. A part
under a log link is already a logarithm. Of one that says a probability, in log-odds or plainly, the contributions are
carried to the log of the probability by the rescale rule: all are multiplied by the factor that makes them add up.

    log E = log P(y > 0) + log E[y | y > 0] + log level

References:
    Lundberg et al. (2020), From local explanations to global understanding with explainable AI for trees, Nature
    Machine Intelligence 2 (TreeSHAP);
    Chen, Lundberg and Lee (2022), Explaining a series of models by propagating Shapley values, Nature Communications 13
    (the rescale rule).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import lightgbm as lgb
import numpy as np

from patron.forecasts.methods.two_part import FloatArray, TwoPart

Link = Literal["log", "log_odds", "identity"]
LEAST = 1e-4  # leaf means can be zero, and zero has no logarithm
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class LogParts:
    """Contributions to a logarithm, shape (n_customers, n_features), and the base they are added to."""

    values: FloatArray
    base: float

    def __add__(self, other: LogParts) -> LogParts:
        return LogParts(self.values + other.values, self.base + other.base)


class TreeParts(TwoPart):
    """Two parts whose answers are sums or means of trees."""

    _links: tuple[Link, Link] = ("log_odds", "log")  # of incidence and severity
    _averaged = False

    def log_contributions(self, X: Any) -> LogParts:
        """Return what each feature adds to the log of `predict`, exactly.

        A probability or scaled value of an averaged tree below 0.0001 is told as 0.0001.
        """
        features = self._features(X)
        level = LogParts(np.zeros(features.shape), float(np.log(max(self.level_, LEAST))))
        return self._log_expected(features) + level

    def log_probability_contributions(self, X: Any) -> LogParts:
        """Return what each feature adds to the log of `probability`, exactly (from 0.0001)."""
        return self._log_probability(self._features(X))

    def _log_expected(self, features: FloatArray) -> LogParts:
        return self._log_probability(features) + self._log_value(features)

    def _log_probability(self, features: FloatArray) -> LogParts:
        if not isinstance(self.incidence_, lgb.Booster):
            return LogParts(np.zeros(features.shape), float(np.log(max(self.base_rate_, LEAST))))
        return rescaled(self._shapley_values(self.incidence_, features), self._links[0], most=1.0)

    def _log_value(self, features: FloatArray) -> LogParts:
        known = LogParts(np.zeros(features.shape), float(np.log(max(self.base_value_, LEAST))))
        if not isinstance(self.severity_, lgb.Booster):
            return known
        return rescaled(self._shapley_values(self.severity_, features), self._links[1]) + known

    def _shapley_values(self, trees: lgb.Booster, features: FloatArray) -> LogParts:
        said: FloatArray = trees.predict(features, pred_contrib=True, num_threads=self.n_jobs)
        said = said / trees.num_trees() if self._averaged else said  # LightGBM adds a forest's trees up here
        return LogParts(said[:, :-1], float(said[0, -1]))


def rescaled(raw: LogParts, link: Link, *, most: float = np.inf) -> LogParts:
    """Carry contributions that add up on the scale of a link to the log of what is predicted.

    >>> parts = rescaled(LogParts(np.array([[1.0, 1.0]]), 0.0), "log_odds")
    >>> bool(np.isclose(np.exp(parts.base + parts.values.sum()), 1 / (1 + np.exp(-2.0))))
    True
    """
    if link == "log":
        return raw
    total = raw.values.sum(axis=1)
    base = _log(np.array([raw.base]), link, most)[0]
    risen = _log(raw.base + total, link, most) - base
    near = np.abs(total) < _SAME
    slope = (_log(np.array([raw.base + _SAME]), link, most)[0] - base) / _SAME
    factor = np.where(near, slope, risen / np.where(near, 1.0, total))
    return LogParts(raw.values * factor[:, None], float(base))


def _log(raw: FloatArray, link: Link, most: float) -> FloatArray:
    if link == "log_odds":
        return np.asarray(-np.logaddexp(0.0, -raw), dtype=np.float64)
    return np.log(np.clip(raw, LEAST, most))
