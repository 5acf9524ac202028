"""The ends of an interval of amounts, many of which are zero: the quantiles of an ordered, weighted sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_HAIR = 1e-12


def cut(values: FloatArray, below: FloatArray, level: float, finite: float) -> tuple[float, float]:
    """Return the ends of the interval of an ordered sample with cumulative weights `below`.

    `finite` is (n + 1)/n: the next customer is one among n + 1 [Vovk, Gammerman and Shafer, §2.2].
    """
    miss = 1.0 - level
    none, less = (float(below[count - 1]) if count else 0.0 for count in _counts(values))
    if none >= miss / 2.0 > less:
        return 0.0, max(0.0, _upper(values, below, finite * min(level + less, 1.0)))
    return _lower(values, below, finite * miss / 2.0), _upper(values, below, finite * (1.0 - miss / 2.0))


def _counts(values: FloatArray) -> tuple[int, int]:
    """Return how many of the ordered values are zero or less, and less than zero."""
    return int(np.searchsorted(values, 0.0, side="right")), int(np.searchsorted(values, 0.0, side="left"))


def _upper(values: FloatArray, below: FloatArray, share: float) -> float:
    return float(values[min(int(np.searchsorted(below, share - _HAIR)), values.size - 1)])


def _lower(values: FloatArray, below: FloatArray, share: float) -> float:
    return float(values[max(int(np.searchsorted(below, share + _HAIR, side="right")) - 1, 0)])
