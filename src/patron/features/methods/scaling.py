"""Scaling: one unit for every axis, by standard deviation, range or quartiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from patron.features.methods.choices import Choice, FloatArray, names_of, read

STEP = "scale"
Scaling = Literal["standard", "min_max", "robust", "auto"]
_HEAVY_KURTOSIS = 6.0  # excess; a normal column has 0, an exponential one has 6
_REASONS = {
    "standard": "no heavy tails: the standard deviation is a fair unit",
    "robust": "heavy tails: the quartiles are a fairer unit than the standard deviation",
    "min_max": "asked for",
}


class ColumnScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Centre and scale each column: (x - centre) / unit.

    "standard": mean and standard deviation. "min_max": minimum and range. "robust": median and interquartile range /
    1.349, which is the standard deviation of a normal column, so that the three can be mixed. "auto": robust where the
    excess kurtosis exceeds 6 and the quartiles differ, standard elsewhere. A constant column becomes zero.

    >>> ColumnScaler(method="min_max").fit_transform([[10.0], [15.0], [30.0]]).ravel().tolist()
    [0.0, 0.25, 1.0]
    """

    def __init__(self, *, method: Scaling = "auto") -> None:
        self.method = method

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn `centres_`, `units_` and the method used per column, `methods_`."""
        matrix = read(self, X, reset=True)
        if self.method not in ("standard", "min_max", "robust", "auto"):
            raise ValueError(f"ColumnScaler: method {self.method!r} is not one of standard, min_max, robust, auto.")
        self.methods_ = [_chosen(self.method, matrix[:, i]) for i in range(matrix.shape[1])]
        learned = [_centre_and_unit(kind, matrix[:, i]) for i, kind in enumerate(self.methods_)]
        self.centres_ = np.array([centre for centre, _ in learned])
        self.units_ = np.array([unit for _, unit in learned])
        self.decisions_ = [
            Choice(STEP, name, kind, _REASONS[kind] if self.method == "auto" else "asked for")
            for name, kind in zip(names_of(self), self.methods_, strict=True)
        ]
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the scaled columns."""
        check_is_fitted(self)
        scaled: FloatArray = (read(self, X, reset=False) - self.centres_) / self.units_
        return scaled

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
        """Return the columns' names: scaling renames nothing."""
        names: NDArray[np.object_] = super().get_feature_names_out(input_features)
        return names


def _chosen(method: Scaling, column: FloatArray) -> str:
    if method != "auto":
        return method
    spread = float(np.std(column))
    if spread == 0.0:
        return "standard"
    kurtosis = float(np.mean(((column - column.mean()) / spread) ** 4)) - 3.0
    low, high = np.quantile(column, [0.25, 0.75])
    return "robust" if kurtosis > _HEAVY_KURTOSIS and high - low > 0.1 * spread else "standard"


def _centre_and_unit(method: str, column: FloatArray) -> tuple[float, float]:
    if method == "min_max":
        centre, unit = float(column.min()), float(np.ptp(column))
    elif method == "robust":
        low, middle, high = np.quantile(column, [0.25, 0.5, 0.75])
        centre, unit = float(middle), float(high - low) / 1.349
    else:
        centre, unit = float(column.mean()), float(column.std())
    negligible = 10 * np.finfo(np.float64).eps * max(1.0, abs(centre))
    return centre, unit if unit > negligible else 1.0
