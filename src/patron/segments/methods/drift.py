"""Whether customers still look like those a cut was learned from.

A new customer is placed by the same model in the same space as everyone else. Two things tell when that stops meaning
much. *Fit*: a customer farther from the nearest centre than nearly all of that segment's own customers were fits no
segment. *Drift*: the population stability index of a feature,

    PSI = Σ_b (a_b − e_b) · ln(a_b / e_b),

over ten bins b that held equal shares e_b of the customers learned from, and hold a_b of today's [1]: the symmetric
Kullback–Leibler divergence. Below 0.1 little has moved, from 0.25 on the cut should be learned again [1].

Reference: [1] Siddiqi (2006), Credit risk scorecards, chapter 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LITTLE, MUCH = 0.1, 0.25
FITTING_SHARE = 0.99  # of a segment's own customers lie within its reach
_BINS = 10
_EMPTY = 1e-4  # a share that counts as none: its logarithm would be infinite


@dataclass(frozen=True, slots=True)
class Population:
    """The customers a cut was learned from: bins of each feature with their shares, and how far each segment reaches.

    Args:
        edges: per feature, the inner edges of its bins.
        shares: per feature, the share of customers in each bin.
        reach: per segment, the distance from its centre within which 99 % of its customers lay.
    """

    edges: tuple[FloatArray, ...]
    shares: tuple[FloatArray, ...]
    reach: FloatArray

    @classmethod
    def learn(cls, X: FloatArray, labels: IntArray, distances: FloatArray, n_segments: int) -> Self:
        """Remember who was learned from.

        Args:
            X: prepared features, shape (n, p), finite.
            labels: segments 0 … n_segments − 1, shape (n,).
            distances: from each customer's own centre, shape (n,).
            n_segments: K.

        >>> X = np.arange(100.0)[:, None]
        >>> seen = Population.learn(X, np.zeros(100, dtype=int), np.abs(X[:, 0] - 49.5), 1)
        >>> float(seen.stability(X)[0]), float(seen.stability(X + 30)[0]) > MUCH
        (0.0, True)
        """
        edges = tuple(np.unique(np.quantile(column, np.arange(1, _BINS) / _BINS)) for column in X.T)
        shares = tuple(_shares(column, cuts) for column, cuts in zip(X.T, edges, strict=True))
        own = [distances[labels == i] for i in range(n_segments)]
        reach = [float(np.quantile(it, FITTING_SHARE)) if it.size else 0.0 for it in own]
        return cls(edges, shares, np.array(reach))

    def fits(self, labels: IntArray, distances: FloatArray) -> BoolArray:
        """Tell which customers lie within reach of the segment they were placed in, shape (n,)."""
        near: BoolArray = distances <= self.reach[labels] + 1e-9
        return near

    def stability(self, X: FloatArray) -> FloatArray:
        """Return the population stability index of each feature, shape (p,)."""
        told = zip(X.T, self.edges, self.shares, strict=True)
        return np.array([_index(shares, _shares(column, cuts)) for column, cuts, shares in told])

    def to_parts(self) -> dict[str, Any]:
        """Return everything as plain numbers."""
        return {
            "edges": [cuts.tolist() for cuts in self.edges],
            "shares": [shares.tolist() for shares in self.shares],
            "reach": self.reach.tolist(),
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the population that `to_parts` described."""
        return cls(
            tuple(np.array(cuts, dtype=np.float64) for cuts in parts["edges"]),
            tuple(np.array(shares, dtype=np.float64) for shares in parts["shares"]),
            np.array(parts["reach"], dtype=np.float64),
        )


def _shares(column: FloatArray, edges: FloatArray) -> FloatArray:
    counts = np.bincount(np.searchsorted(edges, column, side="left"), minlength=edges.size + 1)
    return counts / max(column.size, 1)


def _index(expected: FloatArray, actual: FloatArray) -> float:
    e, a = np.maximum(expected, _EMPTY), np.maximum(actual, _EMPTY)
    return float(((a - e) * np.log(a / e)).sum())
