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
        held: shape (n_segments, n, n, n), whether a segment's rules hold in the cell.
    """

    segments: IntArray
    matches: IntArray
    held: NDArray[np.bool_]

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
        raise ValueError(f"no segment covers {told_cells(matches == 0, scores)}")
    first = np.where(matches > 0, held.argmax(axis=0), -1 if fallback is None else fallback)
    return CellTable(first.astype(np.int64), matches.astype(np.int64), held)


def told_cells(chosen: NDArray[np.bool_], scores: Sequence[int]) -> str:
    """Name the first chosen cell, and say how many others there are.

    >>> told_cells(np.ones((2, 2, 2), dtype=bool), [0, 1])
    'the cell R0 F0 M0 (and 7 others)'
    """
    where = np.argwhere(chosen)
    r, f, m = (scores[i] for i in where[0])
    others = where.shape[0] - 1
    more = f" (and {others} other{'' if others == 1 else 's'})" if others else ""
    return f"the cell R{r} F{f} M{m}{more}"


def _any_box(boxes: Sequence[Box], axes: Mapping[str, IntArray]) -> NDArray[np.bool_]:
    inside = np.zeros_like(axes["r"], dtype=bool)
    for box in boxes:
        if unknown := set(box) - set(axes):
            raise ValueError(f"unknown axis {sorted(unknown)}; the axes are {sorted(axes)}")
        sides = [(axes[name] >= low) & (axes[name] <= high) for name, (low, high) in box.items()]
        inside |= np.logical_and.reduce(sides)
    return inside
