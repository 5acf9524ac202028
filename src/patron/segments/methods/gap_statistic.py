"""The gap statistic: are the clusters tighter than those of a cloud without any?

Gap(k) = E*[ln W_k] - ln W_k, where W_k is the within-cluster sum of squares and E* the mean over reference data sets
drawn uniformly (a) from the box that holds the data, or (b) from the box along the data's principal axes. The chosen K
is the smallest k with Gap(k) >= Gap(k+1) - s(k+1), s(k) = sd_B(ln W*_k) √(1 + 1/B).

That rule stops at the first shoulder. Where clusters lie in clumps, two clusters fit no better than two of a cloud, the
curve dips at 2 before it climbs, and the rule says 1; the paper asks to look at the whole curve. So where groups are in
question "1" is believed only if no later shoulder stands above Gap(1) by more than the errors of both; else the first
that does is taken.

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

from patron.segments.methods.threads import one_thread

FloatArray = NDArray[np.float64]
Reference = Literal["uniform", "pca"]

_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap curve of k = 1 … k_max, its standard errors s(k), and the K of the one-standard-error rule.

    `whole_curve_k` is that K, unless it is 1 and the curve climbs clearly above its start later on.
    """

    reference: Reference
    gaps: tuple[float, ...]
    standard_errors: tuple[float, ...]
    k: int
    whole_curve_k: int


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
    with one_thread():
        logs = np.array([_log_within(_cloud(X, reference, rng), k_max, n_init, rng) for _ in range(n_references)])
    gaps = logs.mean(axis=0) - np.log(np.maximum(within, _TINY))
    errors = logs.std(axis=0) * np.sqrt(1.0 + 1.0 / n_references)
    return Gap(
        reference,
        tuple(map(float, gaps)),
        tuple(map(float, errors)),
        one_standard_error_k(gaps, errors),
        whole_curve_k(gaps, errors),
    )


def whole_curve_k(gaps: Sequence[float] | FloatArray, errors: Sequence[float] | FloatArray) -> int:
    """Return the K of the whole curve: the one-standard-error rule's, unless 1 is but the start of a dip.

    >>> whole_curve_k([0.45, 0.35, 0.59, 1.02, 0.94], [0.05, 0.05, 0.05, 0.05, 0.05])
    4
    >>> whole_curve_k([0.6, 0.61, 0.62, 0.7, 1.4, 2.1, 2.0], [0.05] * 7)
    6
    """
    first = one_standard_error_k(gaps, errors)
    if first > 1 or len(gaps) < 3:
        return first
    shoulder = 1
    while shoulder < len(gaps):
        shoulder = one_standard_error_k(gaps, errors, start=shoulder + 1)
        if gaps[shoulder - 1] - errors[shoulder - 1] > gaps[0] + errors[0]:
            return shoulder
    return 1


def one_standard_error_k(
    gaps: Sequence[float] | FloatArray, errors: Sequence[float] | FloatArray, *, start: int = 1
) -> int:
    """Return the smallest k from `start` on with Gap(k) >= Gap(k+1) - s(k+1); the last one if there is none.

    >>> one_standard_error_k([0.1, 0.9, 0.91, 0.95], [0.05, 0.05, 0.05, 0.05])
    2
    """
    return next((k for k in range(start, len(gaps)) if gaps[k - 1] >= gaps[k] - errors[k]), len(gaps))


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
