"""How unevenly an amount is spread over customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from patron.measures.arrays import FloatArray, vector


@dataclass(frozen=True, slots=True)
class LorenzCurve:
    """Points of the Lorenz curve, poorest customers first; both arrays have shape (n_points,) and run from 0 to 1."""

    share_of_customers: FloatArray
    share_of_amount: FloatArray


def lorenz_curve(amounts: ArrayLike, n_points: int | None = None) -> LorenzCurve:
    """Return what share of the amount the poorest customers hold, for a growing share of customers.

    With `n_points` the curve is read at that many evenly spaced shares (for charts); otherwise at every customer.
    Negative amounts are allowed and bend the curve below zero; all NaN when the total is not above zero.

    >>> curve = lorenz_curve([1, 1, 2])
    >>> curve.share_of_amount.tolist()
    [0.0, 0.25, 0.5, 1.0]
    """
    values = np.sort(vector("amounts", amounts))
    total = float(values.sum())
    shares = np.linspace(0.0, 1.0, values.size + 1)
    held = np.concatenate(([0.0], np.cumsum(values) / total)) if total > 0 else np.full(values.size + 1, np.nan)
    if n_points is None:
        return LorenzCurve(shares, held)
    grid = np.linspace(0.0, 1.0, n_points)
    return LorenzCurve(grid, np.interp(grid, shares, held))


def gini_coefficient(amounts: ArrayLike) -> float:
    """Return the Gini coefficient: 0 when all hold the same, near 1 when one customer holds everything.

    Twice the area between the diagonal and the Lorenz curve; above 1 when negative amounts outweigh. NaN when the
    total is not above zero.

    >>> gini_coefficient([1, 1, 1, 1])
    0.0
    >>> gini_coefficient([0, 0, 0, 10])
    0.75
    """
    curve = lorenz_curve(amounts)
    return float(1.0 - 2.0 * np.trapezoid(curve.share_of_amount, curve.share_of_customers))


def top_share(amounts: ArrayLike, share: float = 0.2) -> float:
    """Return the share of the amount held by the richest `share` of customers.

    >>> top_share([0, 0, 0, 0, 10])
    1.0
    """
    curve = lorenz_curve(amounts)
    return float(1.0 - np.interp(1.0 - share, curve.share_of_customers, curve.share_of_amount))
