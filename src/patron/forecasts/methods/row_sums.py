"""Sums over millions of rows: in chunks that stay in a core's cache, and by whole number.

Fresh memory costs more than arithmetic, so no intermediate result is as long as the table.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

CHUNK = 8_192
_COUNTABLE = 16_384


def chunks(n_rows: int, size: int = CHUNK) -> Iterator[slice]:
    """Return slices that cover the rows in order, each of at most 8,192 or the given size."""
    return (slice(first, first + size) for first in range(0, n_rows, size))


class SumsByNumber:
    """Sums of quantities over the rows that share a number, such as the purchases of all customers of one age.

    Whole numbers below 16,384 share a sum; any others each keep one of their own, as if no two were equal.

    >>> sums = SumsByNumber()
    >>> sums.add(np.array([3.0, 1.0, 3.0]), np.array([10.0, 20.0, 30.0]))
    >>> sums.add(np.array([2.5]), np.array([1.0]))
    >>> [total.tolist() for total in sums.totals()]
    [[1.0, 3.0, 2.5], [20.0, 40.0, 1.0]]
    """

    def __init__(self) -> None:
        self._sums: list[FloatArray] = []
        self._others: list[FloatArray] = []

    def add(self, numbers: FloatArray, *quantities: FloatArray) -> None:
        """Add what some rows have of each quantity; the numbers are 0 or more, the first quantity above 0."""
        size = int(min(numbers.max(initial=0.0), _COUNTABLE)) + 1
        whole = np.minimum(numbers, _COUNTABLE).astype(np.int64)
        if not (whole == numbers).all():
            self._others.append(np.stack([numbers, *quantities]))
            return
        known = self._sums or [np.zeros(0) for _ in quantities]
        self._sums = [np.zeros(max(size, known[0].size)) for _ in quantities]
        for total, before, quantity in zip(self._sums, known, quantities, strict=True):
            total[:] = np.bincount(whole, quantity, total.size)
            total[: before.size] += before

    def totals(self) -> FloatArray:
        """Return the numbers and below them the sum of each quantity, shape (1 + n_quantities, n_numbers)."""
        if not self._sums:
            return np.hstack(self._others)
        there = np.flatnonzero(self._sums[0] > 0)
        return np.hstack([np.stack([there, *(total[there] for total in self._sums)]), *self._others])
