"""A tree whose leaves separate what customers will be worth: each segment is a rule that a marketer can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.validation import check_is_fitted

from patron.segments.methods.grown_tree import Rule, holds, rules_of, size_by_held_out, splits_in_order
from patron.segments.methods.internal_indices import centres_of
from patron.segments.methods.numeric_rows import numeric_rows, rows_and_value
from patron.segments.methods.settings import SEED, SWITCH, Settings, check_settings, number, settings, whole

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class ValueTreeSegmenter(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Cut customers by rules on their features so that the future net revenue of the segments differs most.

    The tree grows at the leaf where the Poisson deviance Σ 2 (y log(y / m) - y + m) of revenue falls most. Revenue
    below 0 counts as 0, and above the 99th percentile of what is above 0 as that percentile: the deviance grows with
    y and not with y², so neither the many zeros nor a few large customers decide alone. How many leaves: the fewest
    whose deviance on customers held out (5 folds) is within one standard error of the best; or, not `pruned`, as many
    as are allowed. When no split helps, all customers are one segment.

    Segment 0 is worth the most. It needs y to learn from and is therefore no `ClusterMixin`. A rule holds or does not,
    so membership is 1; `predict` gives `labels_` back.

    Cost: 6 trees of n log n · n_features · depth; past 20,000 customers still every customer is used.

    Args:
        max_leaves: most segments.
        smallest_share: least members of a segment, as a share of all customers.
        pruned: whether customers held out decide on the number of leaves.
        random_state: seed of the folds and of the choice between equal splits.

    References:
        Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees (one standard error);
        McCullagh and Nelder (1989), Generalized Linear Models (the deviance).

    >>> X = [[float(i % 4)] for i in range(400)]
    >>> model = ValueTreeSegmenter(random_state=0).fit(X, [90.0 if x[0] > 2 else 5.0 for x in X])
    >>> model.rules_, model.values_.tolist()
    ((((0, '>', 2.5),), ((0, '<=', 2.5),)), [90.0, 5.0])
    """

    SETTINGS: ClassVar[Settings] = settings(
        max_leaves=whole(1), smallest_share=number(0, 1), pruned=SWITCH, random_state=SEED
    )

    def __init__(
        self,
        max_leaves: int = 8,
        *,
        smallest_share: float = 0.02,
        pruned: bool = True,
        random_state: int | None = None,
    ) -> None:
        self.max_leaves = max_leaves
        self.smallest_share = smallest_share
        self.pruned = pruned
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn `rules_`, `values_`, `labels_` and `cluster_centers_` (means of the members).

        `rules_` holds per segment its conditions, all of which must hold: (index of the feature, "<=" or ">",
        threshold).
        `values_` is the mean revenue per segment, cut off as said above.

        Args:
            X: what is known of each customer, shape (n_rows, n_features).
            y: net revenue of the window after, shape (n_rows,), in the shop's currency.

        Raises:
            ValueError: a setting that means nothing, no y, text, NaN or infinity.
        """
        check_settings(self)
        matrix, brought = rows_and_value(self, X, y)
        value = _cut_off(brought)
        rules: tuple[Rule, ...] = ((),)
        if value.any() and self.max_leaves > 1:
            n_leaves = self._size(matrix, value)
            tree = self._tree(matrix.shape[0]).fit(matrix, value).tree_
            rules = rules_of(tree, set(splits_in_order(tree)[: n_leaves - 1]))
        self._order(matrix, value, rules)
        return self

    def fit_predict(self, X: Any, y: Any) -> IntArray:
        """Learn from X and y and return `labels_`."""
        return self.fit(X, y).labels_

    def _size(self, matrix: FloatArray, value: FloatArray) -> int:
        if not self.pruned:
            return self.max_leaves
        return size_by_held_out(self._tree, matrix, value, most=self.max_leaves, seed=self.random_state)

    def _tree(self, n_rows: int) -> Any:
        return DecisionTreeRegressor(
            criterion="poisson",
            max_leaf_nodes=self.max_leaves,
            min_samples_leaf=max(1, int(np.ceil(self.smallest_share * n_rows))),
            random_state=self.random_state,
        )

    def _order(self, matrix: FloatArray, value: FloatArray, rules: tuple[Rule, ...]) -> None:
        leaf = _leaf(matrix, rules)
        mean = np.bincount(leaf, value, minlength=len(rules)) / np.bincount(leaf, minlength=len(rules))
        best_first = np.argsort(-mean, kind="stable")
        self.rules_ = tuple(rules[i] for i in best_first)
        self.values_: FloatArray = mean[best_first]
        self.labels_: IntArray = _leaf(matrix, self.rules_)
        self.cluster_centers_: FloatArray = centres_of(matrix, self.labels_)

    def predict(self, X: Any) -> IntArray:
        """Return the segment whose rule each row keeps, shape (n_rows,)."""
        check_is_fitted(self)
        return _leaf(numeric_rows(self, X), self.rules_)

    def assign(self, X: Any) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return each row's segment, a membership of 1, and its distance to the segment's mean, in the units of X."""
        labels = self.predict(X)
        matrix = numeric_rows(self, X)
        away = np.sqrt(((matrix - self.cluster_centers_[labels]) ** 2).sum(axis=1))
        return labels, np.ones(labels.size), away

    def to_parts(self) -> dict[str, Any]:
        """Return the rules, values and centres, JSON-able."""
        check_is_fitted(self)
        return {
            "centres": self.cluster_centers_.tolist(),
            "values": self.values_.tolist(),
            "rules": [[list(condition) for condition in rule] for rule in self.rules_],
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Rebuild the segmenter from `to_parts`."""
        model = cls(len(parts["rules"]))
        model.rules_ = tuple(tuple((int(j), str(op), float(at)) for j, op, at in rule) for rule in parts["rules"])
        model.values_ = np.asarray(parts["values"], dtype=np.float64)
        model.cluster_centers_ = np.asarray(parts["centres"], dtype=np.float64)
        model.n_features_in_ = int(model.cluster_centers_.shape[1])
        return model


def _cut_off(y: FloatArray) -> FloatArray:
    value: FloatArray = np.maximum(y, 0.0)
    return np.minimum(value, np.quantile(value[value > 0], 0.99)) if value.any() else value


def _leaf(matrix: FloatArray, rules: tuple[Rule, ...]) -> IntArray:
    labels = np.zeros(matrix.shape[0], dtype=np.int64)
    for i, rule in enumerate(rules):
        labels[holds(rule, matrix)] = i
    return labels
