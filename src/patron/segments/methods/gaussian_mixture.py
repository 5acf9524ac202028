"""Gaussian mixture: segments as overlapping normal clouds of any direction, with a soft membership."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self
from warnings import catch_warnings, filterwarnings

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from patron.segments.methods.drawn_rows import drawn_rows
from patron.segments.methods.few_rows import at_most_different
from patron.segments.methods.numbering import numbered
from patron.segments.methods.numeric_rows import numeric_rows
from patron.segments.methods.settings import SEED, Settings, check_settings, number, one_of, settings, whole

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Covariance = Literal["full", "tied", "diag", "spherical"]

_BATCH_ROWS = 50_000
_PARTS = ("weights_", "means_", "covariances_", "precisions_cholesky_")


class GaussianMixtureSegmenter(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Cut customers into the K normal clouds under which they are likeliest (EM); each belongs to the likeliest.

    Membership is the posterior of that cloud: 0.5 says that another is as good. `predict` gives `labels_` back. A cloud
    that is nobody's likeliest is dropped: fewer than K segments may come out.

    Cost: n · K · n_features² per round and start ("full"). Past `learning_rows` customers the clouds are learned from
    that many drawn ones, and everyone is assigned.

    Args:
        n_clusters: K; fewer come out where fewer customers differ.
        covariance: "full" lets each cloud have its own directions; "tied", "diag" and "spherical" have fewer knobs.
        n_init: starts (k-means++ and K-Means); the likeliest wins.
        max_iter: most rounds per start.
        spread_floor: least variance of a cloud, as a share of the mean variance of the features (by quartiles).
        learning_rows: most customers learned from.
        random_state: seed of the starts and the draw.

    References:
        Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, JRSS B 39.

    >>> GaussianMixtureSegmenter(2, random_state=0).fit_predict([[0.0], [0.1], [9.0], [9.1]]).tolist()
    [0, 0, 1, 1]
    """

    SETTINGS: ClassVar[Settings] = settings(
        n_clusters=whole(1),
        covariance=one_of("full", "tied", "diag", "spherical"),
        n_init=whole(1),
        max_iter=whole(1),
        spread_floor=number(0, 1),
        learning_rows=whole(1),
        random_state=SEED,
    )

    def __init__(
        self,
        n_clusters: int = 4,
        *,
        covariance: Covariance = "full",
        n_init: int = 5,
        max_iter: int = 300,
        spread_floor: float = 1e-4,
        learning_rows: int = 20_000,
        random_state: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.covariance = covariance
        self.n_init = n_init
        self.max_iter = max_iter
        self.spread_floor = spread_floor
        self.learning_rows = learning_rows
        self.random_state = random_state

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn `mixture_` (scikit-learn's, components in the order of the segments), `labels_`, `cluster_centers_`.

        `cluster_centers_` are the means of the members; `mixture_.means_` those of the clouds.

        Raises:
            ValueError: a setting that means nothing, text, NaN or infinity.
        """
        check_settings(self)
        matrix = numeric_rows(self, X, reset=True)
        part = matrix[drawn_rows(matrix, self.learning_rows, seed=self.random_state)]
        with threadpool_limits(limits=1):
            self.mixture_ = self._learned(part)
            labels = self._posteriors(matrix)[0]
        self.n_iter_ = int(self.mixture_.n_iter_)
        self.labels_, self.cluster_centers_, kept = numbered(matrix, labels)
        _keep(self.mixture_, kept)
        return self

    def _learned(self, part: FloatArray) -> Any:
        rows = part if part.shape[0] > 1 else np.repeat(part, 2, axis=0)  # scikit-learn's wants two; the cloud is his
        floor = self.spread_floor * _usual_variance(part)
        mixture = GaussianMixture(
            at_most_different(part, self.n_clusters),
            covariance_type=self.covariance,
            n_init=self.n_init,
            max_iter=self.max_iter,
            reg_covar=max(floor, 1e-12),
            random_state=self.random_state,
        )
        with catch_warnings():
            filterwarnings("ignore", "Number of distinct clusters", ConvergenceWarning)  # equal but for rounding
            return mixture.fit(rows)

    def predict(self, X: Any) -> IntArray:
        """Return each row's likeliest segment, shape (n_rows,)."""
        return self.assign(X)[0]

    def assign(self, X: Any) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return each row's segment, its posterior (0-1) and its Euclidean distance to the segment's mean."""
        check_is_fitted(self)
        matrix = numeric_rows(self, X)
        with threadpool_limits(limits=1):
            labels, membership = self._posteriors(matrix)
        return labels, membership, np.sqrt(((matrix - self.cluster_centers_[labels]) ** 2).sum(axis=1))

    def _posteriors(self, matrix: FloatArray) -> tuple[IntArray, FloatArray]:
        labels, best = [], []
        for start in range(0, matrix.shape[0], _BATCH_ROWS):
            posterior = self.mixture_.predict_proba(matrix[start : start + _BATCH_ROWS])
            labels.append(np.argmax(posterior, axis=1).astype(np.int64))
            best.append(np.minimum(posterior.max(axis=1), 1.0))
        return np.concatenate(labels), np.concatenate(best)

    def to_parts(self) -> dict[str, Any]:
        """Return the clouds and the centres, JSON-able."""
        check_is_fitted(self)
        clouds = {name: getattr(self.mixture_, name).tolist() for name in _PARTS}
        return {"centres": self.cluster_centers_.tolist(), "covariance": self.covariance, **clouds}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Rebuild the segmenter from `to_parts`."""
        model = cls(len(parts["centres"]), covariance=parts["covariance"])
        model.cluster_centers_ = np.asarray(parts["centres"], dtype=np.float64)
        model.mixture_ = GaussianMixture(model.n_clusters, covariance_type=model.covariance)
        for name in _PARTS:
            setattr(model.mixture_, name, np.asarray(parts[name], dtype=np.float64))
        model.n_features_in_ = model.mixture_.n_features_in_ = int(model.cluster_centers_.shape[1])
        return model


def _usual_variance(part: FloatArray) -> float:
    """Return the mean variance of the features, by quartiles where they differ: one outlier moves it little."""
    low, high = np.quantile(part, [0.25, 0.75], axis=0)
    by_quartiles = ((high - low) / 1.349) ** 2
    return float(np.where(by_quartiles > 0.0, by_quartiles, part.var(axis=0)).mean())


def _keep(mixture: Any, kept: IntArray) -> None:
    """Keep some components of a mixture, in this order."""
    shared = ("covariances_", "precisions_cholesky_") if mixture.covariance_type == "tied" else ()
    for name in _PARTS:
        if name not in shared:
            setattr(mixture, name, getattr(mixture, name)[kept])
    mixture.weights_ = mixture.weights_ / mixture.weights_.sum()
    mixture.n_components = int(kept.size)
