"""A random forest in two parts: many deep trees on resampled customers and features, averaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from patron.forecasts.methods.leaf_means import LeafMeans


class RandomForest(LeafMeans):
    """Forecast an amount by the mean of many trees, each grown on other customers and features.

    Each tree sees 63.2 % of the customers, drawn without replacement: as many different ones as a bootstrap draw has.

    Args:
        n_trees: trees in each of the two parts.
        n_leaves: most leaves of a tree.
        min_leaf: fewest customers in a leaf.
        feature_share: share of the features that a node may split by.
        monotone: per feature 1 (more of it never lowers the forecast), -1 (never raises it) or 0; None: all free.
        random_state: seed of the draws.
        n_jobs: threads.

    References:
        Breiman (2001), Random forests, Machine Learning 45.

    >>> import numpy as np
    >>> X = np.repeat([[0.0], [1.0]], 100, axis=0)
    >>> y = np.where(X[:, 0] > 0, 10.0, 0.0)
    >>> RandomForest(n_trees=20).fit(X, y).predict([[0.0], [1.0]]).round(1).tolist()
    [0.0, 10.0]
    """

    def __init__(
        self,
        *,
        n_trees: int = 150,
        n_leaves: int = 64,
        min_leaf: int = 20,
        feature_share: float = 0.4,
        monotone: Sequence[int] | None = None,
        random_state: Any = 0,
        n_jobs: int = 1,
    ) -> None:
        self.n_trees = n_trees
        self.n_leaves = n_leaves
        self.min_leaf = min_leaf
        self.feature_share = feature_share
        self.monotone = monotone
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _trees(self) -> tuple[Mapping[str, Any], int]:
        growth = {
            "boosting": "rf",
            "bagging_freq": 1,
            "bagging_fraction": 0.632,
            "feature_fraction_bynode": self.feature_share,
            "num_leaves": self.n_leaves,
            "min_data_in_leaf": self.min_leaf,
        }
        return growth, self.n_trees
