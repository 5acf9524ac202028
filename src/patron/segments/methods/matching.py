"""Which segment of a refit is which segment of the cut before it: same, split, merged, born or died.

Both cuts place the same customers on the same day, so that what differs is the cut and not the customers.

Sources: the assignment on a contingency table of two partitions, Hubert and Arabie (1985), Comparing partitions,
Journal of Classification 2; the transitions, with a majority as the overlap that a cluster survives by, MONIC:
Spiliopoulou, Ntoutsi, Theodoridis and Schult (2006), MONIC: modeling and monitoring cluster transitions, KDD.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MAJORITY = 0.5
PART_SHARE = 0.2
_ROUNDING = 1e-9  # means of the same customers may differ in their last digits


@dataclass(frozen=True, slots=True)
class Matching:
    """What became of each old segment, and where each new one comes from.

    Args:
        counts: customers in old segment i and new segment j, shape (n_old, n_new).
        jaccard: |i ∩ j| / |i ∪ j|, shape (n_old, n_new).
        distance: from old centre i to new centre j in the new model's prepared units; NaN: nobody is in one of them.
        same: per old segment the new one that is the same thing, -1: none; shape (n_old,).
        splits: old segment → the new ones that are parts of it.
        merges: new segment → the old ones that are parts of it.
    """

    counts: IntArray
    jaccard: FloatArray
    distance: FloatArray
    same: IntArray
    splits: dict[int, tuple[int, ...]]
    merges: dict[int, tuple[int, ...]]

    @property
    def died(self) -> tuple[int, ...]:
        """Old segments that are neither the same as a new one, nor split, nor merged."""
        merged = {i for parts in self.merges.values() for i in parts}
        return tuple(i for i in np.flatnonzero(self.same < 0).tolist() if i not in self.splits and i not in merged)

    @property
    def born(self) -> tuple[int, ...]:
        """New segments that are neither the same as an old one, nor part of one, nor merged from several."""
        known = set(self.same.tolist()) | set(self.merges) | {j for parts in self.splits.values() for j in parts}
        return tuple(j for j in range(self.counts.shape[1]) if j not in known)

    @property
    def is_unchanged(self) -> bool:
        """Whether every segment is the same thing as before."""
        return not (self.splits or self.merges or self.died or self.born)


def match(old: IntArray, new: IntArray, X: FloatArray, n_old: int, n_new: int) -> Matching:
    """Match the segments of two cuts of the same customers.

    An old centre is put into the new model's prepared units as the mean of the customers whom the old model places
    there: a preparation that is not linear has no image of a centre, and both cuts are seen on one day, so that a
    customer base that has grown older is not taken for another cut. With n_ij customers in old segment i and new
    segment j, J_ij = n_ij / (n_i + n_j - n_ij), d_ij the distance of the centres, s_i and s_j the root mean squared
    distance of a segment's customers from its centre, and s that of all customers from theirs:

        pairs = argmin over assignments of Σ (1 - J_ij) + min(d_ij / s, 1)        (Hungarian algorithm, O(K³))
        same   i = j:    a pair with n_ij / n_i > 1/2, n_ij / n_j > 1/2 and d_ij <= max(s_i, s_j)
        split  i → {j}:  two or more j with n_ij / n_i >= 0.2 and n_ij / n_j > 1/2
        merged {i} → j:  two or more i with n_ij / n_j >= 0.2 and n_ij / n_i > 1/2
        died, born:      whatever is left

    A segment that lost a part may be split and still be the same thing. Costs O(n · n_features).

    Args:
        old: each customer's old segment, 0 … n_old - 1, shape (n,).
        new: each customer's new segment, shape (n,).
        X: the customers in the new model's prepared units, shape (n, n_features).
        n_old: number of old segments, those without customers included.
        n_new: number of new segments.

    >>> old, new = np.array([0, 0, 1, 1, 1, 1]), np.array([1, 1, 0, 0, 2, 2])
    >>> found = match(old, new, np.array([[0.0], [0.1], [5.0], [5.1], [8.0], [8.1]]), 2, 3)
    >>> found.same.tolist(), found.splits, found.born
    ([1, -1], {1: (0, 2)}, ())
    """
    counts = np.bincount(old * n_new + new, minlength=n_old * n_new).reshape(n_old, n_new).astype(np.int64)
    n_i, n_j = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    jaccard = counts / np.maximum(n_i + n_j - counts, 1)
    (there, s_i), (here, s_j) = _centres(X, old, n_old), _centres(X, new, n_new)
    distance = np.sqrt(((there[:, None, :] - here[None, :, :]) ** 2).sum(axis=2))
    far = np.nan_to_num(np.minimum(distance / _above_zero(np.sqrt(X.var(axis=0).sum())), 1.0), nan=1.0)
    rows, columns = linear_sum_assignment(1.0 - jaccard + far)
    majority = 2 * counts > np.maximum(n_i, n_j)
    near = distance <= np.maximum(s_i[:, None], s_j) + _ROUNDING
    holds = (majority & near)[rows, columns]
    same = np.full(n_old, -1, dtype=np.int64)
    same[rows[holds]] = columns[holds]
    return Matching(counts, jaccard, distance, same, _parts(counts), _parts(counts.T))


def _parts(counts: IntArray) -> dict[int, tuple[int, ...]]:
    """Return the rows of which two or more columns hold a fair share each while coming mostly from them."""
    of_row = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    of_column = counts / np.maximum(counts.sum(axis=0, keepdims=True), 1)
    found = (of_row >= PART_SHARE) & (of_column > MAJORITY)
    return {int(i): tuple(np.flatnonzero(found[i]).tolist()) for i in np.flatnonzero(found.sum(axis=1) >= 2)}


def _centres(X: FloatArray, labels: IntArray, n_segments: int) -> tuple[FloatArray, FloatArray]:
    """Return each segment's mean and the root mean squared distance of its customers from it; NaN without any."""
    counts = np.bincount(labels, minlength=n_segments).astype(np.float64)
    counts[counts == 0] = np.nan
    sums = np.array([np.bincount(labels, column, n_segments) for column in X.T]).reshape(X.shape[1], n_segments).T
    centres: FloatArray = sums / counts[:, None]
    squared = ((X - centres[labels]) ** 2).sum(axis=1)
    return centres, np.sqrt(np.bincount(labels, squared, n_segments) / counts)


def _above_zero(value: float) -> float:
    return max(float(value), float(np.finfo(np.float64).tiny))
