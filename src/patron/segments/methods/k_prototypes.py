"""K-Prototypes: K-Means for customers described by numbers and by categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from patron.segments.methods.drawn_rows import drawn_rows
from patron.segments.methods.mixed_rows import MixedRows
from patron.segments.methods.numbering import order_of, rank_of
from patron.segments.methods.numeric_rows import numeric_rows
from patron.segments.methods.settings import SEED, Settings, check_settings, columns, number, settings, whole

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_STARTING_ROWS = 10_000


class KPrototypesSegmenter(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Cut customers into the K groups with the least distance to their prototypes (Huang 1998).

    A prototype is the mean of each numeric column and the most frequent code of each categorical one, and

        d²(x, q) = Σ_numeric (x_j - q_j)² + γ Σ_categorical [x_j ≠ q_j].

    Without numeric columns this is K-modes, without categorical ones K-Means. All customers are placed, then all
    prototypes renewed, until nobody moves; an emptied group restarts at the customer farthest from his prototype.
    `predict` gives `labels_` back. A code not seen in learning differs from every prototype.

    Cost: n · K · n_features per round and start; past 20,000 customers still every customer is used.

    Args:
        n_clusters: K; fewer come out where fewer customers differ.
        categorical: indices of the columns that hold codes (whole numbers that name categories).
        gamma: γ, what one differing category weighs; None: half the mean variance of the numeric columns (Huang's rule
            of half a standard deviation, in the units of d²); 1 where no numeric column varies.
        n_init: starts, each from K drawn customers far from one another (k-means++), compared on at most
            10,000 drawn customers; the least cost goes on with all of them.
        max_iter: most rounds per start.
        random_state: seed of the starts.

    References:
        Huang (1998), Extensions to the k-means algorithm for clustering large data sets with categorical values, Data
        Mining and Knowledge Discovery 2.

    >>> X = [[0.0, 7.0], [0.1, 7.0], [0.0, 3.0], [0.1, 3.0]]
    >>> KPrototypesSegmenter(2, categorical=[1], gamma=1.0, random_state=0).fit_predict(X).tolist()
    [1, 1, 0, 0]
    """

    SETTINGS: ClassVar[Settings] = settings(
        n_clusters=whole(1),
        categorical=columns(),
        gamma=number(0).or_none(),
        n_init=whole(1),
        max_iter=whole(1),
        random_state=SEED,
    )

    def __init__(
        self,
        n_clusters: int = 4,
        *,
        categorical: Sequence[int] = (),
        gamma: float | None = None,
        n_init: int = 10,
        max_iter: int = 100,
        random_state: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.categorical = categorical
        self.gamma = gamma
        self.n_init = n_init
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn `cluster_centers_` (the prototypes), `labels_`, `gamma_`, `cost_` = Σ d² and `noise_variance_`.

        Raises:
            ValueError: a setting that means nothing, a categorical column that is not there, text, NaN or infinity.
        """
        check_settings(self)
        matrix = numeric_rows(self, X, reset=True)
        self.is_categorical_ = _mask(self.categorical, matrix.shape[1], type(self).__name__)
        self.gamma_ = self._gamma(matrix)
        random = np.random.default_rng(self.random_state)
        with threadpool_limits(limits=1):
            part = matrix[drawn_rows(matrix, _STARTING_ROWS, seed=self.random_state)]
            rows = MixedRows.of(part, self.is_categorical_)
            runs = [self._run(rows, self._start(part, rows, random)) for _ in range(self.n_init)]
            best = min(runs, key=lambda run: run[0])[1]
            self.cost_, prototypes, labels = self._run(MixedRows.of(matrix, self.is_categorical_), best)
        inhabited, packed = np.unique(labels, return_inverse=True)
        order = order_of(prototypes[inhabited])
        self.cluster_centers_: FloatArray = prototypes[inhabited[order]]
        self.labels_: IntArray = rank_of(order)[packed]
        self.noise_variance_ = self.cost_ / matrix.size
        return self

    def _gamma(self, matrix: FloatArray) -> float:
        if self.gamma is not None:
            return float(self.gamma)
        numeric = matrix[:, ~self.is_categorical_]
        spread = float(numeric.var(axis=0).mean()) / 2.0 if numeric.size else 0.0
        return spread if spread > 0.0 else 1.0

    def _start(self, matrix: FloatArray, rows: MixedRows, random: np.random.Generator) -> FloatArray:
        drawn = [int(random.integers(matrix.shape[0]))]
        nearest = rows.squared(matrix[drawn], self.gamma_)[:, 0]
        while len(drawn) < self.n_clusters and nearest.sum() > 0.0:
            drawn.append(int(random.choice(matrix.shape[0], p=nearest / nearest.sum())))
            nearest = np.minimum(nearest, rows.squared(matrix[drawn[-1:]], self.gamma_)[:, 0])
        return matrix[drawn]

    def _run(self, rows: MixedRows, prototypes: FloatArray) -> tuple[float, FloatArray, IntArray]:
        labels = np.full(rows.numeric.shape[0], -1)
        for round_ in range(self.max_iter):
            self.n_iter_ = round_ + 1
            moved, own = _nearest(rows.squared(prototypes, self.gamma_))
            _refill(moved, own, prototypes.shape[0])
            if np.array_equal(moved, labels):
                break
            labels = moved
            prototypes = rows.prototypes(labels, prototypes.shape[0])
        labels, own = _nearest(rows.squared(prototypes, self.gamma_))
        return float(own.sum()), prototypes, labels

    def predict(self, X: Any) -> IntArray:
        """Return each row's nearest prototype, shape (n_rows,)."""
        return self.assign(X)[0]

    def assign(self, X: Any) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return each row's segment, its membership (0-1) and its mixed distance d to the prototype.

        Membership is p_k ∝ exp(-d_k² / 2σ²), σ² = cost / (n · n_features).
        """
        check_is_fitted(self)
        matrix = numeric_rows(self, X)
        with threadpool_limits(limits=1):
            squared = MixedRows.of(matrix, self.is_categorical_).squared(self.cluster_centers_, self.gamma_)
        labels, own = _nearest(squared)
        width = 2.0 * max(self.noise_variance_, float(np.finfo(float).eps))
        return labels, 1.0 / np.exp((own[:, None] - squared) / width).sum(axis=1), np.sqrt(own)

    def to_parts(self) -> dict[str, Any]:
        """Return the prototypes, which columns are categorical, and γ, JSON-able."""
        check_is_fitted(self)
        return {
            "centres": self.cluster_centers_.tolist(),
            "categorical": np.flatnonzero(self.is_categorical_).tolist(),
            "gamma": self.gamma_,
            "noise_variance": self.noise_variance_,
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Rebuild the segmenter from `to_parts`."""
        centres = np.asarray(parts["centres"], dtype=np.float64)
        model = cls(centres.shape[0], categorical=parts["categorical"], gamma=parts["gamma"])
        model.cluster_centers_, model.n_features_in_ = centres, int(centres.shape[1])
        model.is_categorical_ = _mask(parts["categorical"], model.n_features_in_, cls.__name__)
        model.gamma_, model.noise_variance_ = float(parts["gamma"]), float(parts["noise_variance"])
        return model


def _nearest(squared: FloatArray) -> tuple[IntArray, FloatArray]:
    labels = np.argmin(squared, axis=1).astype(np.int64)
    return labels, squared[np.arange(labels.size), labels]


def _mask(categorical: Sequence[int], width: int, name: str) -> NDArray[np.bool_]:
    mask = np.zeros(width, dtype=bool)
    for column in categorical:
        if not 0 <= column < width:
            raise ValueError(f"{name}: categorical column {column} is not among the columns 0 … {width - 1}.")
        mask[column] = True
    return mask


def _refill(labels: IntArray, own: FloatArray, k: int) -> None:
    """Give each empty group the customer farthest from his prototype, out of a group that keeps others."""
    counts = np.bincount(labels, minlength=k)
    if counts.all():
        return
    farthest = iter(np.argsort(-own, kind="stable").tolist())
    for empty in np.flatnonzero(counts == 0):
        row = next(row for row in farthest if counts[labels[row]] > 1)
        counts[labels[row]] -= 1
        labels[row] = empty
