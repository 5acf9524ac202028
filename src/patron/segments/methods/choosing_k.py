"""How many segments? Every index votes, the cuts are checked for being real, and one K is chosen with its reason.

1. *Are there groups at all?* The gap statistic proposes K (possibly 1), and the least separate pair of its clusters
   must stand apart along the line that joins them. The gap against a uniform box sees clusters in many dimensions and
   chops up elongated ones; the gap along principal axes does the opposite; the separation decides between them.
2. *If not*, customers form one cloud. A cut of it is a convenience, so indices that only say "as few as possible" or
   "as many as possible" abstain, and the plurality of the others decides.
3. Cuts with a cluster of nearly everyone, or of hardly anyone, are refused whatever their silhouette.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.segments.methods.gap_statistic import Gap, gap_statistic
from patron.segments.methods.internal_indices import (
    Silhouette,
    calinski_harabasz,
    davies_bouldin,
    knee,
    silhouettes,
)
from patron.segments.methods.k_means import KMeansSegmenter
from patron.segments.methods.reasons import Verdict, explain
from patron.segments.methods.separation import SEPARATE_BELOW, UNIFORM_INDEX, worst_cluster_index

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class KLimits:
    """What a cut may look like, and how much work choosing it may be.

    Args:
        k_min, k_max: fewest and most segments; k_min = 1 lets "no segments" be the answer.
        smallest_share, largest_share: a cut with a smaller or larger segment than these is refused.
        silhouette_rows: silhouettes are exact up to so many rows and sampled beyond.
        gap_rows: rows drawn for the gap statistic.
        n_references: reference data sets of the gap statistic.
    """

    k_min: int = 2
    k_max: int = 10
    smallest_share: float = 0.02
    largest_share: float = 0.8
    silhouette_rows: int = 20_000
    gap_rows: int = 2_000
    n_references: int = 20


@dataclass(frozen=True, slots=True)
class Cut:
    """One candidate: K-Means with K = k, and how it looks. `refused` says why it may not be used; empty: it may."""

    k: int
    model: KMeansSegmenter
    shares: tuple[float, ...]
    within: float
    silhouette: Silhouette
    davies_bouldin: float
    calinski_harabasz: float
    worst_cluster_index: float
    refused: str


@dataclass(frozen=True, slots=True)
class Vote:
    """What one index says: its K, or None when it abstains, and a word of why."""

    index: str
    k: int | None
    note: str


@dataclass(frozen=True, slots=True)
class KChoice:
    """The chosen K with everything that spoke for and against it.

    Args:
        k: the choice; 1 means that everyone is one segment.
        is_natural: whether the data fall into groups by themselves.
        cuts: one per K from 2 on.
        gaps: the gap curves, uniform and along principal axes.
        why_en, why_zh: one sentence.
    """

    k: int
    is_natural: bool
    cuts: tuple[Cut, ...]
    gaps: tuple[Gap, ...]
    votes: tuple[Vote, ...]
    why_en: str
    why_zh: str

    @property
    def cut(self) -> Cut | None:
        """The chosen cut; None for one segment."""
        return next((cut for cut in self.cuts if cut.k == self.k), None)


def choose_k(X: FloatArray, limits: KLimits, *, seed: int) -> KChoice:
    """Choose the number of K-Means segments of the rows of `X`.

    Args:
        X: prepared features, shape (n, p), finite.
        limits: what a cut may look like.
        seed: of every start and draw.

    Returns:
        The choice. K = 1 where `k_min` is 1 and the data hold no groups, or where every cut is refused.
    """
    k_max = min(limits.k_max, _most_clusters(X))
    cuts = _cuts(X, k_max, limits, seed)
    gaps = _gaps(X, k_max, limits, seed) if cuts else ()
    proposed, is_natural = _proposed(gaps, cuts, X.shape[0])
    allowed = [cut for cut in cuts if not cut.refused and cut.k >= limits.k_min]
    has_groups = is_natural and proposed > 1
    votes = _votes(cuts, allowed, gaps, total=_spread(X), abstain_at_ends=not has_groups)
    k, how = _decide(proposed, allowed, votes, is_natural=is_natural, k_min=limits.k_min)
    verdict = Verdict(
        k, how, [vote.index for vote in votes if vote.k == k], [cut.refused for cut in cuts if cut.refused]
    )
    said = explain(verdict)
    return KChoice(k, is_natural and k == proposed, tuple(cuts), gaps, tuple(votes), *said)


def _cuts(X: FloatArray, k_max: int, limits: KLimits, seed: int) -> list[Cut]:
    models = [KMeansSegmenter(k, random_state=seed).fit(X) for k in range(2, k_max + 1)]
    widths = silhouettes(X, [model.labels_ for model in models], most_rows=limits.silhouette_rows, seed=seed)
    return [_judged(X, model, width, limits) for model, width in zip(models, widths, strict=True)]


def _judged(X: FloatArray, model: KMeansSegmenter, width: Silhouette, limits: KLimits) -> Cut:
    labels, k = model.labels_, model.n_clusters
    shares = np.bincount(labels, minlength=k) / X.shape[0]
    refused = ""
    if shares.max() > limits.largest_share:
        refused = f"K = {k}: one segment holds {shares.max():.1%} of customers"
    elif shares.min() < limits.smallest_share:
        refused = f"K = {k}: one segment holds only {shares.min():.1%} of customers"
    return Cut(
        k,
        model,
        tuple(map(float, shares)),
        model.inertia_,
        width,
        davies_bouldin(X, labels),
        calinski_harabasz(X, labels),
        worst_cluster_index(X, labels),
        refused,
    )


def _gaps(X: FloatArray, k_max: int, limits: KLimits, seed: int) -> tuple[Gap, ...]:
    rows = np.random.default_rng(seed).permutation(X.shape[0])[: limits.gap_rows]
    part = X[np.sort(rows)]
    n_init = 10 if part.shape[0] <= 500 else 3
    within = [_spread(part)]
    within += [KMeansSegmenter(k, n_init=n_init, random_state=seed).fit(part).inertia_ for k in range(2, k_max + 1)]
    starts = 2 if part.shape[0] <= 500 else 1
    return (
        gap_statistic(part, within, reference="uniform", n_references=limits.n_references, n_init=starts, seed=seed),
        gap_statistic(part, within, reference="pca", n_references=limits.n_references, n_init=starts, seed=seed + 1),
    )


def _proposed(gaps: Sequence[Gap], cuts: Sequence[Cut], n_rows: int) -> tuple[int, bool]:
    """Return the K that the gap statistics propose, and whether its clusters are really apart."""
    if not cuts:
        return 1, True
    index = {1: 0.0} | {cut.k: cut.worst_cluster_index for cut in cuts}
    uniform, along_axes = gaps[0].k, gaps[1].k
    k = uniform
    if index[uniform] >= SEPARATE_BELOW and index[along_axes] < SEPARATE_BELOW:
        k = along_axes
    # Where both references agree the index need only be no worse than a uniform segment's, give or take its noise.
    noise = 0.5 / np.sqrt(2.0 * n_rows / k)
    agreed = uniform == along_axes and index[k] < UNIFORM_INDEX + noise
    return k, bool(index[k] < SEPARATE_BELOW or agreed)


def _votes(
    cuts: Sequence[Cut], allowed: Sequence[Cut], gaps: Sequence[Gap], *, total: float, abstain_at_ends: bool
) -> list[Vote]:
    ks = [cut.k for cut in allowed]
    votes = [Vote(f"gap ({gap.reference})", gap.k if gap.k in ks else None, f"says {gap.k}") for gap in gaps]
    if cuts:
        elbow = knee([1, *(cut.k for cut in cuts)], [total, *(cut.within for cut in cuts)])
        votes.insert(0, Vote("elbow", elbow if elbow in ks else None, f"bends at {elbow}" if elbow else "no bend"))
    if allowed:
        votes += [
            _best("silhouette", ks, [cut.silhouette.value for cut in allowed]),
            _best("Davies–Bouldin", ks, [-cut.davies_bouldin for cut in allowed]),
            _best("Calinski–Harabasz", ks, [cut.calinski_harabasz for cut in allowed]),
        ]
    if not abstain_at_ends or not cuts:
        return votes
    ends = {cuts[0].k, cuts[-1].k, *(ks[:1] + ks[-1:])}
    return [_abstaining(vote) if vote.k in ends else vote for vote in votes]


def _best(index: str, ks: Sequence[int], goodness: Sequence[float]) -> Vote:
    best = int(np.argmax(goodness))
    return Vote(index, ks[best], f"best at {ks[best]}: {abs(goodness[best]):.3g}")


def _abstaining(vote: Vote) -> Vote:
    return Vote(vote.index, None, f"{vote.note}, an end of the range: abstains")


def _decide(
    proposed: int, allowed: Sequence[Cut], votes: Sequence[Vote], *, is_natural: bool, k_min: int
) -> tuple[int, str]:
    ks = [cut.k for cut in allowed]
    if is_natural and (proposed in ks or (proposed == 1 and k_min == 1)):
        return proposed, "none" if proposed == 1 else "natural"
    if not ks:
        return 1, "refused"
    counted = Counter(vote.k for vote in votes if vote.k is not None)
    if not counted:
        return ks[0], "fewest"
    most = max(counted.values())
    tied = sorted(k for k, n in counted.items() if n == most)
    elbow = next((vote.k for vote in votes if vote.index == "elbow"), None)
    return (elbow if elbow in tied else tied[0]), "practical"


def _spread(X: FloatArray) -> float:
    """Return W_1, the sum of squares around the mean of everyone."""
    return float(((X - X.mean(axis=0)) ** 2).sum())


def _most_clusters(X: FloatArray) -> int:
    """K-Means needs as many different rows as clusters, and the indices one row more than clusters."""
    if X.shape[1] == 0:
        return 1
    return int(min(np.unique(X[:5000], axis=0).shape[0], X.shape[0] - 1))
