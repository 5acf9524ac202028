"""What a stream of purchases is worth today, discounted continuously at a rate δ per time unit.

A rate d per period, compounded once per period, is δ = ln(1 + d) per that period: 15 % a year is 0.0027 a week.

References:
    Fader, Hardie and Lee (2005), RFM and CLV: using iso-value curves for customer base analysis, Journal of
        Marketing Research 42 (DERT, and its appendix).
    Trefethen and Weideman (2014), The exponentially convergent trapezoidal rule, SIAM Review 56, section 14.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from patron.forecasts.methods.row_sums import chunks

FloatArray = NDArray[np.float64]

_STEP = 0.25  # the trapezoid rule's error is e^(−π²/step), some 1e-17
_BEHIND, _AHEAD = 34.0, 3.7  # e^−34 of the whole, and exp(−exp(3.7)), are less than rounding
_ROWS = 256


def checked_rate(discount_rate: float) -> float:
    """Return the rate, refusing one that is not above zero: undiscounted, the future may be worth infinitely much."""
    if not (np.isfinite(discount_rate) and discount_rate > 0):
        raise ValueError(
            f"discount_rate is {discount_rate}.\n"
            "Expected a finite rate above 0 per time unit, such as ln(1.15)/52 for 15 % a year, in weeks."
        )
    return float(discount_rate)


def discounted_lifetime(shape: float, scale: FloatArray, discount_rate: float) -> FloatArray:
    """Return ∫₀^∞ e^(−δu) (b/(b+u))^s du for each scale b: a discounted Pareto lifetime, shape (n,).

    It is b^s δ^(s−1) Ψ(s, s; δb) with Tricomi's Ψ, and tends to b/(s−1) for small δ and s > 1. Integrated over
    the logarithm of u, whose upper end is where either factor has vanished.

    >>> discounted_lifetime(2.0, np.array([10.0]), 1e-9).round(4).tolist()
    [10.0]
    """
    worth = np.empty(scale.size)
    for part in chunks(scale.size, _ROWS):
        b = scale[part]
        least = -np.log(discount_rate + (shape + 1.0) / b) - _BEHIND
        steps = int(np.ceil((_AHEAD - np.log(discount_rate) - least).max() / _STEP))
        u = np.exp(_AHEAD - np.log(discount_rate) - _STEP * np.arange(steps + 1))
        present = np.exp(-discount_rate * u - shape * np.log1p(u / b[:, None]))
        worth[part] = _STEP * (present @ u)
    return worth


def discounted_growth(expected_by: Callable[[float], FloatArray], discount_rate: float) -> FloatArray:
    """Return ∫₀^∞ e^(−δu) dY(u) from what is expected by time u: δ ∫ e^(−δu) Y(u) du, integrated over ln u.

    >>> discounted_growth(lambda time: np.array([3.0 * time]), 0.1).round(6).tolist()
    [30.0]
    """
    units = np.exp(_AHEAD - _STEP * np.arange(int((_AHEAD + _BEHIND) / _STEP)))
    parts = (_STEP * unit * np.exp(-unit) * expected_by(unit / discount_rate) for unit in units)
    worth: FloatArray = np.sum(list(parts), axis=0)
    return worth
