"""How many segments there can be at all: no more than there are different customers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def at_most_different(X: NDArray[np.float64], n_clusters: int) -> int:
    """Return K, or the number of different rows where there are fewer: equal customers share a segment.

    >>> at_most_different(np.array([[1.0], [1.0], [2.0]]), 4)
    2
    """
    head = X[: 10 * n_clusters]  # these decide when they are enough, which they nearly always are
    few = int(np.unique(head, axis=0).shape[0])
    if few < n_clusters and head.shape[0] < X.shape[0]:
        few = int(np.unique(X, axis=0).shape[0])
    return min(few, n_clusters)
