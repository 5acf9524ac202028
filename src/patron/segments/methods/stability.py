"""Does a cut hold still? Fitted again on other customers, or from other starts, do the same segments come back?

*Other customers* (bootstrap, Hennig 2007): each resample draws rows with replacement and fits again. A cluster of the
original cut is found again as well as its best Jaccard similarity |C ∩ D| / |C ∪ D| with a cluster D of the resample,
among the rows in both; its stability is the mean over the resamples. A row drawn several times counts once, in the fit
and in the comparison, as in Hennig's `clusterboot` (`multipleboot = FALSE`): copies would pass for a dense cluster.
Hennig's reading: below 0.6 a cluster should not be trusted, from 0.75 on it is valid and stable.

*Other starts*: the adjusted Rand index between the labels of fits that differ in their seed alone.

References:
    Hennig (2007), Cluster-wise assessment of cluster stability, Computational Statistics & Data Analysis 52, §3.
    Hubert and Arabie (1985), Comparing partitions, Journal of Classification 2 (adjusted Rand index).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

STABLE = 0.75
UNSTABLE_BELOW = 0.6
SAME_CUT = 0.9
_FEWEST_RESAMPLES = 10


Refit = Callable[[IntArray, int], IntArray]
"""Fits again on the rows of these indices, from this seed, and returns the segment of each of them, 0 … K-1."""


@dataclass(frozen=True, slots=True)
class Stability:
    """How well a cut is found again in resamples.

    Args:
        jaccard: per cluster of the original cut, mean over the resamples, 0-1.
        adjusted_rand: mean over the resamples, of original and new labels of the rows in both; 1 is the same cut.
        n_resamples: fits made.
        n_rows: rows drawn for each of them.
    """

    jaccard: tuple[float, ...]
    adjusted_rand: float
    n_resamples: int
    n_rows: int

    @property
    def weakest(self) -> float:
        """The Jaccard similarity of the cluster that is found again worst."""
        return min(self.jaccard)


def bootstrap_stability(
    refit: Refit,
    labels: IntArray,
    *,
    n_resamples: int = 50,
    most_rows: int = 5_000,
    stop_below: float = 0.0,
    seed: int = 0,
) -> Stability:
    """Fit again on resamples and see which clusters come back.

    Time is `n_resamples` fits of at most `most_rows` rows, whatever the number of customers. Fewer rows than there are
    make the test harder, never easier: the fit that is judged has seen more.

    Args:
        refit: makes the cut again, from other rows.
        labels: the original cut, 0 … K-1, every cluster with a row, shape (n,).
        n_resamples: B.
        most_rows: rows drawn, with replacement, for each resample.
        stop_below: stop early, after ten resamples at least, once a cluster's mean is below this by more than three
            standard errors; 0: never. `n_resamples` of the result says how many there were.
        seed: of the draws and of the starts.

    >>> from patron.segments.methods import KMeansSegmenter
    >>> X = np.concatenate([np.linspace(0, 1, 30), np.linspace(9, 10, 30)])[:, None]
    >>> cut = np.repeat([0, 1], 30)
    >>> bootstrap_stability(lambda rows, s: KMeansSegmenter(2, random_state=s).fit_predict(X[rows]), cut).jaccard
    (1.0, 1.0)
    """
    random = np.random.default_rng(seed)
    size = min(labels.size, most_rows)
    k = int(labels.max()) + 1
    similar: list[FloatArray] = []
    agreed: list[float] = []
    while len(similar) < n_resamples and not _is_lost(similar, stop_below):
        drawn = np.unique(random.integers(0, labels.size, size))
        if drawn.size < k:  # too few are left to hold as many clusters: none comes back
            similar.append(np.zeros(k))
            agreed.append(0.0)
            continue
        again = refit(drawn, int(random.integers(2**31 - 1)))
        similar.append(best_jaccard(labels[drawn], again, k))
        agreed.append(float(adjusted_rand_score(labels[drawn], again)))
    return Stability(tuple(map(float, _means(np.array(similar)))), float(np.mean(agreed)), len(similar), size)


def best_jaccard(labels: IntArray, again: IntArray, k: int) -> FloatArray:
    """Return, for each of the `k` clusters of `labels`, its largest Jaccard similarity with a cluster of `again`.

    NaN for a cluster without a row among these.

    >>> best_jaccard(np.array([0, 0, 1, 1]), np.array([1, 1, 1, 0]), 2).round(3).tolist()
    [0.667, 0.5]
    """
    k_again = int(again.max()) + 1
    both = np.bincount(labels * k_again + again, minlength=k * k_again).reshape(k, k_again)
    sizes = both.sum(axis=1)
    either = sizes[:, None] + both.sum(axis=0) - both
    best: FloatArray = (both / np.maximum(either, 1)).max(axis=1)
    return np.where(sizes > 0, best, np.nan)


def seed_agreement(refit: Refit, rows: IntArray, *, seeds: Sequence[int] = range(10)) -> tuple[float, float]:
    """Return the smallest and the mean adjusted Rand index between any two fits that differ in their seed alone.

    >>> from patron.segments.methods import KMeansSegmenter
    >>> X = np.array([[0.0], [0.1], [9.0], [9.1]])
    >>> seed_agreement(lambda rows, s: KMeansSegmenter(2, random_state=s).fit_predict(X[rows]), np.arange(4))
    (1.0, 1.0)
    """
    cuts = [refit(rows, seed) for seed in seeds]
    pairs = [float(adjusted_rand_score(one, other)) for one, other in combinations(cuts, 2)]
    return min(pairs), float(np.mean(pairs))


def _is_lost(similar: Sequence[FloatArray], floor: float) -> bool:
    if floor <= 0.0 or len(similar) < _FEWEST_RESAMPLES:
        return False
    so_far = np.array(similar)
    means, held = _means(so_far), ~np.isnan(so_far)
    variances = np.where(held, (so_far - means) ** 2, 0.0).sum(axis=0) / np.maximum(held.sum(axis=0) - 1, 1)
    return bool((means + 3.0 * np.sqrt(variances / np.maximum(held.sum(axis=0), 1)) < floor).any())


def _means(similar: FloatArray) -> FloatArray:
    """Return each cluster's mean over the resamples that hold it; 0 for one that none of them holds."""
    held = ~np.isnan(similar)
    means: FloatArray = np.nan_to_num(similar).sum(axis=0) / np.maximum(held.sum(axis=0), 1)
    return means
