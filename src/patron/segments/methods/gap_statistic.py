"""The gap statistic: are the clusters tighter than those of a cloud without any?

Gap(k) = E*[ln W_k] - ln W_k, where W_k is the within-cluster sum of squares and E* the mean over reference data sets
drawn uniformly (a) from the box that holds the data, or (b) from the box along the data's principal axes. The chosen K
is the smallest k with Gap(k) >= Gap(k+1) - s(k+1), s(k) = sd_B(ln W*_k) √(1 + 1/B).

Reference: Tibshirani, Walther and Hastie (2001), Estimating the number of clusters in a data set via the gap statistic,
JRSS B 63(2), section 3 and equation (4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

FloatArray = NDArray[np.float64]
Reference = Literal["uniform", "pca"]

_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap curve of k = 1 … k_max, its standard errors s(k), and the K of the one-standard-error rule."""

    reference: Reference
    gaps: tuple[float, ...]
    standard_errors: tuple[float, ...]
    k: int


def gap_statistic(
    X: FloatArray, within: Sequence[float], *, reference: Reference, n_references: int, n_init: int, seed: int
) -> Gap:
    """Compare W_1 … W_kmax of the data with those of reference clouds without clusters.

    Args:
        X: the rows that were clustered, shape (n, p).
        within: W_1 … W_kmax of `X`.
        reference: "uniform" or "pca".
        n_references: B, reference data sets.
        n_init: starts of each K-Means on a reference.
        seed: of the references.
    """
    rng = np.random.default_rng(seed)
    k_max = len(within)
    with threadpool_limits(limits=1):  # these are many small fits
        logs = np.array([_log_within(_cloud(X, reference, rng), k_max, n_init, rng) for _ in range(n_references)])
    gaps = logs.mean(axis=0) - np.log(np.maximum(within, _TINY))
    errors = logs.std(axis=0) * np.sqrt(1.0 + 1.0 / n_references)
    return Gap(reference, tuple(map(float, gaps)), tuple(map(float, errors)), one_standard_error_k(gaps, errors))


def one_standard_error_k(gaps: Sequence[float] | FloatArray, errors: Sequence[float] | FloatArray) -> int:
    """Return the smallest k with Gap(k) >= Gap(k+1) - s(k+1); the last one if there is none.

    >>> one_standard_error_k([0.1, 0.9, 0.91, 0.95], [0.05, 0.05, 0.05, 0.05])
    2
    """
    return next((k for k in range(1, len(gaps)) if gaps[k - 1] >= gaps[k] - errors[k]), len(gaps))


def _cloud(X: FloatArray, reference: Reference, rng: np.random.Generator) -> FloatArray:
    if reference == "uniform":
        return rng.uniform(X.min(axis=0), X.max(axis=0), X.shape)
    centre = X.mean(axis=0)
    _, axes = np.linalg.eigh((X - centre).T @ (X - centre))
    along = (X - centre) @ axes
    cloud: FloatArray = rng.uniform(along.min(axis=0), along.max(axis=0), X.shape) @ axes.T + centre
    return cloud


def _log_within(X: FloatArray, k_max: int, n_init: int, rng: np.random.Generator) -> list[float]:
    found = [float(((X - X.mean(axis=0)) ** 2).sum())]
    for k in range(2, k_max + 1):
        model = KMeans(k, n_init=n_init, random_state=int(rng.integers(2**31 - 1)))
        found.append(float(model.fit(X).inertia_))
    return [float(np.log(max(value, _TINY))) for value in found]
