"""How good forecasts of a waiting time are, where everyone is followed up to the same day.

Whoever has not had the event by the end of the window is censored there, and nowhere earlier: by choice of the
window, not by anything about the customer. So no weights for censoring are needed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patron.ground.errors import InputError
from patron.measures.arrays import FloatArray, pair, vector
from patron.measures.bootstrap import Interval, interval_of_ratio

IntArray = NDArray[np.int64]


def concordance(waited: ArrayLike, happened: ArrayLike, expected: ArrayLike) -> float:
    """Return Harrell's C: of two customers whose order in time is known, the chance that the forecast knew it.

    A pair is known where one had the event before the other had it, or before the other was censored. Equal forecasts
    count half. NaN where no pair is known. Cost: n log² n.

    Args:
        waited: time to the event, or to censoring.
        happened: 1 for an event, 0 for censoring.
        expected: the forecast of the time; only its order counts.

    References:
        Harrell, Califf, Pryor, Lee and Rosati (1982), Evaluating the yield of medical tests, JAMA 247.

    >>> concordance([2, 5, 9], [1, 1, 0], [3.0, 4.0, 8.0])
    1.0
    """
    right, known = _pairs(waited, happened, expected)
    return float(right.sum() / known.sum()) if known.any() else float("nan")


def concordance_interval(
    waited: ArrayLike, happened: ArrayLike, expected: ArrayLike, *, draws: int = 200, seed: int = 0
) -> Interval:
    """Return `concordance` with its 95 % interval over drawn customers.

    C is a ratio of sums over pairs. To first order it moves twice as far as the ratio of each customer's own pairs,
    which costs no more to draw than a mean: a customer drawn twice comes as the earlier and as the later of a pair.

    References:
        Newson (2006), Confidence intervals for rank statistics: Somers' D and extensions, Stata Journal 6 (the
        jackknife of a ratio of U-statistics).

    >>> concordance_interval([2, 5, 9], [1, 1, 0], [3.0, 4.0, 8.0]).value
    1.0
    """
    right, known = _pairs(waited, happened, expected)
    it = interval_of_ratio(right, known, draws=draws, seed=seed)
    lower, upper = (min(max(it.value + 2.0 * (end - it.value), 0.0), 1.0) for end in (it.lower, it.upper))
    return Interval(it.value, lower, upper, it.level)


def integrated_brier_scores(waited: ArrayLike, reached: ArrayLike, by_days: ArrayLike) -> FloatArray:
    """Return each customer's Brier score, averaged over the days up to the last of `by_days`.

    Σ w_k · (F(d_k) − 1[waited < d_k])² with F the forecast chance that the event came within the first d_k days and
    w_k = (d_k − d_{k−1}) / d_K. It is least in the mean at the true distribution, and for a forecast that is one day,
    without doubt, the distance in days.

    Args:
        waited: whole days to the event, shape (n,); infinite, or d_K and more, where there was none.
        reached: F, shape (n, K).
        by_days: d_1 < … < d_K, shape (K,).

    References:
        Graf, Schmoor, Sauerbrei and Schumacher (1999), Assessment and comparison of prognostic classification schemes
        for survival data, Statistics in Medicine 18; the weights for censoring are 1 here.

    >>> integrated_brier_scores([3.0, np.inf], [[0.0, 1.0], [0.0, 0.5]], [2.0, 4.0]).tolist()
    [0.0, 0.125]
    """
    days, chance = vector("by_days", by_days), np.asarray(reached, dtype=np.float64)
    came = np.asarray(waited, dtype=np.float64)
    if chance.shape != (came.size, days.size) or (np.diff(days) <= 0).any() or days[0] <= 0:
        raise InputError(
            f"'reached' has shape {chance.shape} for {came.size} customers and days {days.tolist()}.\n"
            "It needs one row a customer and one column a day, the days rising from above zero."
        )
    gap = chance - (came[:, None] < days)
    scores: FloatArray = np.square(gap) @ (np.diff(days, prepend=0.0) / days[-1])
    return scores


def _pairs(waited: ArrayLike, happened: ArrayLike, expected: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return of each customer's known pairs how many were forecast in the right order, and how many there are."""
    days, came = pair(("waited", waited), ("happened", happened))
    days, said = pair(("waited", days), ("expected", expected))
    event: NDArray[np.bool_] = came > 0
    # A customer censored on the day of another's event waited longer than that one.
    place = np.unique(2.0 * np.unique(days, return_inverse=True)[1] + ~event, return_inverse=True)[1]
    sooner = np.unique(-said, return_inverse=True)[1]
    everyone = np.ones(event.size)
    later = event * (everyone.size - np.searchsorted(np.sort(place), place, side="right"))
    earlier = np.concatenate(([0.0], np.cumsum(np.bincount(place, weights=event))))[place]
    right = event * _below(-place, sooner, everyone) + _below(place, -sooner, event)
    wrong = event * _below(-place, -sooner, everyone) + _below(place, sooner, event)
    known = (later + earlier).astype(np.float64)
    return right + (known - right - wrong) / 2.0, known


def _below(first: IntArray, second: IntArray, weight: ArrayLike) -> FloatArray:
    """Return for each row the weight of the rows that lie below it in both.

    Rows in order of `first`, equal ones by falling `second`, so that an earlier row with a smaller second lies below in
    both. Neighbouring blocks of 1, 2, 4, … rows are merged: each row of the right one counts those of the left.
    """
    order = np.lexsort((-second, first))
    ranks = np.unique(second[order], return_inverse=True)[1]
    weights = np.asarray(weight, dtype=np.float64)[order]
    size = 1 << max(int(order.size - 1).bit_length(), 1)
    rank = np.concatenate([ranks, np.full(size - order.size, order.size)])
    heavy = np.concatenate([weights, np.zeros(size - order.size)])
    total = np.zeros(size)
    width = 2
    while width <= size:
        left = np.arange(width) < width // 2
        block = rank.reshape(-1, width)
        # Of equal ranks the right one comes first, and so does not count its equals.
        sort = np.argsort(2 * block + left, axis=1, kind="stable")
        counted = np.cumsum(np.take_along_axis(np.where(left, heavy.reshape(-1, width), 0.0), sort, axis=1), axis=1)
        back = np.empty_like(counted)
        np.put_along_axis(back, sort, counted, axis=1)
        total += np.where(left, 0.0, back).ravel()
        width *= 2
    found = np.empty(order.size)
    found[order] = total[: order.size]
    return found
