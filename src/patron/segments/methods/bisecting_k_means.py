"""Bisecting K-Means: halve the group with the most spread until there are K."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import KMeans
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from patron.segments.methods.few_rows import at_most_different
from patron.segments.methods.numbering import numbered
from patron.segments.methods.numeric_rows import numeric_rows
from patron.segments.methods.settings import SEED, Settings, check_settings, settings, whole

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class BisectingKMeansSegmenter(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Halve, again and again, the group with the largest sum of squares, each time by K-Means with K = 2.

    A customer is placed by going down the halvings to the nearer of two centres, in learning and later, so
    `predict` gives `labels_` back. Cutting into K + 1 only divides one of the K groups: cuts of several sizes nest.

    Cost: n · n_features per round, for the halves ever smaller; past 20,000 customers still every customer is used.

    Args:
        n_clusters: K; fewer come out where fewer customers differ.
        n_init: starts of each halving; the best one wins.
        max_iter: most rounds per start.
        random_state: seed of the starts.

    References:
        Steinbach, Karypis and Kumar (2000), A comparison of document clustering techniques, KDD text mining.

    >>> BisectingKMeansSegmenter(2, random_state=0).fit_predict([[0.0], [0.1], [9.0], [9.1]]).tolist()
    [0, 0, 1, 1]
    """

    SETTINGS: ClassVar[Settings] = settings(n_clusters=whole(1), n_init=whole(1), max_iter=whole(1), random_state=SEED)

    def __init__(
        self, n_clusters: int = 4, *, n_init: int = 10, max_iter: int = 300, random_state: int | None = None
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn `labels_`, `cluster_centers_` (means of the members), `halvings_` and `noise_variance_`.

        `halvings_` holds per halving its two centres, shape (K-1, 2, n_features); `children_` (K-1, 2) says what each
        half is: another halving i ≥ 0, or segment -1-i. `noise_variance_` is W_K / (n · n_features), `n_iter_` the
        most rounds of a halving.

        Raises:
            ValueError: a setting that means nothing, text, NaN or infinity.
        """
        check_settings(self)
        matrix = numeric_rows(self, X, reset=True)
        with threadpool_limits(limits=1):
            groups, children = self._halve(matrix, at_most_different(matrix, self.n_clusters))
        self.labels_, self.cluster_centers_, old = numbered(matrix, groups)
        number = np.argsort(old)
        self.children_: IntArray = np.where(children < 0, -1 - number[-1 - children], children).astype(np.int64)
        within = float(((matrix - self.cluster_centers_[self.labels_]) ** 2).sum())
        self.noise_variance_ = within / matrix.size
        return self

    def _halve(self, matrix: FloatArray, k: int) -> tuple[IntArray, IntArray]:
        self.n_iter_ = 1
        groups = np.zeros(matrix.shape[0], dtype=np.int64)
        spreads = [_spread(matrix)]
        owners: list[tuple[int, int] | None] = [None]  # which half of which halving a group is
        halvings, children = [], np.empty((k - 1, 2), dtype=np.int64)
        for step in range(k - 1):
            widest = int(np.argmax(spreads))
            members = np.flatnonzero(groups == widest)
            centres, half = self._two(matrix[members])
            if (owner := owners[widest]) is not None:
                children[owner] = step
            groups[members[half == 1]] = step + 1
            spreads[widest] = _spread(matrix[members[half == 0]])
            spreads.append(_spread(matrix[members[half == 1]]))
            owners[widest] = (step, 0)
            owners.append((step, 1))
            children[step] = -1 - widest, -2 - step
            halvings.append(centres)
        self.halvings_: FloatArray = np.asarray(halvings).reshape(-1, 2, matrix.shape[1])
        return groups, children

    def _two(self, part: FloatArray) -> tuple[FloatArray, IntArray]:
        model = KMeans(2, n_init=self.n_init, max_iter=self.max_iter, random_state=self.random_state).fit(part)
        self.n_iter_ = max(self.n_iter_, int(model.n_iter_))
        return model.cluster_centers_, _nearer(part, model.cluster_centers_)[0]

    def predict(self, X: Any) -> IntArray:
        """Return the segment each row comes to down the halvings, shape (n_rows,)."""
        return self.assign(X)[0]

    def assign(self, X: Any) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return each row's segment, its membership (0-1) and its distance to the segment's mean.

        Membership is the product over the halvings passed of the posterior of the side taken, under two equal
        spherical normal halves: p = 1 / (1 + exp(-(d²_other - d²_own) / 2σ²)).
        """
        check_is_fitted(self)
        matrix = numeric_rows(self, X)
        labels = np.zeros(matrix.shape[0], dtype=np.int64)
        membership = np.ones(matrix.shape[0])
        waiting = [(0, np.arange(matrix.shape[0]))] if self.halvings_.size else []
        width = 2.0 * max(self.noise_variance_, float(np.finfo(float).eps))
        while waiting:
            step, rows = waiting.pop()
            half, lead = _nearer(matrix[rows], self.halvings_[step])
            membership[rows] /= 1.0 + np.exp(-lead / width)
            for side, child in enumerate(self.children_[step].tolist()):
                if child < 0:
                    labels[rows[half == side]] = -1 - child
                else:
                    waiting.append((child, rows[half == side]))
        return labels, membership, np.sqrt(((matrix - self.cluster_centers_[labels]) ** 2).sum(axis=1))

    def to_parts(self) -> dict[str, Any]:
        """Return the halvings and centres, JSON-able."""
        check_is_fitted(self)
        return {
            "centres": self.cluster_centers_.tolist(),
            "halvings": self.halvings_.tolist(),
            "children": self.children_.tolist(),
            "noise_variance": self.noise_variance_,
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Rebuild the segmenter from `to_parts`."""
        centres = np.asarray(parts["centres"], dtype=np.float64)
        model = cls(centres.shape[0])
        model.cluster_centers_, model.n_features_in_ = centres, int(centres.shape[1])
        model.halvings_ = np.asarray(parts["halvings"], dtype=np.float64).reshape(-1, 2, centres.shape[1])
        model.children_ = np.asarray(parts["children"], dtype=np.int64).reshape(-1, 2)
        model.noise_variance_ = float(parts["noise_variance"])
        return model


def _nearer(part: FloatArray, two: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the nearer of two centres and by how much its squared distance is smaller."""
    lead = 2.0 * (part - two.mean(axis=0)) @ (two[1] - two[0])
    return (lead > 0).astype(np.int64), np.abs(lead)


def _spread(part: FloatArray) -> float:
    return float(((part - part.mean(axis=0)) ** 2).sum())
