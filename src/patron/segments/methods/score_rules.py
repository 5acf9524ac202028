"""Rules on scores as one table: every combination of scores has exactly one segment.

A rule is a box of scores per axis; a scheme's rules are read in order and the first that holds wins. Compiled into
a table over all cells, a million customers are one indexing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

Box = Mapping[str, tuple[int, int]]
"""Lowest and highest value per axis, both included: {"r": (4, 5), "fm": (1, 1)}; an axis left out may be anything."""


@dataclass(frozen=True, slots=True)
class CellTable:
    """The segment of every (R, F, M) cell, and how many rules hold there.

    Args:
        segments: shape (n, n, n), position of the segment; axes R, F, M from the lowest score.
        matches: shape (n, n, n), number of segments whose rules hold in the cell before order decides.
    """

    segments: IntArray
    matches: IntArray

    def look_up(self, r: IntArray, f: IntArray, m: IntArray, lowest: int = 1) -> IntArray:
        """Return each customer's segment; scores start at `lowest`."""
        found: IntArray = self.segments[r - lowest, f - lowest, m - lowest]
        return found


def round_half_up_mean(f: IntArray, m: IntArray) -> IntArray:
    """Return FM = (F + M) / 2, halves rounded up.

    >>> round_half_up_mean(np.array([4, 1]), np.array([5, 1])).tolist()
    [5, 1]
    """
    return (f + m + 1) // 2


def compile_rules(rules: Sequence[Sequence[Box]], fallback: int | None, scores: Sequence[int]) -> CellTable:
    """Compile the boxes of each segment into a table over all cells.

    Args:
        rules: per segment, the boxes in any of which a cell belongs to it; axes "r", "f", "m" and "fm".
        fallback: segment of the cells that no box covers; None: there must be none.
        scores: the values of a score, ascending.

    Raises:
        ValueError: a cell is not covered; it is named.
    """
    r, f, m = np.meshgrid(*(np.asarray(scores, dtype=np.int64),) * 3, indexing="ij")
    axes = {"r": r, "f": f, "m": m, "fm": round_half_up_mean(f, m)}
    held = np.stack([_any_box(boxes, axes) for boxes in rules])
    matches = held.sum(axis=0)
    if fallback is None and (matches == 0).any():
        where = np.argwhere(matches == 0)[0]
        raise ValueError(f"no segment covers the cell R{scores[where[0]]} F{scores[where[1]]} M{scores[where[2]]}")
    first = np.where(matches > 0, held.argmax(axis=0), -1 if fallback is None else fallback)
    return CellTable(first.astype(np.int64), matches.astype(np.int64))


def _any_box(boxes: Sequence[Box], axes: Mapping[str, IntArray]) -> NDArray[np.bool_]:
    inside = np.zeros_like(axes["r"], dtype=bool)
    for box in boxes:
        if unknown := set(box) - set(axes):
            raise ValueError(f"unknown axis {sorted(unknown)}; the axes are {sorted(axes)}")
        sides = [(axes[name] >= low) & (axes[name] <= high) for name, (low, high) in box.items()]
        inside |= np.logical_and.reduce(sides)
    return inside
