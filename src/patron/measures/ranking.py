"""How well a forecast puts customers in order, whatever its level."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from patron.measures.arrays import FloatArray, outcomes, vector


def gain_curve(actual: ArrayLike, predicted: ArrayLike) -> FloatArray:
    """Return the share of the total outcome held by the k customers ranked highest, for k = 0 … n.

    Customers tied in the prediction share their mean outcome, so the curve does not depend on the order of rows.
    Shape (n + 1,), from 0 to 1; all NaN when the total outcome is not above zero.

    >>> gain_curve([3, 1, 0], [9, 5, 1]).tolist()
    [0.0, 0.75, 1.0, 1.0]
    """
    y, p = outcomes(actual, predicted)
    total = float(y.sum())
    if total <= 0:
        return np.full(y.size + 1, np.nan)
    _, inverse, counts = np.unique(-p, return_inverse=True, return_counts=True)
    means = np.bincount(inverse, weights=y) / counts
    return np.concatenate(([0.0], np.cumsum(np.repeat(means, counts)) / total))


def gini_of_gain(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return twice the area between the gain curve and the diagonal: 0 for no order, negative for a reversed one.

    >>> gini_of_gain([1, 1, 1, 1], [4, 3, 2, 1])
    0.0
    """
    curve = gain_curve(actual, predicted)
    n = curve.size - 1
    return float(2.0 * np.trapezoid(curve, dx=1.0 / n) - 1.0)


def normalised_gini(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the Gini of the gain curve ranked by the prediction over the same ranked by the truth.

    1 is a perfect order, 0 a random one. NaN when the truth cannot be ordered (all equal) or its total is not above 0.

    References:
        Wang, Liu and Miao (2019), A deep probabilistic model for customer lifetime value prediction, §4.2.

    >>> normalised_gini([0, 1, 5], [0.1, 0.5, 2.0])
    1.0
    """
    best = gini_of_gain(actual, actual)
    return gini_of_gain(actual, predicted) / best if best > 0 else float("nan")


def spearman(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return Spearman's rank correlation, ties sharing their mean rank; NaN when either side is constant.

    >>> spearman([1, 2, 3], [10, 20, 30])
    1.0
    """
    y, p = outcomes(actual, predicted)
    a, b = _mean_ranks(y), _mean_ranks(p)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt(np.square(a).sum() * np.square(b).sum()))
    return float((a * b).sum() / scale) if scale > 0 else float("nan")


def top_capture(actual: ArrayLike, predicted: ArrayLike, share: float = 0.1) -> float:
    """Return the share of the total outcome held by the `share` of customers ranked highest.

    Ties at the edge count by their mean, and a fraction of a customer counts as that fraction.

    >>> top_capture([8, 1, 1, 0, 0, 0, 0, 0, 0, 0], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    0.8
    """
    curve = gain_curve(actual, predicted)
    position = share * (curve.size - 1)
    return float(np.interp(position, np.arange(curve.size), curve))


def _mean_ranks(values: FloatArray) -> FloatArray:
    _, inverse, counts = np.unique(vector("values", values), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: FloatArray = (last - (counts - 1) / 2.0)[inverse]
    return ranks
