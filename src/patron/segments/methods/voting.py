"""The table of votes: what every index says of K, and who has no say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patron.segments.methods.cuts import Cut
from patron.segments.methods.gap_statistic import Gap
from patron.segments.methods.internal_indices import knee
from patron.segments.methods.stability import STABLE


@dataclass(frozen=True, slots=True)
class Vote:
    """What one index says: its K, or None when it abstains, and a word of why."""

    index: str
    k: int | None
    note: str


def votes_of(cuts: Sequence[Cut], allowed: Sequence[Cut], gaps: Sequence[Gap], *, total: float) -> list[Vote]:
    """Ask every index.

    Args:
        cuts: all candidates, K = 2, 3, …
        allowed: those that may be chosen; nobody can vote for another one.
        gaps: the gap curves.
        total: W_1, the sum of squares around the mean of everyone.
    """
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
            _most_stable(allowed),
        ]
    return votes


def without_ends(votes: Sequence[Vote], cuts: Sequence[Cut], allowed: Sequence[Cut]) -> list[Vote]:
    """Let every index abstain that only says "as few as possible" or "as many as possible"."""
    ks = [cut.k for cut in allowed]
    ends = {*(cut.k for cut in (*cuts[:1], *cuts[-1:])), *ks[:1], *ks[-1:]}
    return [_abstaining(vote) if vote.k in ends else vote for vote in votes]


def plurality(votes: Sequence[Vote]) -> int | None:
    """Return the K with most votes; the elbow's among equals, then the smallest; None where nobody votes."""
    counted = Counter(vote.k for vote in votes if vote.k is not None)
    if not counted:
        return None
    most = max(counted.values())
    tied = sorted(k for k, n in counted.items() if n == most)
    elbow = next((vote.k for vote in votes if vote.index == "elbow"), None)
    return elbow if elbow in tied else tied[0]


def _best(index: str, ks: Sequence[int], goodness: Sequence[float]) -> Vote:
    best = int(np.argmax(goodness))
    return Vote(index, ks[best], f"best at {ks[best]}: {abs(goodness[best]):.3g}")


def _most_stable(allowed: Sequence[Cut]) -> Vote:
    """Vote for the most segments that all come back: stability alone would always prefer two."""
    stable = [cut for cut in allowed if cut.stability is not None and cut.stability.weakest >= STABLE]
    if not stable:
        return Vote("stability", None, f"no cut whose every segment comes back with a Jaccard of {STABLE:g}")
    return Vote("stability", stable[-1].k, f"the most of which all come back, Jaccard {STABLE:g} or more")


def _abstaining(vote: Vote) -> Vote:
    return Vote(vote.index, None, f"{vote.note}, an end of the range: abstains")
