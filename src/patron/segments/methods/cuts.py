"""Candidate cuts: a method for every K in question, how each looks, and why some may not be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from patron.segments.methods.internal_indices import (
    Silhouette,
    calinski_harabasz,
    davies_bouldin,
    silhouettes,
    within_sum_of_squares,
)
from patron.segments.methods.refusals import Refusal
from patron.segments.methods.segmenter import Segmenter
from patron.segments.methods.separation import worst_cluster_index
from patron.segments.methods.stability import (
    SAME_CUT,
    UNSTABLE_BELOW,
    Stability,
    bootstrap_stability,
    seed_agreement,
)
from patron.segments.methods.ways import Way

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_RESAMPLE_STARTS = 3


@dataclass(frozen=True, slots=True)
class KLimits:
    """What a cut may look like, and how much work choosing it may be.

    Args:
        k_min, k_max: fewest and most segments; k_min = 1 lets "no segments" be the answer.
        smallest_share, largest_share: a cut with a smaller or larger segment than these is refused.
        least_jaccard: a cut is refused if one of its segments is found again in resamples worse than this, 0-1.
        least_agreement: a cut is refused if two fits that differ in their seed agree less, adjusted Rand index.
        silhouette_rows: silhouettes are exact up to so many rows and sampled beyond.
        gap_rows: rows drawn for the gap statistic.
        n_references: reference data sets of the gap statistic.
        n_resamples, resample_rows: fits of the bootstrap, and rows drawn for each.
        n_seeds, seed_rows: fits of the chosen cut from other starts, and rows they see.
    """

    k_min: int = 2
    k_max: int = 10
    smallest_share: float = 0.02
    largest_share: float = 0.8
    least_jaccard: float = UNSTABLE_BELOW
    least_agreement: float = SAME_CUT
    silhouette_rows: int = 20_000
    gap_rows: int = 2_000
    n_references: int = 20
    n_resamples: int = 50
    resample_rows: int = 5_000
    n_seeds: int = 10
    seed_rows: int = 20_000


@dataclass(frozen=True, slots=True)
class Cut:
    """One candidate of K = k segments, how it looks, and why it may not be used.

    `stability` is None where the sizes of the segments refuse the cut already, `seed_agreement` where the cut was not
    in question for being chosen.
    """

    k: int
    model: Segmenter
    shares: tuple[float, ...]
    within: float
    silhouette: Silhouette
    davies_bouldin: float
    calinski_harabasz: float
    worst_cluster_index: float
    stability: Stability | None = None
    seed_agreement: float | None = None
    refusal: Refusal | None = None

    @property
    def refused(self) -> str:
        """Why it may not be used, in English; empty: it may."""
        return "" if self.refusal is None else self.refusal.en


def candidate_cuts(X: FloatArray, k_max: int, limits: KLimits, way: Way, *, seed: int) -> list[Cut]:
    """Cut the rows of `X` into 2 … k_max segments and judge every cut; a method that finds its own K makes one at most.

    What it makes of everyone as one segment is no cut.
    """
    if k_max < 2:
        return []
    models = [way.fit(X, k, seed) for k in way.sizes(X, k_max, seed)]
    models = [model for model in models if _k(model) > 1]
    widths = silhouettes(X, [model.labels_ for model in models], most_rows=limits.silhouette_rows, seed=seed)
    return [_judged(X, model, width, limits, way, seed) for model, width in zip(models, widths, strict=True)]


def with_seeds(X: FloatArray, cut: Cut, limits: KLimits, way: Way, *, seed: int) -> Cut:
    """Return the cut with what it becomes from other starts, refused if that is another one."""
    rows = np.sort(np.random.default_rng(seed).permutation(X.shape[0])[: limits.seed_rows])

    def again(drawn: IntArray, start: int) -> IntArray:
        return way.fit(X, cut.k, start, rows=drawn).predict(X[drawn])

    smallest, _ = seed_agreement(again, rows, seeds=range(limits.n_seeds))
    refusal = Refusal("seeds", cut.k, smallest, limits.least_agreement) if smallest < limits.least_agreement else None
    return replace(cut, seed_agreement=smallest, refusal=cut.refusal or refusal)


def _judged(X: FloatArray, model: Segmenter, width: Silhouette, limits: KLimits, way: Way, seed: int) -> Cut:
    labels, k = model.labels_, _k(model)
    shares = np.bincount(labels, minlength=k) / X.shape[0]
    refusal = _of_sizes(k, shares, limits)
    stability = None if refusal else _stability(X, labels, limits, way, seed)
    if stability is not None and stability.weakest < limits.least_jaccard:
        refusal = Refusal("unstable", k, stability.weakest, limits.least_jaccard)
    return Cut(
        k,
        model,
        tuple(map(float, shares)),
        within_sum_of_squares(X, labels),
        width,
        davies_bouldin(X, labels),
        calinski_harabasz(X, labels),
        worst_cluster_index(X, labels),
        stability,
        refusal=refusal,
    )


def _of_sizes(k: int, shares: Sequence[float] | FloatArray, limits: KLimits) -> Refusal | None:
    largest, smallest = float(max(shares)), float(min(shares))
    if largest > limits.largest_share:
        return Refusal("too_large", k, largest, limits.largest_share)
    if smallest < limits.smallest_share:
        return Refusal("too_small", k, smallest, limits.smallest_share)
    return None


def _stability(X: FloatArray, labels: IntArray, limits: KLimits, way: Way, seed: int) -> Stability:
    k = int(labels.max()) + 1

    def again(drawn: IntArray, start: int) -> IntArray:
        return way.fit(X, k, start, rows=drawn, starts=_RESAMPLE_STARTS).predict(X[drawn])

    return bootstrap_stability(
        again,
        labels,
        n_resamples=limits.n_resamples,
        most_rows=way.resample_rows(limits.resample_rows, labels.size),
        stop_below=limits.least_jaccard,
        seed=seed,
    )


def _k(model: Segmenter) -> int:
    return int(model.labels_.max()) + 1
