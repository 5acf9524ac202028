"""K-Means: scikit-learn's, with distances in batches, soft membership, and centres in a reproducible order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from patron.segments.methods.few_rows import at_most_different
from patron.segments.methods.numbering import order_of, rank_of
from patron.segments.methods.numeric_rows import numeric_rows
from patron.segments.methods.settings import SEED, Settings, check_settings, settings, whole
from patron.segments.methods.threads import one_thread

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_BATCH_CELLS = 4_000_000


class KMeansSegmenter(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Cut customers into the K groups with the least squared distance to their centres (Lloyd; k-means++ starts).

    Centres are ordered by their coordinates, first axis first, so that a group's number does not depend on the starts.

    Cost: n · K · n_features per round and start; past 20,000 customers still every customer is used.

    Args:
        n_clusters: K; fewer come out where fewer customers differ.
        n_init: starts; the best one wins.
        max_iter: most rounds per start.
        start_rows: beyond so many rows the starts compete on a draw of that size, and only the best is carried to its
            end on all rows: `n_init` starts then cost little more than one.
        random_state: seed of the starts.

    >>> KMeansSegmenter(n_clusters=2, random_state=0).fit_predict([[0.0], [0.1], [9.0], [9.1]]).tolist()
    [0, 0, 1, 1]
    """

    SETTINGS: ClassVar[Settings] = settings(
        n_clusters=whole(1), n_init=whole(1), max_iter=whole(1), start_rows=whole(1), random_state=SEED
    )

    def __init__(
        self,
        n_clusters: int = 4,
        *,
        n_init: int = 10,
        max_iter: int = 300,
        start_rows: int = 20_000,
        random_state: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.start_rows = start_rows
        self.random_state = random_state

    @property
    def _n_features_out(self) -> int:
        return int(self.cluster_centers_.shape[0])

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn `cluster_centers_` (K, n_features), `labels_`, `inertia_` and `noise_variance_`.

        `inertia_` is W_K = Σ_i ||x_i - c(i)||²; `noise_variance_` is W_K / (n · n_features), the variance of the
        spherical normal clusters of which K-Means is the hard limit.

        Raises:
            ValueError: a setting that means nothing, text, NaN or infinity.
        """
        check_settings(self)
        matrix = numeric_rows(self, X, reset=True)
        with one_thread(), catch_warnings():
            simplefilter(
                "ignore", ConvergenceWarning
            )  # a draw for the starts may hold fewer different customers than K
            learned = self._learned(matrix, at_most_different(matrix, self.n_clusters))
        inhabited, packed = np.unique(learned.labels_, return_inverse=True)
        order = order_of(learned.cluster_centers_[inhabited])
        self.cluster_centers_: FloatArray = learned.cluster_centers_[inhabited[order]]
        self.labels_: IntArray = rank_of(order)[packed]
        self.inertia_ = float(learned.inertia_)
        self.noise_variance_ = self.inertia_ / matrix.size
        self.n_iter_ = int(learned.n_iter_)
        return self

    def _learned(self, matrix: FloatArray, k: int) -> Any:
        first = KMeans(k, n_init=self.n_init, max_iter=self.max_iter, random_state=self.random_state)
        n = matrix.shape[0]
        if self.n_init == 1 or n <= max(self.start_rows, k):
            return first.fit(matrix)
        size = max(self.start_rows, k)
        drawn = np.sort(check_random_state(self.random_state).choice(n, size, replace=False))
        first.fit(matrix[drawn])
        return KMeans(k, init=first.cluster_centers_, n_init=1, max_iter=self.max_iter).fit(matrix)

    @classmethod
    def from_centres(cls, centres: FloatArray, noise_variance: float) -> Self:
        """Return a fitted segmenter with known centres, such as those read from a file."""
        model = cls(n_clusters=centres.shape[0])
        model.cluster_centers_ = np.asarray(centres, dtype=np.float64)
        model.noise_variance_ = float(noise_variance)
        model.n_features_in_ = int(centres.shape[1])
        return model

    def to_parts(self) -> dict[str, Any]:
        """Return the centres and the noise variance, JSON-able."""
        check_is_fitted(self)
        return {"centres": self.cluster_centers_.tolist(), "noise_variance": self.noise_variance_}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Rebuild the segmenter from `to_parts`."""
        return cls.from_centres(np.asarray(parts["centres"], dtype=np.float64), float(parts["noise_variance"]))

    def predict(self, X: Any) -> IntArray:
        """Return each row's nearest centre, shape (n_rows,)."""
        return np.concatenate([np.argmin(part, axis=1).astype(np.int64) for part in self._squared(X)])

    def transform(self, X: Any) -> FloatArray:
        """Return each row's Euclidean distance to each centre, shape (n_rows, K)."""
        return np.concatenate([np.sqrt(part) for part in self._squared(X)])

    def assign(self, X: Any) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return each row's cluster, its membership in it (0-1) and its distance to the centre.

        Membership is the posterior under equal spherical normal clusters: p_k ∝ exp(-||x - c_k||² / 2σ²).
        """
        labels, memberships, distances = [], [], []
        for part in self._squared(X):
            label = np.argmin(part, axis=1)
            nearest = part[np.arange(label.size), label]
            odds = np.exp(-(part - nearest[:, None]) / (2.0 * max(self.noise_variance_, np.finfo(float).eps)))
            labels.append(label.astype(np.int64))
            memberships.append(1.0 / odds.sum(axis=1))
            distances.append(np.sqrt(nearest))
        return np.concatenate(labels), np.concatenate(memberships), np.concatenate(distances)

    def _squared(self, X: Any) -> Iterator[FloatArray]:
        check_is_fitted(self)
        matrix = numeric_rows(self, X)
        centres = self.cluster_centers_
        offset = (centres**2).sum(axis=1)
        rows = max(1, _BATCH_CELLS // max(1, *centres.shape))
        for start in range(0, matrix.shape[0], rows):
            part = matrix[start : start + rows]
            yield np.maximum((part**2).sum(axis=1)[:, None] - 2.0 * part @ centres.T + offset, 0.0)
