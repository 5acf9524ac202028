"""A gradient-boosted hurdle: many small trees, each mending what those before it left.

Whether is a classifier under log-loss; how much is a Gamma regression with a log link, which models a skewed mean
directly and needs no retransformation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lightgbm as lgb

from patron.forecasts.methods.tree_parts import TreeParts
from patron.forecasts.methods.two_part import FloatArray, Part, small_steps


class HurdleGradientBoosting(TreeParts):
    """Forecast an amount that is zero for many customers and skewed for the rest.

    Use it when past windows with known outcomes exist. Missing features (NaN) are a value of their own. Outcomes of
    zero or less count as "did not buy". The same data and seed give the same forecasts whatever `n_jobs`.

    Args:
        n_trees: trees in each of the two parts.
        learning_rate: how much each tree may say.
        n_leaves: leaves of a tree.
        min_leaf: fewest customers in a leaf.
        monotone: per feature 1 (more of it never lowers the forecast), -1 (never raises it) or 0; None: all free.
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
        monotone: Sequence[int] | None = None,
        random_state: Any = 0,
        n_jobs: int = 1,
    ) -> None:
        self.n_trees = n_trees
        self.learning_rate = learning_rate
        self.n_leaves = n_leaves
        self.min_leaf = min_leaf
        self.monotone = monotone
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _grow(self, features: FloatArray, target: FloatArray, part: Part, seed: int) -> lgb.Booster:
        objective = "binary" if part == "incidence" else "gamma"
        steps = small_steps(self.learning_rate, self.n_leaves, self.min_leaf)
        return self._trained(features, target, {**steps, "objective": objective, "seed": seed}, self.n_trees)
