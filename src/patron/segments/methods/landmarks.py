"""Many small groups stand for all customers; segments are sets of them, and a customer joins the nearest.

Methods whose segments are not balls around centres (dendrograms, graphs) place new customers by these landmarks. Up to
`most` customers each customer is a landmark; beyond, landmarks are the centres of `most` small groups that a few rounds
of K-Means make of at most 20,000 drawn customers, each weighing as many of all customers as are nearest to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import KMeans
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from patron.segments.methods.numbering import numbered
from patron.segments.methods.numeric_rows import numeric_rows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_BATCH_CELLS = 1_000_000
_SUMMARISED_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Points (n_landmarks, n_features), how many customers each stands for, and which one each customer has."""

    points: FloatArray
    weights: FloatArray
    owned_by: IntArray


def landmarks_of(X: FloatArray, most: int, *, seed: int | None) -> Landmarks:
    """Summarise customers by at most `most` weighted points; equal customers always share one."""
    points, owned_by, counts = np.unique(X, axis=0, return_inverse=True, return_counts=True)
    if points.shape[0] > most:
        places = np.random.default_rng(seed).permutation(X.shape[0])[: max(_SUMMARISED_ROWS, most)]
        draw = np.argsort(owned_by.ravel(), kind="stable")[places]  # places in sorted rows, not in the order they came
        with threadpool_limits(limits=1):
            learned = KMeans(most, init="random", n_init=1, max_iter=5, random_state=seed).fit(X[draw])
            nearest = learned.predict(X)
        used, owned_by, counts = np.unique(nearest, return_inverse=True, return_counts=True)
        points = learned.cluster_centers_[used]
    return Landmarks(points, counts.astype(np.float64), owned_by.ravel().astype(np.int64))


class LandmarkSegmenter(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Segments that are sets of landmarks: a customer belongs to the segment of the nearest one."""

    def _keep(self, matrix: FloatArray, points: FloatArray, groups: IntArray) -> None:
        """Keep landmarks and their groups; give every learned row the segment of its nearest landmark."""
        order = np.argsort(groups, kind="stable")
        self.landmarks_: FloatArray = points[order]
        self.owners_: IntArray = np.unique(groups[order], return_inverse=True)[1].astype(np.int64)
        self.n_features_in_ = int(matrix.shape[1])
        nearest = self._nearest(matrix)
        self.labels_, self.cluster_centers_, old = numbered(matrix, nearest)
        kept = np.isin(self.owners_, old)
        rank = np.full(int(self.owners_.max()) + 1, -1)
        rank[old] = np.arange(old.size)
        again = np.argsort(rank[self.owners_[kept]], kind="stable")
        self.landmarks_, self.owners_ = self.landmarks_[kept][again], rank[self.owners_[kept]][again]
        self.noise_variance_ = float(((matrix - self.cluster_centers_[self.labels_]) ** 2).mean())

    def predict(self, X: Any) -> IntArray:
        """Return the segment of each row's nearest landmark, shape (n_rows,)."""
        return self._nearest(self._checked(X))

    def assign(self, X: Any) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return each row's segment, its membership (0-1) and its distance to the segment's mean.

        Membership is p_k ∝ exp(-d_k² / 2σ²), d_k the distance to the nearest landmark of segment k and σ² the mean
        squared deviation from the segments' means.
        """
        matrix = self._checked(X)
        labels, memberships = [], []
        width = 2.0 * max(self.noise_variance_, float(np.finfo(float).eps))
        with threadpool_limits(limits=1):
            for part in self._squared(matrix):
                labels.append(np.argmin(part, axis=1).astype(np.int64))
                memberships.append(1.0 / np.exp((part.min(axis=1)[:, None] - part) / width).sum(axis=1))
        label = np.concatenate(labels)
        distance = np.sqrt(((matrix - self.cluster_centers_[label]) ** 2).sum(axis=1))
        return label, np.concatenate(memberships), distance

    def to_parts(self) -> dict[str, Any]:
        """Return landmarks, their segments and the centres, JSON-able."""
        check_is_fitted(self)
        return {
            "centres": self.cluster_centers_.tolist(),
            "landmarks": self.landmarks_.tolist(),
            "owners": self.owners_.tolist(),
            "noise_variance": self.noise_variance_,
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Rebuild the segmenter from `to_parts`."""
        model = cls()
        model.cluster_centers_ = np.asarray(parts["centres"], dtype=np.float64)
        model.landmarks_ = np.asarray(parts["landmarks"], dtype=np.float64)
        model.owners_ = np.asarray(parts["owners"], dtype=np.int64)
        model.noise_variance_ = float(parts["noise_variance"])
        model.n_features_in_ = int(model.cluster_centers_.shape[1])
        return model

    def _checked(self, X: Any) -> FloatArray:
        check_is_fitted(self)
        return numeric_rows(self, X)

    def _nearest(self, matrix: FloatArray) -> IntArray:
        with threadpool_limits(limits=1):
            return np.concatenate([np.argmin(part, axis=1).astype(np.int64) for part in self._squared(matrix)])

    def _squared(self, matrix: FloatArray) -> Iterator[FloatArray]:
        """Yield, in batches of rows, the squared distance to the nearest landmark of each segment."""
        middle = self.landmarks_.mean(axis=0)  # centred, so that large values cancel out of the differences
        points = self.landmarks_ - middle
        offset = (points**2).sum(axis=1)
        ends = np.flatnonzero(np.diff(self.owners_, append=-1)) + 1
        spans = [slice(a, b) for a, b in zip([0, *ends[:-1]], ends, strict=True)]
        rows = max(1, _BATCH_CELLS // max(1, *points.shape))
        for start in range(0, matrix.shape[0], rows):
            part = matrix[start : start + rows] - middle
            against = (-2.0 * part) @ points.T
            against += offset
            nearest = np.column_stack([against[:, span].min(axis=1) for span in spans])
            yield np.maximum(nearest + (part**2).sum(axis=1)[:, None], 0.0)
