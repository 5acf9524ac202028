"""Are the reasons the reasons? Take them away and see how far the forecast moves.

To take a group of features away is to give them the values of other customers. Groups are taken away one after the
other in the order given; the reasons are faithful where the first ones move the forecast further than others would.

References:
    Samek et al. (2017), Evaluating the visualization of what a deep neural network has learned, IEEE TNNLS 28;
    Petsiuk, Das and Saenko (2018), RISE, BMVC (the deletion curve).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patron.explanations.methods.exact_shapley import FloatArray, Function

IntArray = NDArray[np.intp]


def deletion_curves(
    function: Function, rows: FloatArray, background: FloatArray, groups: IntArray, order: IntArray
) -> FloatArray:
    """Return how far the function has moved after each group taken away, shape (n_customers, n_groups).

    Args:
        function: takes a matrix of features, returns one number a row.
        rows: the customers, shape (n_customers, n_features).
        background: customers whose values stand for "taken away".
        groups: per feature the number of its group.
        order: per customer the groups in the order in which they go, shape (n_customers, n_groups).

    >>> curves = deletion_curves(
    ...     lambda X: X.sum(axis=1), np.array([[5.0, 1.0]]), np.zeros((1, 2)), np.array([0, 1]), np.array([[0, 1]])
    ... )
    >>> curves.tolist()
    [[5.0, 6.0]]
    """
    before = function(rows)
    gone = np.zeros((rows.shape[0], int(groups.max()) + 1), dtype=np.bool_)
    moved = np.zeros(order.shape)
    for k in range(order.shape[1]):
        gone[np.arange(rows.shape[0]), order[:, k]] = True
        mixed = np.where(gone[:, groups][:, None, :], background[None, :, :], rows[:, None, :])
        after = function(mixed.reshape(-1, rows.shape[1])).reshape(rows.shape[0], -1).mean(axis=1)
        moved[:, k] = np.abs(after - before)
    return moved
