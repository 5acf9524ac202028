"""What sets a segment apart: medians, and ranks against everyone, so that one millionaire moves nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_TOLD_APART = 5
_SAME_STORY = 0.8
_CORRELATION_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Profiles:
    """Segments (rows) by features (columns).

    Args:
        median: shape (K, p), of those in the segment who have the feature; NaN where nobody has.
        base_median: shape (p,), of everyone who has it.
        lift: shape (K, p), 2·P - 1, where P is the mean share of all customers that a member exceeds (ties half):
            0 like everyone, near 1 all at the top, near -1 all at the bottom (the base's Cliff's delta).
        share_present: shape (K, p), share of the segment that has the feature.
        rank: shape (K, p), 1 = sets the segment apart most; the first ranks tell different stories.
    """

    median: FloatArray
    base_median: FloatArray
    lift: FloatArray
    share_present: FloatArray
    rank: IntArray


def profile(features: FloatArray, labels: IntArray, n_segments: int) -> Profiles:
    """Describe each segment by each feature.

    Args:
        features: shape (n, p), NaN where absent.
        labels: shape (n,), 0 … n_segments-1; -1 for customers in no segment, who still count in the base.
        n_segments: K.

    >>> found = profile(np.array([[1.0], [2.0], [9.0], [10.0]]), np.array([0, 0, 1, 1]), 2)
    >>> found.median.ravel().tolist(), found.lift.ravel().tolist()
    ([1.5, 9.5], [-0.5, 0.5])
    """
    standing = relative_standing(features)
    present = ~np.isnan(features)
    inside = [labels == segment for segment in range(n_segments)]
    lift = np.array([_mean(standing[rows]) for rows in inside])
    share = np.array([present[rows].mean(axis=0) if rows.any() else np.zeros(features.shape[1]) for rows in inside])
    strength = np.abs(lift) * share
    return Profiles(
        median=np.array([_median(features[rows]) for rows in inside]),
        base_median=_median(features),
        lift=lift,
        share_present=share,
        rank=_diverse_ranks(strength, standing),
    )


def relative_standing(features: FloatArray) -> FloatArray:
    """Return each value's place among all present ones, -1 (lowest) to 1 (highest), ties in the middle."""
    standing = np.full_like(features, np.nan)
    for j in range(features.shape[1]):
        present = ~np.isnan(features[:, j])
        if n := int(present.sum()):
            standing[present, j] = (2.0 * rankdata(features[present, j]) - 1.0) / n - 1.0
    return standing


def _mean(part: FloatArray) -> FloatArray:
    counts = (~np.isnan(part)).sum(axis=0)
    mean: FloatArray = np.nansum(part, axis=0) / np.maximum(counts, 1)
    return mean


def _median(part: FloatArray) -> FloatArray:
    medians = np.full(part.shape[1], np.nan)
    for j in range(part.shape[1]):
        column = part[:, j]
        present = column[~np.isnan(column)]
        if present.size:
            medians[j] = np.median(present)
    return medians


def _diverse_ranks(strength: FloatArray, standing: FloatArray) -> IntArray:
    step = max(1, standing.shape[0] // _CORRELATION_ROWS)
    part = np.nan_to_num(standing[::step])
    length = np.sqrt((part**2).sum(axis=0))
    unit = part / np.where(length > 0, length, 1.0)
    alike = np.abs(unit.T @ unit) > _SAME_STORY
    return np.array([_order_to_rank(_diverse_order(row, alike)) for row in strength])


def _diverse_order(strength: FloatArray, alike: NDArray[np.bool_]) -> IntArray:
    """Return features strongest first, of which the first few do not repeat one another."""
    by_strength = np.lexsort((np.arange(strength.size), -strength))
    told: list[int] = []
    for j in by_strength:
        if len(told) == _TOLD_APART:
            break
        if not alike[j, told].any():
            told.append(int(j))
    chosen = set(told)
    return np.array([*told, *(j for j in by_strength if j not in chosen)], dtype=np.int64)


def _order_to_rank(order: IntArray) -> IntArray:
    rank = np.empty_like(order)
    rank[order] = np.arange(1, order.size + 1)
    return rank
