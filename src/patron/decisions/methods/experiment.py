"""What a holdout of this size can show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

FloatArray = NDArray[np.float64]


def share_interval(hits: int, count: int, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's (1927) interval of a share, (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    >>> tuple(round(end, 4) for end in share_interval(10, 100))
    (0.0552, 0.1744)
    """
    z = float(norm.ppf(0.5 + level / 2))
    p, spread = hits / count, z * z / count
    half = z * np.sqrt(p * (1.0 - p) / count + spread / (4 * count))
    return max(0.0, float((p + spread / 2 - half) / (1 + spread))), min(
        1.0, float((p + spread / 2 + half) / (1 + spread))
    )


def minimum_detectable_effect(
    probability: FloatArray, treated: int, held_out: int, *, level: float = 0.95, power: float = 0.8
) -> float:
    """Return the smallest difference in order probability that the test sees with the given power.

    (z_{1-α/2} + z_power) sqrt(σ² (1/n_treated + 1/n_held_out)), with σ² = m (1 - m), m the mean probability without
    the action; infinite when one arm is empty.

    >>> round(minimum_detectable_effect(np.full(1000, 0.5), 900, 100), 3)
    0.148
    """
    if not treated or not held_out:
        return float("inf")
    mean = float(np.mean(probability))
    z = float(norm.ppf(0.5 + level / 2) + norm.ppf(power))
    return z * float(np.sqrt(mean * (1.0 - mean) * (1.0 / treated + 1.0 / held_out)))
