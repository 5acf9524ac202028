"""Linkage of points that stand for many customers each: scipy's dendrogram, with weights.

scipy's `linkage` counts every point once; here a point counts as often as it has customers. By the nearest-neighbour
chain with the Lance–Williams update, in n² distances and n² work.

References:
    Lance and Williams (1967), A general theory of classificatory sorting strategies, The Computer Journal 9;
    Müllner (2011), Modern hierarchical, agglomerative clustering algorithms, arXiv 1109.2378 (the chain, figure 3).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist, squareform

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Linkage = Literal["ward", "average"]


def weighted_linkage(points: FloatArray, weights: FloatArray, linkage: Linkage) -> FloatArray:
    """Return the dendrogram in scipy's form, shape (n-1, 4): two merged nodes, the height, the points below.

    Ward's height is √(2 w_i w_j / (w_i + w_j)) ||x_i - x_j||, equal to scipy's for weights of 1; the average
    linkage's is the weighted mean distance between members, a point's own spread left out.
    """
    away = squareform(pdist(points))
    size = weights.astype(np.float64).copy()
    if linkage == "ward":
        away = away**2 * (2.0 * size[:, None] * size / (size[:, None] + size))
    np.fill_diagonal(away, np.inf)
    pairs = _chained(away, size, linkage)
    heights = np.sqrt(np.maximum(pairs[:, 2], 0.0)) if linkage == "ward" else pairs[:, 2]
    order = np.argsort(heights, kind="stable")
    return _relabelled(pairs[order].astype(np.int64), heights[order])


def cut_dendrogram(dendrogram: FloatArray, n_clusters: int) -> IntArray:
    """Return the group 0 … K-1 of each leaf after all but the last K - 1 merges; exactly K groups, ties or not.

    >>> cut_dendrogram(np.array([[0.0, 1.0, 0.1, 2.0], [2.0, 3.0, 5.0, 3.0]]), 2).tolist()
    [0, 0, 1]
    """
    n = dendrogram.shape[0] + 1
    merges = dendrogram[: n - n_clusters]
    made = np.repeat(n + np.arange(merges.shape[0]), 2)
    edges = coo_matrix((np.ones(made.size), (merges[:, :2].astype(np.int64).ravel(), made)), shape=(2 * n, 2 * n))
    groups = connected_components(edges, directed=False)[1][:n]
    packed: IntArray = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    return packed


def _chained(away: FloatArray, size: FloatArray, linkage: Linkage) -> FloatArray:
    n = size.size
    pairs = np.empty((n - 1, 3))
    alive = np.ones(n, dtype=bool)
    chain: list[int] = []
    for merge in range(n - 1):
        chain = chain or [int(np.argmax(alive))]
        while True:
            top = chain[-1]
            near = int(np.argmin(away[top]))
            if len(chain) > 1 and away[top, chain[-2]] <= away[top, near]:
                break
            chain.append(near)
        kept, gone = chain[-2], chain[-1]
        del chain[-2:]
        pairs[merge] = kept, gone, away[kept, gone]
        _merge(away, size, kept, gone, linkage)
        alive[gone] = False
    return pairs


def _merge(away: FloatArray, size: FloatArray, kept: int, gone: int, linkage: Linkage) -> None:
    a, b = size[kept], size[gone]
    if linkage == "ward":
        joined = (a + size) * away[kept] + (b + size) * away[gone] - size * away[kept, gone]
        joined /= a + b + size
    else:
        joined = (a * away[kept] + b * away[gone]) / (a + b)
    joined[kept] = np.inf
    away[kept], away[:, kept] = joined, joined
    away[gone], away[:, gone] = np.inf, np.inf
    size[kept] = a + b


def _relabelled(pairs: IntArray, heights: FloatArray) -> FloatArray:
    n = heights.size + 1
    parent = np.arange(2 * n - 1)
    below = np.concatenate([np.ones(n), np.zeros(n - 1)])
    rows = np.empty((n - 1, 4))
    for i, (left, right) in enumerate(pairs[:, :2].tolist()):
        first, second = sorted((_root(parent, left), _root(parent, right)))
        parent[first] = parent[second] = n + i
        below[n + i] = below[first] + below[second]
        rows[i] = first, second, heights[i], below[n + i]
    return rows


def _root(parent: IntArray, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = int(parent[node])
    return node
