"""Spectral clustering: groups that hang together by neighbours, whatever their shape."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import SpectralClustering
from threadpoolctl import threadpool_limits

from patron.segments.methods.landmarks import LandmarkSegmenter, landmarks_of
from patron.segments.methods.numeric_rows import numeric_rows
from patron.segments.methods.settings import SEED, Settings, check_settings, settings, whole

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class SpectralSegmenter(LandmarkSegmenter):
    """Cut the graph of likenesses between customers into K groups (normalised cut; Ng, Jordan and Weiss 2002).

    Two customers are alike by exp(-d² / (s_i s_j)), s the distance to one's seventh neighbour, so that sparse and dense
    places count the same (Zelnik-Manor and Perona 2004). Up to `n_landmarks` different customers the graph holds all of
    them; past that, as many small groups of K-Means, and every customer follows the nearest. New customers join the
    segment of the nearest landmark, and so did those learned from: `predict` gives `labels_` back.

    A single far customer is no segment: he is about equally unlike everyone, and joins the nearest.

    Cost: n_landmarks² for the graph, some seconds at 2,000, and n · n_landmarks · n_features to assign; so past 20,000
    customers only assigning grows.

    Args:
        n_clusters: K; fewer come out where fewer customers differ.
        n_landmarks: most points in the graph.
        random_state: seed of the small groups and of the eigenvectors' start.

    References:
        Ng, Jordan and Weiss (2002), On spectral clustering, NIPS 14;
        Zelnik-Manor and Perona (2004), Self-tuning spectral clustering, NIPS 17;
        Damle, Minden and Ying (2019), Simple, direct and efficient multi-way spectral clustering (no starts).

    >>> X = [[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]]
    >>> SpectralSegmenter(2, random_state=0).fit_predict(X).tolist()
    [0, 0, 0, 1, 1, 1]
    """

    SETTINGS: ClassVar[Settings] = settings(n_clusters=whole(1), n_landmarks=whole(1), random_state=SEED)

    def __init__(self, n_clusters: int = 4, *, n_landmarks: int = 2_000, random_state: int | None = None) -> None:
        self.n_clusters = n_clusters
        self.n_landmarks = n_landmarks
        self.random_state = random_state

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn `labels_`, `cluster_centers_` (means of the members) and the landmarks.

        Raises:
            ValueError: a setting that means nothing, text, NaN or infinity.
        """
        check_settings(self)
        matrix = numeric_rows(self, X, reset=True)
        marks = landmarks_of(matrix, max(self.n_landmarks, self.n_clusters), seed=self.random_state)
        self._keep(matrix, marks.points, self._groups(marks.points))
        return self

    def _groups(self, points: FloatArray) -> IntArray:
        if points.shape[0] <= self.n_clusters:
            return np.arange(points.shape[0])
        learner = SpectralClustering(
            self.n_clusters, affinity="precomputed", assign_labels="cluster_qr", random_state=self.random_state
        )
        with threadpool_limits(limits=1):
            groups: IntArray = learner.fit_predict(_likeness(points)).astype(np.int64)
        return groups


def _likeness(points: FloatArray) -> FloatArray:
    away = squareform(pdist(points))
    reach = np.sort(away, axis=1)[:, min(7, away.shape[0] - 1)]
    reach = np.maximum(reach, np.finfo(np.float64).eps)
    likeness: FloatArray = np.exp(-(away / reach[:, None]) * (away / reach)) + 1e-9  # a graph in one piece
    return likeness
