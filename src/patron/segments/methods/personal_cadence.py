"""A customer measured against their own rhythm instead of the shop's: overdue, or within their usual gap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

OVERDUE_FROM_GAPS = 2.0
FEWEST_ORDERS = 3
OVERDUE, WITHIN, UNKNOWN = 1, -1, 0


def own_rhythm(silence_days: FloatArray, usual_gap_days: FloatArray, order_count: FloatArray) -> IntArray:
    """Say for each customer whether the silence since the last order is long by their own standard.

    Args:
        silence_days: days since the last order; NaN where there is none.
        usual_gap_days: mean days between the customer's order days; NaN where unknown.
        order_count: orders so far; below three, one gap at most is known, and one gap is no rhythm.

    Returns:
        1 (overdue) from twice the usual gap on, -1 (within) up to the usual gap, else 0.

    >>> own_rhythm(np.array([40.0, 14.0, 20.0]), np.array([15.0, 15.0, 15.0]), np.array([5.0, 5.0, 5.0])).tolist()
    [1, -1, 0]
    """
    known = (order_count >= FEWEST_ORDERS) & (usual_gap_days > 0) & ~np.isnan(silence_days)
    overdue = known & (silence_days >= OVERDUE_FROM_GAPS * usual_gap_days)
    within = known & (silence_days <= usual_gap_days)
    return np.select([overdue, within], [OVERDUE, WITHIN], UNKNOWN).astype(np.int64)
