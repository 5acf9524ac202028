"""Does a cut earn its keep? Learned at one day, does it say on a later day who will bring how much?

Every contender is read the same way. At the learning origin each of its segments gets a *trained mean*: the money its
members then brought. At the held-out origin a customer is worth the trained mean of the segment he is in there, and
that is held against the money he then brought: the share of its variance explained, the normalised Gini of the ranking,
and how much of the money the best fifth holds. Contenders are compared over the same draws of customers.

Trained means are shrunken towards everyone's mean by credibility (Bühlmann 1967): a segment of n customers keeps
n / (n + s² / τ²) of its distance, s² the variance within segments and τ² the variance between their true means. Thin
cells, such as most of the 125 of RFM quintiles, then cost a contender little, and large segments keep their own mean.

References:
    Bühlmann and Gisler (2005), A course in credibility theory, §4.8 (the estimators of s² and τ²).
    Wang, Liu and Miao (2019), A deep probabilistic model for customer lifetime value prediction, §4.2 (the Gini).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.measures import Interval, intervals, normalised_gini, top_capture

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TOP_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to cut customers: everyone's segment, 0 … K-1, at the learning and at the held-out origin.

    Args:
        learned, held_out: the segments.
        expected: what each held-out customer is worth where that is said already, as deciles of a forecast say it;
            None: the trained mean of his segment.
    """

    learned: IntArray
    held_out: IntArray
    expected: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Margins:
    """What each action would have brought for each customer, at both origins; shape (n, n_actions) each."""

    learned: FloatArray
    held_out: FloatArray


@dataclass(frozen=True, slots=True)
class Worth:
    """What contenders are worth on held-out time.

    Args:
        scores: by measure and contender: "explained", "gini", "top_capture", and "decision_value" where margins are
            known, with 95 % intervals.
        gains: by measure and rival: the judged cut's score minus the rival's, over the same draws.
    """

    scores: Mapping[tuple[str, str], Interval]
    gains: Mapping[tuple[str, str], Interval]

    def beats(self, rival: str, measure: str = "gini") -> bool:
        """Return whether the judged cut is ahead of `rival` by more than luck of the sample."""
        return bool(self.gains[measure, rival].lower > 0.0)


def judge_worth(
    judged: Contender,
    rivals: Mapping[str, Contender],
    *,
    value_then: FloatArray,
    value_held_out: FloatArray,
    margins: Margins | None = None,
    draws: int = 200,
    seed: int = 0,
) -> Worth:
    """Hold a cut and its rivals against what customers brought after the held-out origin.

    Args:
        judged: the cut in question.
        rivals: what it must beat, by name.
        value_then: money brought after the learning origin, one entry a customer there.
        value_held_out: the same after the held-out origin.
        margins: what actions would have brought. The decision value of a cut is the mean margin per held-out customer
            when every segment gets the one action that was best for its customers at the learning origin, or none;
            that of one segment is the same action for everyone. A contender that says `expected` has none.
        draws: bootstrap draws of held-out customers; all contenders share them.
        seed: of the draws.

    >>> then, later = np.array([0.0, 0.0, 9.0, 9.0]), np.array([1.0, 0.0, 5.0, 6.0])
    >>> cut, one = Contender(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])), Contender(*np.zeros((2, 4), int))
    >>> worth = judge_worth(cut, {"one segment": one}, value_then=then, value_held_out=later)
    >>> round(worth.scores["explained", "judged"].value, 2), worth.scores["explained", "one segment"].value
    (0.92, 0.0)
    """
    contenders = {"judged": judged, **rivals}
    told = [_expected(one, value_then) for one in contenders.values()]
    decided = (
        {} if margins is None else {k: _decided(it, margins) for k, it in contenders.items() if it.expected is None}
    )
    asked = {name: tuple(contenders) for name in MEASURES} | ({"decision_value": tuple(decided)} if decided else {})

    def measured(actual: FloatArray, *columns: FloatArray) -> dict[str, float]:
        predicted, margin = columns[: len(told)], columns[len(told) :]
        scores = {
            (m, name): MEASURES[m](actual, p) for m in MEASURES for name, p in zip(contenders, predicted, strict=True)
        }
        if margin:
            scores |= {("decision_value", name): float(it.mean()) for name, it in zip(decided, margin, strict=True)}
        gains = {("gain", m, name): scores[m, "judged"] - scores[m, name] for m, name in scores if name != "judged"}
        return {"\0".join(key): value for key, value in (scores | gains).items()}

    drawn = intervals(measured, value_held_out, *told, *decided.values(), draws=draws, seed=seed)
    found = {tuple(name.split("\0")): value for name, value in drawn.items()}
    return Worth(
        {(m, name): found[m, name] for m, names in asked.items() for name in names},
        {(m, name): found["gain", m, name] for m, names in asked.items() for name in names if name != "judged"},
    )


def trained_means(labels: IntArray, value: FloatArray, k: int) -> FloatArray:
    """Return each segment's mean value, shrunken by credibility towards everyone's; shape (k,).

    A segment without a customer has everyone's mean, and so have all where segments do not differ beyond luck.

    >>> trained_means(np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 5.0, 5.0]), 3).tolist()
    [1.0, 5.0, 3.0]
    """
    n = np.bincount(labels, minlength=k).astype(np.float64)
    overall = float(value.mean())
    means = np.where(n > 0, np.bincount(labels, value, k) / np.maximum(n, 1.0), overall)
    used = int((n > 0).sum())
    within = float(((value - means[labels]) ** 2).sum()) / max(value.size - used, 1)
    between = float((n * (means - overall) ** 2).sum()) - (used - 1) * within
    scale = value.size - float((n**2).sum()) / value.size
    spread = between / scale if scale > 0 else 0.0
    if spread <= 0.0:
        return np.full(k, overall)
    kept = n / np.where(n > 0, n + within / spread, 1.0)
    shrunken: FloatArray = overall + kept * (means - overall)
    return shrunken


def share_explained(actual: FloatArray, predicted: FloatArray) -> float:
    """Return the share of the variance of `actual` that `predicted` explains, once brought to the same total.

    1 - Σ (y - c p)² / Σ (y - ȳ)² with c = ȳ / p̄: the season between the two origins lifts all customers, and no cut is
    blamed for it. One segment explains exactly 0; below 0 is worse than that. NaN when `actual` is constant.

    >>> share_explained(np.array([1.0, 3.0]), np.array([10.0, 30.0]))
    1.0
    """
    total = float(((actual - actual.mean()) ** 2).sum())
    if total <= 0.0:
        return float("nan")
    level = float(predicted.mean())
    brought = predicted * (float(actual.mean()) / level) if level > 0 else np.full(actual.shape, actual.mean())
    return 1.0 - float(((actual - brought) ** 2).sum()) / total


def _top_capture(actual: FloatArray, predicted: FloatArray) -> float:
    return top_capture(actual, predicted, TOP_SHARE)


MEASURES = {"explained": share_explained, "gini": normalised_gini, "top_capture": _top_capture}


def _expected(one: Contender, value_then: FloatArray) -> FloatArray:
    """Return what each held-out customer is worth by the trained mean of the segment he is in."""
    if one.expected is not None:
        return one.expected
    k = int(max(one.learned.max(), one.held_out.max())) + 1
    expected: FloatArray = trained_means(one.learned, value_then, k)[one.held_out]
    return expected


def _decided(one: Contender, margins: Margins) -> FloatArray:
    """Return what the action of his segment would have brought for each held-out customer."""
    k = int(max(one.learned.max(), one.held_out.max())) + 1
    expected = np.column_stack([trained_means(one.learned, column, k) for column in margins.learned.T])
    best = expected.argmax(axis=1)
    chosen = np.where(expected.max(axis=1) > 0.0, best, -1)[one.held_out]
    margin = margins.held_out[np.arange(chosen.size), np.maximum(chosen, 0)]
    brought: FloatArray = np.where(chosen >= 0, margin, 0.0)
    return brought
