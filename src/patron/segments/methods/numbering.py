"""Numbers of segments that do not depend on the starts: by the coordinates of their centres, first axis first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patron.segments.methods.internal_indices import centres_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def order_of(centres: FloatArray) -> IntArray:
    """Return the indices that put centres into order; differences under 1e-9 count as ties.

    >>> order_of(np.array([[3.0, 0.0], [1.0, 5.0], [1.0, 2.0]])).tolist()
    [2, 1, 0]
    """
    return np.lexsort(np.round(centres, 9).T[::-1]).astype(np.int64)


def numbered(X: FloatArray, labels: IntArray) -> tuple[IntArray, FloatArray, IntArray]:
    """Number the groups that have members 0 … K-1 in order of their means.

    Returns:
        The new labels, the means of the members (K, n_features), and for each new number the old label.
    """
    old, packed = np.unique(labels, return_inverse=True)
    centres = centres_of(X, packed)
    order = order_of(centres)
    return rank_of(order)[packed], centres[order], old[order].astype(np.int64)


def rank_of(order: IntArray) -> IntArray:
    """Return the inverse permutation: the new number of each old one."""
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return rank
