"""Read scikit-learn's tree as it grew: the order of its splits, how many of them hold up, and its rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patron.segments.methods.drawn_rows import steady_order

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Condition = tuple[int, str, float]
Rule = tuple[Condition, ...]

N_FOLDS = 5


def splits_in_order(tree: Any) -> list[int]:
    """Return the split nodes in the order of best-first growth: always the leaf where the criterion falls most.

    The first k - 1 of them make the tree that `max_leaf_nodes=k` would have grown.
    """
    weight = tree.weighted_n_node_samples * tree.impurity
    is_split = tree.children_left >= 0
    fall = np.where(is_split, weight - weight[tree.children_left] - weight[tree.children_right], -np.inf)
    order: list[int] = []
    open_nodes = [0] if is_split[0] else []
    while open_nodes:
        best = max(open_nodes, key=lambda node: (fall[node], -node))
        open_nodes.remove(best)
        order.append(best)
        children = (int(tree.children_left[best]), int(tree.children_right[best]))
        open_nodes += [child for child in children if is_split[child]]
    return order


def size_by_held_out(tree: Callable[[int], Any], X: FloatArray, y: FloatArray, *, most: int, seed: int | None) -> int:
    """Return the fewest leaves whose held-out Poisson deviance is within one standard error of the best.

    The error is that of the paired difference over customers. Folds depend on what is known of the customers and on the
    seed, not on the order of the rows.

    Args:
        tree: makes an unfitted tree for a number of rows.
        X: what is known, shape (n_rows, n_features).
        y: what is to be foreseen, at least 0, shape (n_rows,).
        most: most leaves compared.
        seed: of the folds.
    """
    n_folds = min(N_FOLDS, X.shape[0])
    fold = np.empty(X.shape[0], dtype=np.int64)
    fold[steady_order(np.column_stack([X, y]))] = np.random.default_rng(seed).permutation(X.shape[0]) % n_folds
    loss = np.empty((X.shape[0], most))
    for i in range(n_folds):
        out = fold == i
        loss[out] = _losses(tree, X[~out], y[~out], X[out], y[out], most=most)
    worse = loss - loss[:, [int(np.argmin(loss.mean(axis=0)))]]
    error = worse.std(axis=0) / np.sqrt(X.shape[0])
    return 1 + int(np.argmax(worse.mean(axis=0) <= error))


def rules_of(tree: Any, splits: set[int]) -> tuple[Rule, ...]:
    """Return the conditions of each leaf when only these nodes split; of several limits of one kind, the closest."""
    found: list[Rule] = []
    waiting: list[tuple[int, dict[tuple[int, str], float]]] = [(0, {})]
    while waiting:
        node, limits = waiting.pop()
        if node not in splits:
            found.append(tuple((feature, op, at) for (feature, op), at in limits.items()))
            continue
        feature, at = int(tree.feature[node]), float(tree.threshold[node])
        waiting.append((int(tree.children_right[node]), {**limits, (feature, ">"): at}))
        waiting.append((int(tree.children_left[node]), {**limits, (feature, "<="): at}))
    return tuple(found)


def holds(rule: Rule, X: FloatArray) -> NDArray[np.bool_]:
    """Return which rows keep all conditions of a rule, shape (n_rows,).

    >>> holds(((0, ">", 2.5), (0, "<=", 4.0)), np.array([[2.0], [3.0], [5.0]])).tolist()
    [False, True, False]
    """
    kept = np.ones(X.shape[0], dtype=bool)
    for feature, op, at in rule:
        kept &= X[:, feature] <= at if op == "<=" else X[:, feature] > at
    return kept


def _losses(
    tree: Callable[[int], Any], X: FloatArray, y: FloatArray, held_X: FloatArray, held_y: FloatArray, *, most: int
) -> FloatArray:
    """Return the deviance of each held-out row under the tree with 1 … `most` leaves; a grown-out tree repeats."""
    if not y.any():
        return np.zeros((held_y.size, most))
    grown = tree(y.size).fit(X, y).tree_
    mean = (grown.value[:, 0, 0] * grown.n_node_samples + y.mean()) / (grown.n_node_samples + 1.0)
    nodes = np.zeros(held_y.size, dtype=np.int64)
    columns = [_deviance(held_y, mean[nodes])]
    for split in splits_in_order(grown)[: most - 1]:
        here = np.flatnonzero(nodes == split)
        left = held_X[here, grown.feature[split]] <= grown.threshold[split]
        nodes[here] = np.where(left, grown.children_left[split], grown.children_right[split])
        columns.append(_deviance(held_y, mean[nodes]))
    return np.column_stack(columns + columns[-1:] * (most - len(columns)))


def _deviance(y: FloatArray, mean: FloatArray) -> FloatArray:
    ratio = np.where(y > 0, y, mean) / mean
    deviance: FloatArray = 2.0 * (y * np.log(ratio) - y + mean)
    return deviance
