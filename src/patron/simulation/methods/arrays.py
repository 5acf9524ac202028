"""The array types of the simulated shop, and runs of rows that belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

ABSENT = -1  # the code of an empty cell
NEVER = int(np.iinfo(np.int64).min)  # the instant of an empty cell


def position_in_run(lengths: IntArray) -> IntArray:
    """Number the rows within each run of `lengths` from 0.

    >>> position_in_run(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    starts = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum()), dtype=np.int64) - np.repeat(starts, lengths)


def rows_of_runs(chosen: IntArray, starts: IntArray, lengths: IntArray) -> IntArray:
    """Return the row numbers of the chosen runs, run by run.

    >>> rows_of_runs(np.array([2, 0]), starts=np.array([0, 2, 2]), lengths=np.array([2, 0, 3])).tolist()
    [2, 3, 4, 0, 1]
    """
    return np.repeat(starts[chosen], lengths[chosen]) + position_in_run(lengths[chosen])


def chance(rng: np.random.Generator, probability: float | FloatArray, size: int) -> BoolArray:
    """Toss `size` coins that fall True with the probability given."""
    return rng.random(size) < probability
