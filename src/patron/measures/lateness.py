"""Lateness: who is overdue by their own rhythm, and for whom of them there is still something to lose."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patron.measures.arrays import FloatArray

BoolArray = NDArray[np.bool_]

LATE_RATIO = 1.5  # silence over the usual gap from which a customer is late
SHOP_GAPS = 2.0  # the shop's usual gap weighs as much as two of a customer's own
RETURNED, ALL_RETURNED = (
    0.8,
    0.95,
)  # a single order is late, and lost, once this share of those who came back usually had
LOST_RATIO = 4.0  # silence over the due days from which a customer counts as lost, whatever a forecast says
LOST, AS_EXPECTED = 0.5, 0.9  # chance of an order over that of on-time customers: below is lost, above is no risk
ORDER_CLASSES = (2, 3, 5, 10)  # order days; customers are compared with those who have about as many


def lateness_limits(order_days: ArrayLike, gap_days: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the silences, in days since the last order, from which each customer is late and from which lost.

    With n - 1 gaps between n days with an order, of mean g, and m the median of the customers' mean gaps, the usual
    gap is max(g, ((n - 1) g + k m) / (n - 1 + k)), k = `SHOP_GAPS`: two orders on neighbouring days are no rhythm yet,
    and nobody is late before their own. Late is `LATE_RATIO` times that, lost `LOST_RATIO` times the late limit. A
    customer without a gap is late at `LATE_RATIO` times m, and not before `RETURNED` of those who came back usually
    had, and lost once `ALL_RETURNED` of them had.

    Args:
        order_days: different days with an order so far, shape (n_customers,).
        gap_days: mean days between a customer's order days; NaN where there is no gap.

    Returns:
        Two arrays of days, shape (n_customers,); NaN where nobody has a gap.

    >>> [limit.round(1).tolist() for limit in lateness_limits([10, 2, 1], [10.0, 30.0, np.nan])]
    [[17.7, 45.0, 30.0], [70.9, 180.0, 30.0]]
    """
    count, gap = np.asarray(order_days, dtype=np.float64), np.asarray(gap_days, dtype=np.float64)
    known = np.nan_to_num(gap) > 0
    if not known.any():
        return np.full(gap.size, np.nan), np.full(gap.size, np.nan)
    shop = float(np.median(gap[known]))
    own = np.maximum(count - 1.0, 1.0)
    usual = np.where(known, np.maximum(gap, (own * gap + SHOP_GAPS * shop) / (own + SHOP_GAPS)), shop)
    most, nearly_all = np.quantile(gap[known], [RETURNED, ALL_RETURNED])
    late: FloatArray = np.where(known, LATE_RATIO * usual, max(LATE_RATIO * shop, float(most)))
    lost: FloatArray = np.where(known, LOST_RATIO * late, np.maximum(late, nearly_all))
    return late, lost


def late_not_lost(
    order_days: ArrayLike, gap_days: ArrayLike, days_since_last: ArrayLike, chance: ArrayLike
) -> BoolArray:
    """Tell who is late but not lost: between both limits, and the forecast sees something left to lose.

    The chance of an order is held against the median chance of on-time customers with orders on about as many
    days (`ORDER_CLASSES`): below `LOST` of it the customer is as good as gone, above `AS_EXPECTED` as good as on time.
    Where no chance is known, the limits alone decide.

    Args:
        order_days: different days with an order so far, shape (n_customers,).
        gap_days: mean days between a customer's order days; NaN where there is no gap.
        days_since_last: days since the last order.
        chance: probability of an order in the forecast's horizon; NaN where there is no forecast.

    Returns:
        Booleans, shape (n_customers,).
    """
    silence, p = np.asarray(days_since_last, dtype=np.float64), np.asarray(chance, dtype=np.float64)
    late, lost = lateness_limits(order_days, gap_days)
    share = _share_of_on_time(silence < late, np.asarray(order_days, dtype=np.float64), p)
    at_stake = ~np.isfinite(share) | ((share >= LOST) & (share <= AS_EXPECTED))
    said: BoolArray = (silence >= late) & (silence < lost) & at_stake
    return said


def _share_of_on_time(on_time: BoolArray, count: FloatArray, chance: FloatArray) -> FloatArray:
    known = on_time & np.isfinite(chance)
    if not known.any():
        return np.full(chance.size, np.nan)
    group = np.digitize(count, ORDER_CLASSES)
    everyone = float(np.median(chance[known]))
    usual = np.full(len(ORDER_CLASSES) + 1, everyone)
    for one in np.unique(group[known]):
        usual[one] = np.median(chance[known & (group == one)])
    share: FloatArray = chance / np.maximum(usual[group], np.finfo(float).tiny)
    return share
