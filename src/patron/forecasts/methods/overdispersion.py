"""The chance of any order when λ are expected: less than 1 − e^−λ, because orders come in bunches.

Negative binomial with mean λ and variance λ + φλ²: P(none) = (1 + φλ)^(−1/φ), the Poisson's e^−λ as φ → 0.

References:
    Cameron and Trivedi (2013), Regression analysis of count data, §3.3 (NB2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

FloatArray = NDArray[np.float64]
_LOWEST, _HIGHEST = -6.0, 3.0  # ln φ
_LEAST_CHANCE = 1e-9


def chance_of_any(expected: FloatArray, dispersion: float) -> FloatArray:
    """Return P(at least one) of a negative binomial.

    >>> chance_of_any(np.array([0.5]), 1.0).round(4).tolist()
    [0.3333]
    """
    chance: FloatArray = -np.expm1(-np.log1p(dispersion * expected) / dispersion)
    return chance


def learn_dispersion(expected: FloatArray, happened: FloatArray) -> float:
    """Return the φ under which events that did or did not happen are most likely, given what was expected of each.

    Args:
        expected: λ, shape (n_rows,), learned without these rows.
        happened: 1 where there was at least one, else 0.
    """

    def loss(log_dispersion: float) -> float:
        chance = np.clip(chance_of_any(expected, np.exp(log_dispersion)), _LEAST_CHANCE, 1.0 - _LEAST_CHANCE)
        return -float((happened * np.log(chance) + (1.0 - happened) * np.log1p(-chance)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(_LOWEST, _HIGHEST), method="bounded").x))
