"""A few readable rules that say nearly the same as a cut: a shallow tree learned on features people know.

The tree imitates the labels of the cut, not the outcome: what it gets right is its *fidelity*, measured on customers it
has not learned from. A cut that no shallow tree imitates has no short story, and the fidelity says so.

Reference: Craven and Shavlik (1996), Extracting tree-structured representations of trained networks, NeurIPS 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from patron.segments.methods.settings import SEED, Settings, check_settings, number, settings, whole

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_DIGITS = (1, 2, 3, 4, 6)  # significant digits of a threshold, as few as tell the same customers apart


@dataclass(frozen=True, slots=True)
class Condition:
    """One feature above `above` and up to `up_to`; infinite where there is no bound."""

    feature: int
    above: float
    up_to: float


@dataclass(frozen=True, slots=True)
class Rule:
    """All its conditions hold: one leaf of the tree, with how many of the customers learned from it holds."""

    label: int
    conditions: tuple[Condition, ...]
    customers: int


class SurrogateRules(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Imitate a cut with few rules: as few as are right about as often as `max_leaves` are, to one standard error.

    Costs O(L · p · n log n) for n customers, p features and L = `max_leaves`.

    Args:
        max_leaves: most rules; each segment may have several.
        min_share: least share of customers that a rule holds.
        random_state: seed of the half that measures the fidelity.

    >>> X = np.column_stack([np.arange(400.0), np.tile([0.0, 1.0], 200)])
    >>> model = SurrogateRules(random_state=0).fit(X, (X[:, 0] >= 200).astype(int))
    >>> [(rule.label, rule.conditions[0].up_to) for rule in model.rules_]
    [(0, 199.5), (1, inf)]
    >>> model.fidelity_ > 0.98
    True
    """

    SETTINGS: ClassVar[Settings] = settings(max_leaves=whole(2), min_share=number(0, 1), random_state=SEED)

    def __init__(self, *, max_leaves: int = 12, min_share: float = 0.01, random_state: int | None = None) -> None:
        self.max_leaves = max_leaves
        self.min_share = min_share
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Learn `rules_`, and `fidelity_`, `precision_` and `recall_` (per class of `classes_`) on the half left out.

        Args:
            X: features, shape (n_customers, n_features), finite.
            y: the segment of each customer, shape (n_customers,).

        Raises:
            ValueError: a setting that means nothing, NaN or infinity, or a `y` that names no segments.
        """
        check_settings(self)
        features, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        half = np.random.default_rng(self.random_state).permutation(codes.size) % 2 == 0
        learned, kept = (half, ~half) if half.any() and (~half).any() else (np.ones_like(half), np.ones_like(half))
        leaves = self._fewest(features, codes, learned, kept)
        self.rules_ = self._grown(features, codes, leaves)
        return self

    def predict(self, X: Any) -> Any:
        """Return the segment that the rules say, shape (n_customers,)."""
        check_is_fitted(self, "rules_")
        features = validate_data(self, X, reset=False, dtype=np.float64)
        return self.classes_[_apply(self.rules_, features)]

    def _fewest(
        self, features: FloatArray, codes: IntArray, learned: NDArray[np.bool_], kept: NDArray[np.bool_]
    ) -> int:
        """Choose the number of leaves on the customers left out, and keep what the chosen ones get right there."""
        n = self.classes_.size
        tried = range(min(max(2, n), self.max_leaves), self.max_leaves + 1)
        said = {
            leaves: _apply(self._grown(features[learned], codes[learned], leaves), features[kept]) for leaves in tried
        }
        true = codes[kept]
        right = {leaves: float((answer == true).mean()) for leaves, answer in said.items()}
        best = max(right.values())
        error = float(np.sqrt(best * (1.0 - best) / true.size))
        fewest = next(leaves for leaves in tried if right[leaves] >= best - error)
        both = np.bincount(true[said[fewest] == true], minlength=n)
        self.fidelity_ = right[fewest]
        self.precision_ = both / np.maximum(np.bincount(said[fewest], minlength=n), 1)
        self.recall_ = both / np.maximum(np.bincount(true, minlength=n), 1)
        return fewest

    def _grown(self, features: FloatArray, codes: IntArray, leaves: int) -> tuple[Rule, ...]:
        least = max(1, int(self.min_share * codes.size))
        tree = DecisionTreeClassifier(max_leaf_nodes=leaves, min_samples_leaf=least, random_state=0)
        return tuple(_rules(tree.fit(features, codes), features, codes))


def _rules(model: DecisionTreeClassifier, features: FloatArray, codes: IntArray) -> list[Rule]:
    """Return the leaves, each with its conditions merged and its thresholds rounded; leaves alike are one."""
    tree = model.tree_
    present = np.unique(codes)

    def walk(node: int, bounds: dict[int, tuple[float, float]], rows: IntArray) -> list[Rule]:
        label = int(present[np.argmax(tree.value[node][0])])
        whole = [Rule(label, tuple(Condition(j, *bounds[j]) for j in sorted(bounds)), int(rows.size))]
        if tree.children_left[node] < 0:
            return whole
        j = int(tree.feature[node])
        cut = _rounded(features[rows, j], float(tree.threshold[node]))
        low, high = bounds.get(j, (-np.inf, np.inf))
        below = features[rows, j] <= cut
        found = walk(int(tree.children_left[node]), {**bounds, j: (low, cut)}, rows[below])
        found += walk(int(tree.children_right[node]), {**bounds, j: (cut, high)}, rows[~below])
        return whole if len({rule.label for rule in found}) == 1 else found

    return walk(0, {}, np.arange(codes.size))


def _rounded(values: FloatArray, threshold: float) -> float:
    """Return the threshold with as few digits as put the same values below it."""
    below = values <= threshold
    for digits in _DIGITS:
        short = float(f"{threshold:.{digits}g}")
        if ((values <= short) == below).all():
            return short
    return threshold


def _apply(rules: tuple[Rule, ...], features: FloatArray) -> IntArray:
    said = np.zeros(features.shape[0], dtype=np.int64)
    for rule in rules:
        holds = np.ones(features.shape[0], dtype=np.bool_)
        for it in rule.conditions:
            holds &= (features[:, it.feature] > it.above) & (features[:, it.feature] <= it.up_to)
        said[holds] = rule.label
    return said
