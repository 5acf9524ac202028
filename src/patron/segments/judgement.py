"""What was measured when the cut was learned: the candidates and the votes."""

from __future__ import annotations

import json
from dataclasses import dataclass

from patron.segments.learned import LEARNED
from patron.segments.methods.choosing_k import Cut, KChoice
from patron.segments.methods.stability import SAME_CUT, UNSTABLE_BELOW

_95 = 1.96


@dataclass(frozen=True, slots=True)
class Judgement:
    """One row of the quality table, without the room."""

    measure: str
    slice: str
    value: float | None
    verdict: str
    lower: float | None = None
    upper: float | None = None
    baseline: float | None = None
    reason: str | None = None


def judge(choice: KChoice, n_learned: int) -> tuple[Judgement, ...]:
    """Say how K was chosen, and how every candidate looked."""
    word = "good" if choice.is_natural else "refused" if choice.k == 1 else "fair"
    told = f"{word}: {choice.why_en} Learned on {n_learned:,} customers."
    reason = json.dumps({"key": "learned_on", "customers": n_learned})
    rows = [Judgement("chosen_k", LEARNED, choice.k, told, reason=reason)]
    rows += [Judgement(f"vote: {vote.index}", LEARNED, vote.k, f"info: {vote.note}") for vote in choice.votes]
    for cut in choice.cuts:
        rows += _candidate(cut, chosen=cut.k == choice.k)
    for gap in choice.gaps:
        rows += [
            Judgement(f"gap_{gap.reference}", f"{LEARNED}/K={k}", value, "info: larger is better", value - s, value + s)
            for k, (value, s) in enumerate(zip(gap.gaps, gap.standard_errors, strict=True), start=1)
        ]
    return tuple(rows)


def _candidate(cut: Cut, *, chosen: bool) -> list[Judgement]:
    where = f"{LEARNED}/K={cut.k}"
    word = f"refused: {cut.refused}" if cut.refused else "info: chosen" if chosen else "info: not chosen"
    width = cut.silhouette
    error = _95 * width.standard_error
    ends = (width.value - error, width.value + error) if error > 0 else (None, None)  # exact: there is none
    return [
        Judgement("silhouette", where, width.value, f"{word}; larger is better", *ends),
        Judgement("davies_bouldin", where, cut.davies_bouldin, f"{word}; smaller is better"),
        Judgement("calinski_harabasz", where, cut.calinski_harabasz, f"{word}; larger is better"),
        Judgement("within_sum_of_squares", where, cut.within, f"{word}; look for the bend"),
        Judgement("worst_cluster_index", where, cut.worst_cluster_index, f"{word}; below 0.2 is apart", baseline=0.25),
        Judgement("smallest_segment_share", where, min(cut.shares), word),
        Judgement("largest_segment_share", where, max(cut.shares), word),
        *_holding_still(cut, where, word),
    ]


def _holding_still(cut: Cut, where: str, word: str) -> list[Judgement]:
    rows = []
    if cut.stability is not None:
        it = cut.stability
        told = f"{word}; {it.n_resamples} resamples of {it.n_rows:,} customers"
        rows += [
            Judgement("stability_jaccard", where, it.weakest, f"{told}; the weakest segment", baseline=UNSTABLE_BELOW),
            Judgement("stability_adjusted_rand", where, it.adjusted_rand, f"{told}; 1 is the same cut"),
        ]
    if cut.seed_agreement is not None:
        told = f"{word}; the smallest adjusted Rand index of any two starts"
        rows.append(Judgement("seed_agreement", where, cut.seed_agreement, told, baseline=SAME_CUT))
    return rows
