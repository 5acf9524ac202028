"""Customers described by numbers and by categories, kept so that rounds of K-Prototypes are quick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MixedRows:
    """Numeric columns around `middle`, and categorical ones as positions in their sorted codes (-1: not among them)."""

    numeric: FloatArray
    middle: FloatArray
    places: tuple[IntArray, ...]
    codes: tuple[FloatArray, ...]
    is_categorical: NDArray[np.bool_]

    @classmethod
    def of(cls, X: FloatArray, is_categorical: NDArray[np.bool_]) -> Self:
        """Split a matrix once, before many rounds."""
        numeric = X[:, ~is_categorical]
        middle = numeric.mean(axis=0)
        pairs = [np.unique(X[:, j], return_inverse=True) for j in np.flatnonzero(is_categorical)]
        codes, places = tuple(pair[0] for pair in pairs), tuple(pair[1].astype(np.int64) for pair in pairs)
        return cls(numeric - middle, middle, places, codes, is_categorical)

    def squared(self, prototypes: FloatArray, gamma: float) -> FloatArray:
        """Return d² of each row to each prototype, shape (n_rows, K)."""
        centres = prototypes[:, ~self.is_categorical] - self.middle
        squared: FloatArray = (self.numeric**2).sum(axis=1)[:, None] - 2.0 * self.numeric @ centres.T
        squared += (centres**2).sum(axis=1)
        np.maximum(squared, 0.0, out=squared)
        differing = np.zeros(squared.shape, dtype=np.int32)
        for j, places, codes in zip(np.flatnonzero(self.is_categorical), self.places, self.codes, strict=True):
            at = np.minimum(np.searchsorted(codes, prototypes[:, j]), codes.size - 1)
            differing += places[:, None] != np.where(codes[at] == prototypes[:, j], at, -1)
        squared += gamma * differing
        return squared

    def prototypes(self, labels: IntArray, k: int) -> FloatArray:
        """Return the mean of each number and the most frequent code (the smallest of equals), shape (K, n_features)."""
        made = np.empty((k, self.is_categorical.size))
        counts = np.bincount(labels, minlength=k)
        for i, j in enumerate(np.flatnonzero(~self.is_categorical)):
            made[:, j] = np.bincount(labels, self.numeric[:, i], minlength=k) / counts + self.middle[i]
        for j, places, codes in zip(np.flatnonzero(self.is_categorical), self.places, self.codes, strict=True):
            votes = np.bincount(labels * codes.size + places, minlength=k * codes.size).reshape(k, -1)
            made[:, j] = codes[np.argmax(votes, axis=1)]
        return made
