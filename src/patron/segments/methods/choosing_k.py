"""How many segments? Every index votes, the cuts are checked for being real, and one K is chosen with its reason.

1. *Are there groups at all?* The gap statistic proposes K (possibly 1), and the least separate pair of its clusters
   must stand apart along the line that joins them. The gap against a uniform box sees clusters in many dimensions and
   chops up elongated ones; the gap along principal axes does the opposite; the separation decides between them.
2. *If not*, customers form one cloud. A cut of it is a convenience, so indices that only say "as few as possible" or
   "as many as possible" abstain, and the plurality of the others decides.
3. Cuts are refused, whatever their silhouette: with a cluster of nearly everyone or of hardly anyone; with a cluster
   that does not come back when other customers are drawn; and a chosen cut that other starts would not give again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.segments.methods.cuts import Cut, KLimits, candidate_cuts, with_seeds
from patron.segments.methods.gap_statistic import Gap, gap_statistic
from patron.segments.methods.k_means import KMeansSegmenter
from patron.segments.methods.reasons import Verdict, explain
from patron.segments.methods.separation import SEPARATE_BELOW, UNIFORM_INDEX
from patron.segments.methods.voting import Vote, plurality, votes_of, without_ends
from patron.segments.methods.ways import Way

FloatArray = NDArray[np.float64]

_SAME = 1e-9

__all__ = ["Cut", "KChoice", "KLimits", "Vote", "choose_k", "no_cut"]


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


@dataclass(frozen=True, slots=True)
class _Evidence:
    """All that a decision rests on; `cuts` may lose one that turns out to depend on its starts."""

    cuts: tuple[Cut, ...]
    gaps: tuple[Gap, ...]
    proposed: int
    is_natural: bool
    total: float


def choose_k(X: FloatArray, limits: KLimits, way: Way | None = None, *, seed: int) -> KChoice:
    """Choose the number of segments of the rows of `X`.

    Args:
        X: prepared features, shape (n, p), finite.
        limits: what a cut may look like.
        way: how customers are cut; None: by K-Means. Whether there are groups at all is the gap statistic's to say,
            and that is K-Means' whatever the way; a method that finds its own K is asked for it.
        seed: of every start and draw.

    Returns:
        The choice. K = 1 where `k_min` is 1 and the data hold no groups, where every cut is refused, or where the
        customers do not differ in any column.
    """
    k_max = min(limits.k_max, _most_clusters(X))
    if X.shape[0] > 1 and _is_alike(X):
        return no_cut("alike")
    if k_max < 2:
        return no_cut("refused")
    way = way or Way(smallest_share=limits.smallest_share)
    cuts = tuple(candidate_cuts(X, k_max, limits, way, seed=seed))
    gaps = _gaps(X, k_max, limits, seed) if cuts and not way.finds_its_own_k else ()
    while True:
        evidence = _Evidence(cuts, gaps, *_proposed(gaps, cuts, X.shape[0]), _spread(X))
        choice = _own(evidence, limits) if way.finds_its_own_k else _choice(evidence, limits)
        cut = choice.cut
        if cut is None or cut.seed_agreement is not None:
            return choice
        cuts = tuple(with_seeds(X, one, limits, way, seed=seed) if one.k == cut.k else one for one in cuts)


def no_cut(way: str) -> KChoice:
    """Return the choice of one segment before anything was tried, in the words of `reasons`."""
    return KChoice(1, False, (), (), (), *explain(Verdict(1, way, [], [])))


def _own(it: _Evidence, limits: KLimits) -> KChoice:
    """Take the cut of most segments that the method itself found and that may be used."""
    usable = [cut.k for cut in it.cuts if cut.refusal is None and limits.k_min <= cut.k <= limits.k_max]
    k = max(usable, default=1)
    refusals = [cut.refusal for cut in it.cuts if cut.refusal is not None]
    verdict = Verdict(k, "own" if usable else "refused" if refusals else "none", [], refusals)
    return KChoice(k, False, it.cuts, (), (), *explain(verdict))


def _choice(it: _Evidence, limits: KLimits) -> KChoice:
    allowed = [cut for cut in it.cuts if cut.refusal is None and cut.k >= limits.k_min]
    votes = votes_of(it.cuts, allowed, it.gaps, total=it.total)
    if not (it.is_natural and it.proposed > 1):
        votes = without_ends(votes, it.cuts, allowed)
    k, way = _decide(it, [cut.k for cut in allowed], votes, k_min=limits.k_min)
    refusals = [cut.refusal for cut in it.cuts if cut.refusal is not None]
    verdict = Verdict(k, way, [vote.index for vote in votes if vote.k == k], refusals)
    return KChoice(k, way in ("natural", "none"), it.cuts, it.gaps, tuple(votes), *explain(verdict))


def _decide(it: _Evidence, ks: Sequence[int], votes: Sequence[Vote], *, k_min: int) -> tuple[int, str]:
    if it.is_natural and (it.proposed in ks or (it.proposed == 1 and k_min == 1)):
        return it.proposed, "none" if it.proposed == 1 else "natural"
    if not ks:
        return 1, "refused"
    voted = plurality(votes)
    return (ks[0], "fewest") if voted is None else (voted, "practical")


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
    if not cuts or not gaps:
        return 1, True
    index = {1: 0.0} | {cut.k: cut.worst_cluster_index for cut in cuts}
    uniform, along_axes = gaps[0].whole_curve_k, gaps[1].whole_curve_k
    k = uniform
    if index[uniform] >= SEPARATE_BELOW and index[along_axes] < SEPARATE_BELOW:
        k = along_axes
    # Where both references agree the index need only be no worse than a uniform segment's, give or take its noise.
    noise = 0.5 / np.sqrt(2.0 * n_rows / k)
    agreed = uniform == along_axes and index[k] < UNIFORM_INDEX + noise
    return k, bool(index[k] < SEPARATE_BELOW or agreed)


def _spread(X: FloatArray) -> float:
    """Return W_1, the sum of squares around the mean of everyone."""
    return float(((X - X.mean(axis=0)) ** 2).sum())


def _is_alike(X: FloatArray) -> bool:
    """Whether nobody differs from anyone by more than the noise of arithmetic."""
    spread = X.max(axis=0) - X.min(axis=0)
    return bool((spread <= _SAME * np.maximum(1.0, np.abs(X).max(axis=0))).all())


def _most_clusters(X: FloatArray) -> int:
    """K-Means needs as many different rows as clusters, and the indices one row more than clusters."""
    if X.shape[1] == 0:
        return 1
    return int(min(np.unique(X[:5000], axis=0).shape[0], X.shape[0] - 1))
