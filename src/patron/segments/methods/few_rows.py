"""Refuse to cut customers into more groups than there are different customers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def refuse_few(model: Any, X: NDArray[np.float64], n_clusters: int) -> None:
    """Raise unless the rows hold at least `n_clusters` different ones.

    Raises:
        ValueError: K is below 1, or there are fewer rows, or fewer different rows, than K.
    """
    name = type(model).__name__
    if n_clusters < 1:
        raise ValueError(f"{name}: n_clusters={n_clusters}, and at least 1 segment is needed.")
    if X.shape[0] < n_clusters:
        raise ValueError(f"{name}: n_samples={X.shape[0]} should be >= n_clusters={n_clusters}.")
    different = n_different(X, at_least=n_clusters)
    if different < n_clusters:
        raise ValueError(
            f"{name}: only {different} different customer(s) for {n_clusters} segments.\n"
            "Next: ask for fewer segments, or keep features on which customers differ."
        )


def n_different(X: NDArray[np.float64], *, at_least: int) -> int:
    """Count the different rows; the first 1000 decide when they are enough."""
    few = int(np.unique(X[:1000], axis=0).shape[0])
    return few if few >= at_least or X.shape[0] <= 1000 else int(np.unique(X, axis=0).shape[0])
