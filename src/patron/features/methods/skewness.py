"""Straighten skewed columns: log1p or the Yeo-Johnson power, chosen per column by what is left of the skewness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import skew, yeojohnson, yeojohnson_normmax
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from patron.features.methods.choices import Choice, FloatArray, names_of, read

STEP = "transform"
NONE, LOG1P, POWER = "none", "log1p", "yeo_johnson"
_CLEARLY_BETTER = 0.5  # how much of the log's remaining skewness the power must remove to be worth its obscurity
_LAMBDA_RANGE = (-3.0, 3.0)
_FIT_ROWS = 20_000


class SkewnessReducer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Leave a column, take ln(1 + x), or take the Yeo-Johnson power of it, by its skewness.

    Skewness is the third standardised moment g₁. |g₁| up to `threshold` is left alone. Otherwise the logarithm is
    taken where no value is negative, and the power (Yeo and Johnson 2000, λ by maximum likelihood within ±3) where
    some are or where it leaves less than half of the logarithm's skewness. A transform that would not
    lessen the skewness is not used, and neither is any on a column of two values.

    Args:
        threshold: largest |skewness| that is left alone.

    >>> SkewnessReducer().fit([[float(2**i)] for i in range(12)]).kinds_
    ['log1p']
    """

    def __init__(self, *, threshold: float = 1.0) -> None:
        self.threshold = threshold

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Choose a transform per column: `kinds_`, and the powers `lambdas_` (NaN where none is used)."""
        matrix = read(self, X, reset=True)
        names = names_of(self)
        self.kinds_: list[str] = []
        self.lambdas_ = np.full(matrix.shape[1], np.nan)
        self.decisions_: list[Choice] = []
        for i, name in enumerate(names):
            self._choose(matrix[:, i], i, name)
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the transformed columns; values below -1 + 1e-9 count as that in a logarithm."""
        check_is_fitted(self)
        matrix = read(self, X, reset=False).copy()
        for i, kind in enumerate(self.kinds_):
            matrix[:, i] = _apply(kind, matrix[:, i], self.lambdas_[i])
        return matrix

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
        """Return the columns' names: a transformed column keeps its name."""
        names: NDArray[np.object_] = super().get_feature_names_out(input_features)
        return names

    def _choose(self, column: FloatArray, i: int, name: str) -> None:
        before = _skewness(column)
        kind, power, after = NONE, np.nan, before
        if abs(before) > self.threshold and np.unique(column).size > 2:
            kind, power, after = _straightest(column, before)
        self.kinds_.append(kind)
        self.lambdas_[i] = power
        if kind != NONE:
            what = LOG1P if kind == LOG1P else f"{POWER}, λ = {power:.2f}"
            self.decisions_.append(Choice(STEP, name, what, f"skewness {before:.1f} falls to {after:.1f}"))
        elif abs(before) > self.threshold:
            self.decisions_.append(Choice(STEP, name, NONE, f"skewness {before:.1f}, which no transform lessens"))


def _straightest(column: FloatArray, before: float) -> tuple[str, float, float]:
    found = [(NONE, np.nan, before)]
    if column.min() >= 0:
        found.append((LOG1P, np.nan, _skewness(np.log1p(column))))
    logged = abs(found[-1][2])
    # A logarithm reads more easily than a power, so the power must earn its place.
    if column.min() < 0 or logged > 0.5:
        power = _power(column)
        after = _skewness(_apply(POWER, column, power))
        if abs(after) < logged * (1.0 if column.min() < 0 else _CLEARLY_BETTER):
            found.append((POWER, power, after))
    best = found[-1]
    return best if abs(best[2]) < abs(before) else found[0]


def _power(column: FloatArray) -> float:
    step = max(1, column.size // _FIT_ROWS)
    part = np.sort(column)[::step]
    scale = np.std(part)
    if not np.isfinite(scale) or scale == 0:
        return 1.0
    return float(np.clip(yeojohnson_normmax(part, brack=(-1.0, 1.0)), *_LAMBDA_RANGE))


def _apply(kind: str, column: FloatArray, power: float) -> FloatArray:
    if kind == LOG1P:
        logged: FloatArray = np.log1p(np.maximum(column, -1.0 + 1e-9))
        return logged
    if kind == POWER:
        powered: FloatArray = yeojohnson(column, lmbda=power)
        return powered
    return column


def _skewness(column: FloatArray) -> float:
    if np.ptp(column) <= 1e-12 * max(1.0, float(np.abs(column).max())):
        return 0.0
    return float(skew(column))
