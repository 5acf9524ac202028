"""Direct gradient boosting: one ensemble for the amount itself, zeros and all, and one for whether there is any.

The amount is a Tweedie regression with a log link: a compound Poisson-Gamma, zero for those who do not buy and skewed
for the rest, learned in one piece. The hurdle splits it in two; which of them is better is for the backtest to say.

References:
    Jorgensen (1987), Exponential dispersion models, Journal of the Royal Statistical Society B 49 (the Tweedie family).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from patron.forecasts.methods.tree_parts import LogParts, TreeParts
from patron.forecasts.methods.two_part import FloatArray, Part, small_steps


class DirectGradientBoosting(TreeParts):
    """Forecast an amount in one piece.

    `predict` asks the ensemble of the amount alone, `probability` that of whether there is any.

    Args:
        variance_power: p of Var[y] = φ·mean^p, between 1 (Poisson: counts) and 2 (Gamma: no zeros).
        n_trees: trees in each ensemble.
        learning_rate: how much each tree may say.
        n_leaves: leaves of a tree.
        min_leaf: fewest customers in a leaf.
        monotone: per feature 1 (more of it never lowers the forecast), -1 (never raises it) or 0; None: all free.
        random_state: seed of the row and column samples.
        n_jobs: threads.

    >>> import numpy as np
    >>> X = np.repeat([[0.0], [1.0]], 100, axis=0)
    >>> y = np.where(X[:, 0] > 0, 10.0, 2.0)
    >>> DirectGradientBoosting().fit(X, y).predict([[0.0], [1.0]]).round().tolist()
    [2.0, 10.0]
    """

    def __init__(
        self,
        *,
        variance_power: float = 1.5,
        n_trees: int = 150,
        learning_rate: float = 0.05,
        n_leaves: int = 8,
        min_leaf: int = 30,
        monotone: Sequence[int] | None = None,
        random_state: Any = 0,
        n_jobs: int = 1,
    ) -> None:
        self.variance_power = variance_power
        self.n_trees = n_trees
        self.learning_rate = learning_rate
        self.n_leaves = n_leaves
        self.min_leaf = min_leaf
        self.monotone = monotone
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _sized(self, amount: FloatArray) -> NDArray[np.bool_]:
        return np.ones(amount.size, dtype=np.bool_)

    def _expected(self, features: FloatArray) -> FloatArray:
        return self._value(features)

    def _log_expected(self, features: FloatArray) -> LogParts:
        return self._log_value(features)

    def _grow(self, features: FloatArray, target: FloatArray, part: Part, seed: int) -> lgb.Booster:
        steps = small_steps(self.learning_rate, self.n_leaves, self.min_leaf)
        steps |= {"objective": "binary" if part == "incidence" else "tweedie", "seed": seed}
        steps |= {} if part == "incidence" else {"tweedie_variance_power": self.variance_power}
        return self._trained(features, target, steps, self.n_trees)
