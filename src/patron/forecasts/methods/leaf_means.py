"""Trees whose leaves hold plain means of the customers in them, as in Breiman's trees and forests.

LightGBM finds the splits by variance, which for 0 and 1 is the Gini impurity. Amounts are cut off at their 99th
percentile before, so that one large order does not draw every split; `level_` gives the total back.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import lightgbm as lgb
import numpy as np

from patron.forecasts.methods.tree_parts import Link, TreeParts
from patron.forecasts.methods.two_part import FloatArray, Part

_HIGHEST = 0.99


class LeafMeans(TreeParts):
    """Two parts made of trees that are averaged, not added up."""

    _links: tuple[Link, Link] = ("identity", "identity")
    _averaged = True

    @abstractmethod
    def _trees(self) -> tuple[Mapping[str, Any], int]:
        """Return how LightGBM is to split, and how many trees there are."""

    def _grow(self, features: FloatArray, target: FloatArray, part: Part, seed: int) -> lgb.Booster:
        growth, n_trees = self._trees()
        wanted = target if part == "incidence" else np.minimum(target, np.quantile(target, _HIGHEST))
        return self._trained(features, wanted, {**growth, "objective": "regression", "seed": seed}, n_trees)
