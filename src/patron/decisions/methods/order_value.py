"""What an extra order would bring, and how likely an order is anyway."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

PRIOR_ORDERS = 2.0  # the shop's mean order weighs as much as two of the customer's own


def value_given_order(
    net_revenue: FloatArray, order_count: FloatArray, predicted_revenue: FloatArray, predicted_orders: FloatArray
) -> FloatArray:
    """Return each customer's expected net revenue of one more order, in money; NaN where no money is known.

    With the shop's mean order m and the customer's n orders of total s, the customer's mean is shrunk towards m:
    v = (s + k m) / (n + k), k = `PRIOR_ORDERS`; a weighted average of both, as in the Gamma-Gamma model (Fader,
    Hardie 2013). Past orders come before the ratio of the two forecasts, because forecasts of money and of orders are
    made by two models whose levels need not agree; the ratio serves where a shop has no past amounts.

    Args:
        net_revenue: so far; shape (n_customers,), as all; NaN where unknown.
        order_count: so far.
        predicted_revenue: expected in the horizon; NaN where refused.
        predicted_orders: expected in the horizon.

    >>> no = np.full(2, np.nan)
    >>> value_given_order(np.array([300.0, 100.0]), np.array([2.0, 2.0]), no, no).tolist()
    [125.0, 75.0]
    """
    orders = np.nan_to_num(order_count)
    spent = np.maximum(net_revenue, 0.0)
    seen = (orders > 0) & np.isfinite(spent)
    if not seen.any():
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio: FloatArray = np.maximum(predicted_revenue, 0.0) / predicted_orders
        return np.where(predicted_orders > 0, ratio, np.nan)
    mean = spent[seen].sum() / orders[seen].sum()
    own: FloatArray = (np.nan_to_num(spent) + PRIOR_ORDERS * mean) / (orders + PRIOR_ORDERS)
    own[~seen] = mean
    return own


def probability_in_window(probability: FloatArray, horizon_days: FloatArray, window_days: float) -> FloatArray:
    """Turn the probability of an order within a horizon into that within a window, at a constant hazard.

    p_w = 1 - (1 - p_h)^(w / h).

    >>> probability_in_window(np.array([0.75]), np.array([60.0]), 30.0).tolist()
    [0.5]
    """
    scaled: FloatArray = 1.0 - (1.0 - np.clip(probability, 0.0, 1.0)) ** (window_days / horizon_days)
    return scaled


def naive_probability(order_count: FloatArray, days_as_customer: FloatArray, window_days: float) -> FloatArray:
    """Return the probability of an order in a window if orders keep coming at the rate so far; NaN where unknown.

    p = 1 - exp(-w n / max(T, w)), with n orders in T days.

    >>> naive_probability(np.array([0.0]), np.array([100.0]), 30.0).tolist()
    [0.0]
    """
    rate = order_count / np.maximum(days_as_customer, window_days)
    said: FloatArray = -np.expm1(-rate * window_days)
    return said
