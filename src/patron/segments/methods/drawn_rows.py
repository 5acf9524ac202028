"""Draw customers to learn from, the same ones whatever the order of the rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def drawn_rows(X: NDArray[np.float64], most: int, *, seed: int | None) -> NDArray[np.int64]:
    """Return the indices of at most `most` rows; all of them, in order, when there are no more.

    >>> drawn_rows(np.array([[2.0], [1.0], [3.0]]), 5, seed=0).tolist()
    [0, 1, 2]
    """
    n = X.shape[0]
    if n <= most:
        return np.arange(n)
    places = np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
    drawn: NDArray[np.int64] = steady_order(X)[places]
    return drawn


def steady_order(X: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the indices that put rows into an order of their own: along one fixed direction through the features."""
    direction = np.random.default_rng(0).standard_normal(X.shape[1])
    return np.argsort(X @ direction, kind="stable").astype(np.int64)
