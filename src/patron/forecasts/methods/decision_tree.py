"""A decision tree in two parts: one tree for whether, one for how much; every leaf is a rule a person can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from patron.forecasts.methods.leaf_means import LeafMeans


class DecisionTree(LeafMeans):
    """Forecast an amount by two trees of a few leaves: the plainest of the learned models.

    Args:
        n_leaves: most leaves of a tree, each split being the one that lowers the variance most (best first).
        min_leaf: fewest customers in a leaf.
        monotone: per feature 1 (more of it never lowers the forecast), -1 (never raises it) or 0; None: all free.
        random_state: seed; one tree on all rows and features does not depend on it.
        n_jobs: threads.

    References:
        Breiman, Friedman, Olshen and Stone (1984), Classification and regression trees.

    >>> import numpy as np
    >>> X = np.repeat([[0.0], [1.0]], 100, axis=0)
    >>> y = np.where(X[:, 0] > 0, 10.0, 0.0)
    >>> DecisionTree().fit(X, y).predict([[0.0], [1.0]]).round(1).tolist()
    [0.0, 10.0]
    """

    def __init__(
        self,
        *,
        n_leaves: int = 12,
        min_leaf: int = 50,
        monotone: Sequence[int] | None = None,
        random_state: Any = 0,
        n_jobs: int = 1,
    ) -> None:
        self.n_leaves = n_leaves
        self.min_leaf = min_leaf
        self.monotone = monotone
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _trees(self) -> tuple[Mapping[str, Any], int]:
        return {"num_leaves": self.n_leaves, "min_data_in_leaf": self.min_leaf, "learning_rate": 1.0}, 1
