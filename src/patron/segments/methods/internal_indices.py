"""How good does a cut look from the inside? Silhouette, Davies–Bouldin, Calinski–Harabasz, and the elbow's knee.

Silhouettes of several cuts share one pass over the distances, so judging K = 2 … 12 costs little more than one K.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_BLOCK_CELLS = 8_000_000


@dataclass(frozen=True, slots=True)
class Silhouette:
    """The mean silhouette width of one cut; `standard_error` is 0 when every row was measured."""

    value: float
    standard_error: float
    n_rows: int


def silhouettes(
    X: FloatArray, cuts: Sequence[IntArray], *, most_rows: int | None = None, seed: int = 0
) -> list[Silhouette]:
    """Measure the mean silhouette width of several cuts of the same rows (Rousseeuw 1987).

    s(i) = (b - a) / max(a, b): a is the mean distance of i to the others of its cluster, b the smallest mean
    distance to another cluster; 0 for a cluster of one. A drawn row is measured against *all* rows, so a
    sampled mean is unbiased, with standard error sd(s) / √m · √(1 - m/n).

    Args:
        X: shape (n, p).
        cuts: labels 0 … K-1, each of shape (n,), each with at least two clusters.
        most_rows: measure at most so many rows; None: all.
        seed: of the draw.
    """
    n = X.shape[0]
    rows = np.arange(n) if most_rows is None or n <= most_rows else _drawn(n, most_rows, seed)
    marks = np.hstack([np.eye(int(cut.max()) + 1)[cut] for cut in cuts]) if cuts else np.empty((n, 0))
    ends = np.cumsum([0, *(int(cut.max()) + 1 for cut in cuts)])
    widths = np.empty((rows.size, len(cuts)))
    norms = (X**2).sum(axis=1)
    step = max(1, _BLOCK_CELLS // n)
    for start in range(0, rows.size, step):
        block = rows[start : start + step]
        squared = norms[block][:, None] - 2.0 * X[block] @ X.T + norms
        np.maximum(squared, 0.0, out=squared)
        squared[np.arange(block.size), block] = 0.0
        sums = np.sqrt(squared, out=squared) @ marks
        for j, cut in enumerate(cuts):
            widths[start : start + block.size, j] = _widths(sums[:, ends[j] : ends[j + 1]], cut, block)
    fraction_left = np.sqrt(max(0.0, 1.0 - rows.size / n))
    errors = widths.std(axis=0, ddof=1) / np.sqrt(rows.size) * fraction_left if rows.size > 1 else np.zeros(len(cuts))
    return [Silhouette(float(widths[:, j].mean()), float(errors[j]), rows.size) for j in range(len(cuts))]


def davies_bouldin(X: FloatArray, labels: IntArray) -> float:
    """Return the Davies–Bouldin index (1979), smaller is better: mean over clusters of max_j (S_i + S_j) / M_ij.

    S is the mean distance to the own centre, M the distance between centres.
    """
    centres = centres_of(X, labels)
    away = np.sqrt(((X - centres[labels]) ** 2).sum(axis=1))
    spread = np.bincount(labels, away) / np.bincount(labels)
    between = np.sqrt(((centres[:, None] - centres) ** 2).sum(axis=2))
    np.fill_diagonal(between, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (spread[:, None] + spread) / between
    return float(np.nan_to_num(ratio, posinf=np.finfo(float).max).max(axis=1).mean())


def calinski_harabasz(X: FloatArray, labels: IntArray) -> float:
    """Return the Calinski–Harabasz index (1974), larger is better: [B / (K-1)] / [W / (n-K)]."""
    n, k = X.shape[0], int(labels.max()) + 1
    within = within_sum_of_squares(X, labels)
    total = float(((X - X.mean(axis=0)) ** 2).sum())
    if within <= np.finfo(np.float64).tiny:
        return float(np.finfo(np.float64).max)
    return float((total - within) / (k - 1) / (within / max(n - k, 1)))


def within_sum_of_squares(X: FloatArray, labels: IntArray) -> float:
    """Return W = Σ_i ||x_i - centre of its cluster||²."""
    return float(((X - centres_of(X, labels)[labels]) ** 2).sum())


def centres_of(X: FloatArray, labels: IntArray) -> FloatArray:
    """Return the mean of each cluster, shape (K, p)."""
    counts = np.bincount(labels).astype(np.float64)
    sums = np.column_stack([np.bincount(labels, X[:, j]) for j in range(X.shape[1])])
    centres: FloatArray = sums / counts[:, None]
    return centres


def knee(ks: Sequence[int], within: Sequence[float]) -> int | None:
    """Return the elbow of W_K: the K farthest below the chord of the curve (Kneedle, Satopää et al. 2011).

    Both axes are scaled to 0-1 first. None when the curve has no bend: fewer than three points, or it never dips a
    tenth below the chord.

    >>> knee([1, 2, 3, 4, 5], [100.0, 40.0, 12.0, 10.0, 9.0])
    3
    """
    if len(ks) < 3 or within[0] <= within[-1]:
        return None
    x = (np.asarray(ks, dtype=float) - ks[0]) / (ks[-1] - ks[0])
    y = (np.asarray(within) - within[-1]) / (within[0] - within[-1])
    below = 1.0 - x - y
    best = int(np.argmax(below))
    return int(ks[best]) if below[best] >= 0.1 else None


def _drawn(n: int, m: int, seed: int) -> IntArray:
    return np.sort(np.random.default_rng(seed).choice(n, m, replace=False)).astype(np.int64)


def _widths(sums: FloatArray, labels: IntArray, block: IntArray) -> FloatArray:
    counts = np.bincount(labels, minlength=sums.shape[1]).astype(np.float64)
    own = labels[block]
    at = np.arange(block.size)
    others = np.maximum(counts[own] - 1.0, 1.0)
    inside = sums[at, own] / others
    means = sums / np.maximum(counts, 1.0)
    means[at, own] = np.inf
    outside = means.min(axis=1)
    larger = np.maximum(inside, outside)
    alone = (counts[own] <= 1.0) | (larger == 0.0)
    widths: FloatArray = np.where(alone, 0.0, (outside - inside) / np.where(larger > 0, larger, 1.0))
    return widths
