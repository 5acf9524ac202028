"""HDBSCAN: segments as dense places of any shape; who lives between them is a segment of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import HDBSCAN
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from patron.segments.methods.drawn_rows import drawn_rows
from patron.segments.methods.internal_indices import centres_of
from patron.segments.methods.numbering import numbered
from patron.segments.methods.numeric_rows import numeric_rows
from patron.segments.methods.settings import SEED, Settings, check_settings, number, settings, whole

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_NOISE = -1


class HDBSCANSegmenter(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Find the dense groups that last longest over all levels of density (Campello et al. 2013); K follows.

    Customers in no dense group (noise) form the last segment, `noise_label_` (None when there are none). If nothing is
    dense, everyone is in that one segment.

    A customer, new or learned from, is placed by density: he joins the segment of the nearest learned customer if he is
    no farther from him than that one's own `min_samples`-th neighbour (his core distance); otherwise, or if the
    nearest is noise, he is noise. Where learning met no noise there is no segment for it, and everyone joins the
    nearest. `predict` gives `labels_` back.

    Cost: n² · n_features, memory n (k-d tree and Prim); past `learning_rows` customers it learns from that many drawn
    ones, and everyone is assigned in n · learning_rows · n_features. The learned rows stay part of the model.

    Args:
        smallest_share: least members of a dense group, as a share of the customers learned from (at least 5 customers).
        min_samples: neighbours that make a place dense.
        learning_rows: most customers learned from.
        random_state: seed of the draw.

    References:
        Campello, Moulavi and Sander (2013), Density-based clustering based on hierarchical density estimates, PAKDD.

    >>> X = [[0.0], [0.1], [0.2], [0.3], [0.4], [9.0], [9.1], [9.2], [9.3], [9.4], [50.0]]
    >>> HDBSCANSegmenter(min_samples=2).fit_predict(X).tolist()
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2]
    """

    SETTINGS: ClassVar[Settings] = settings(
        smallest_share=number(0, 1), min_samples=whole(1), learning_rows=whole(1), random_state=SEED
    )

    def __init__(
        self,
        *,
        smallest_share: float = 0.02,
        min_samples: int = 10,
        learning_rows: int = 10_000,
        random_state: int | None = None,
    ) -> None:
        self.smallest_share = smallest_share
        self.min_samples = min_samples
        self.learning_rows = learning_rows
        self.random_state = random_state

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn `labels_`, `cluster_centers_` (means of the members), `noise_label_` and the learned rows.

        Raises:
            ValueError: a setting that means nothing, text, NaN or infinity.
        """
        check_settings(self)
        matrix = numeric_rows(self, X, reset=True)
        rows = matrix[drawn_rows(matrix, self.learning_rows, seed=self.random_state)]
        groups, strength = self._groups(rows)
        self.core_distances_: FloatArray = self._core_distances(rows)
        self._number(rows, groups)
        self.rows_, self.strength_ = rows, strength
        self.labels_: IntArray = self._place(matrix)[0]
        self.cluster_centers_: FloatArray = centres_of(matrix, self.labels_)
        return self

    def _groups(self, rows: FloatArray) -> tuple[IntArray, FloatArray]:
        smallest = max(5, round(self.smallest_share * rows.shape[0]))
        if rows.shape[0] <= smallest:
            return np.full(rows.shape[0], _NOISE), np.zeros(rows.shape[0])
        near = min(self.min_samples, rows.shape[0])
        with threadpool_limits(limits=1):
            model = HDBSCAN(min_cluster_size=smallest, min_samples=near, algorithm="kd_tree", copy=True).fit(rows)
        return model.labels_.astype(np.int64), model.probabilities_

    def _core_distances(self, rows: FloatArray) -> FloatArray:
        near = min(self.min_samples, rows.shape[0])
        distances: FloatArray = NearestNeighbors(n_neighbors=near).fit(rows).kneighbors(rows)[0][:, -1]
        return distances

    def _number(self, rows: FloatArray, groups: IntArray) -> None:
        """Number the dense groups by their means, and noise last."""
        dense = groups != _NOISE
        self.owners_: IntArray = np.zeros(groups.size, dtype=np.int64)
        n_dense = 0
        if dense.any():
            self.owners_[dense], centres, _ = numbered(rows[dense], groups[dense])
            n_dense = centres.shape[0]
        self.owners_[~dense] = n_dense
        self.noise_label_ = None if dense.all() else n_dense

    def predict(self, X: Any) -> IntArray:
        """Return each row's segment, shape (n_rows,)."""
        return self.assign(X)[0]

    def assign(self, X: Any) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return each row's segment, its membership (0-1) and its distance to the segment's mean.

        Membership is the strength HDBSCAN gave to the nearest learned customer: 1 in the densest part of a segment,
        towards 0 at its edge; 1 for noise.
        """
        check_is_fitted(self)
        matrix = numeric_rows(self, X)
        labels, membership = self._place(matrix)
        return labels, membership, np.sqrt(((matrix - self.cluster_centers_[labels]) ** 2).sum(axis=1))

    def _place(self, matrix: FloatArray) -> tuple[IntArray, FloatArray]:
        with threadpool_limits(limits=1):
            away, nearest = NearestNeighbors(n_neighbors=1).fit(self.rows_).kneighbors(matrix)
        labels = self.owners_[nearest[:, 0]]
        if self.noise_label_ is None:
            return labels, self.strength_[nearest[:, 0]]
        labels[away[:, 0] > self.core_distances_[nearest[:, 0]]] = self.noise_label_
        return labels, np.where(labels == self.noise_label_, 1.0, self.strength_[nearest[:, 0]])

    def to_parts(self) -> dict[str, Any]:
        """Return the learned rows, their segments, reaches and strengths, and the centres, JSON-able."""
        check_is_fitted(self)
        return {
            "centres": self.cluster_centers_.tolist(),
            "rows": self.rows_.tolist(),
            "owners": self.owners_.tolist(),
            "core_distances": self.core_distances_.tolist(),
            "strength": self.strength_.tolist(),
            "noise_label": self.noise_label_,
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Rebuild the segmenter from `to_parts`."""
        model = cls()
        model.cluster_centers_ = np.asarray(parts["centres"], dtype=np.float64)
        model.rows_ = np.asarray(parts["rows"], dtype=np.float64)
        model.owners_ = np.asarray(parts["owners"], dtype=np.int64)
        model.core_distances_ = np.asarray(parts["core_distances"], dtype=np.float64)
        model.strength_ = np.asarray(parts["strength"], dtype=np.float64)
        model.noise_label_ = parts["noise_label"]
        model.n_features_in_ = int(model.cluster_centers_.shape[1])
        return model
