"""What sets a segment apart: medians, and ranks against everyone, so that one millionaire moves nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_TOLD_APART = 5
_SAME_STORY = 0.8
_CORRELATION_ROWS = 5_000
_DRAWS = 200
_FALSE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Profiles:
    """Segments (rows) by features (columns).

    Args:
        median: shape (K, p), of those in the segment who have the feature; NaN where nobody has.
        base_median: shape (p,), of everyone who has it.
        lift: shape (K, p), 2·P - 1, where P is the mean share of all customers that a member exceeds (ties half):
            0 like everyone, near 1 all at the top, near -1 all at the bottom (the base's Cliff's delta).
        lift_lower, lift_upper: shape (K, p), its 95 % bootstrap interval over the segment's members.
        is_different: shape (K, p), whether the lift is none of the 5 % that chance alone would put among those called
            different: Benjamini and Hochberg (1995) over all segments and features.
        share_present: shape (K, p), share of the segment that has the feature.
        rank: shape (K, p), 1 = sets the segment apart most; the first ranks tell different stories.
    """

    median: FloatArray
    base_median: FloatArray
    lift: FloatArray
    lift_lower: FloatArray
    lift_upper: FloatArray
    is_different: BoolArray
    share_present: FloatArray
    rank: IntArray


def profile(
    features: FloatArray, labels: IntArray, n_segments: int, *, standing: FloatArray | None = None, seed: int = 0
) -> Profiles:
    """Describe each segment by each feature.

    Args:
        features: shape (n, p), NaN where absent.
        labels: shape (n,), 0 … n_segments-1; -1 for customers in no segment, who still count in the base.
        n_segments: K.
        standing: the `relative_standing` of the features, where it is known already.
        seed: of the bootstrap, which weighs members by draws of Poisson(1) (Chamandy et al. 2012): time grows with
            members · features.

    >>> found = profile(np.array([[1.0], [2.0], [9.0], [10.0]]), np.array([0, 0, 1, 1]), 2)
    >>> found.median.ravel().tolist(), found.lift.ravel().tolist()
    ([1.5, 9.5], [-0.5, 0.5])
    """
    standing = relative_standing(features) if standing is None else standing
    present = ~np.isnan(features)
    inside = [labels == segment for segment in range(n_segments)]
    lift = np.array([_mean(standing[rows]) for rows in inside])
    share = np.array([present[rows].mean(axis=0) if rows.any() else np.zeros(features.shape[1]) for rows in inside])
    lower, upper, error = _intervals(standing, inside, lift, seed)
    strength = np.abs(lift) * share
    return Profiles(
        median=np.array([_median(features[rows]) for rows in inside]),
        base_median=_median(features),
        lift=lift,
        lift_lower=lower,
        lift_upper=upper,
        is_different=_different(lift, error),
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


def _intervals(
    standing: FloatArray, inside: list[BoolArray], lift: FloatArray, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the lower and upper end of each lift, and its standard error; the ends hold the lift itself."""
    random = np.random.default_rng(seed)
    drawn = np.stack([_drawn_means(standing[rows], random) for rows in inside], axis=1)
    lower, upper = np.quantile(drawn, (0.025, 0.975), axis=0)
    return np.minimum(lower, lift), np.maximum(upper, lift), drawn.std(axis=0, ddof=1)


def _drawn_means(part: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return the means of `_DRAWS` resamples of the rows, shape (draws, p); 0 where no drawn row has the feature."""
    weights = random.poisson(1.0, (_DRAWS, part.shape[0])).astype(np.float32)
    present = ~np.isnan(part)
    sums = weights @ np.where(present, part, 0.0).astype(np.float32)
    counts = weights @ present.astype(np.float32)
    means: FloatArray = (sums / np.maximum(counts, 1.0)).astype(np.float64)
    return means


def _different(lift: FloatArray, error: FloatArray) -> BoolArray:
    """Call lifts different, largest |lift| / error first, while at most 5 % of them are expected to be chance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(error > 0, np.abs(lift) / error, np.where(lift != 0, np.inf, 0.0)).ravel()
    chance = 2.0 * norm.sf(z)
    order = np.argsort(chance, kind="stable")
    allowed = _FALSE_SHARE * np.arange(1, chance.size + 1) / max(chance.size, 1)
    below = np.flatnonzero(chance[order] <= allowed)
    different = np.zeros(chance.size, dtype=np.bool_)
    different[order[: below[-1] + 1 if below.size else 0]] = True
    return different.reshape(lift.shape)


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
