"""Ridge Poisson regression with an offset: few coefficients, a steady hand beside an ensemble of trees.

    log E[y] = offset + b0 + Σ b_j z_j,   minimising  Σ (μ − y log μ) + ½ λ M Σ b_j²,   M = Σ exp(offset)·mean rate

where z are the features standardised and clipped at four standard deviations, so that nobody far out is extrapolated.
The penalty grows with the expected total M, so that λ means the same for small shops and large ones. Solved by Newton
steps with halving; each step costs n·k².

References:
    McCullagh and Nelder (1989), Generalized linear models, §6.2; le Cessie and van Houwelingen (1992), Ridge
    estimators in logistic regression, Applied Statistics 41 (the penalty).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

FloatArray = NDArray[np.float64]
_FAR = 4.0
_MOST_STEPS = 60
_LARGEST_EXPONENT = 50.0
_CLOSE = 1e-9


class RidgePoisson(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Learn a count or an amount with zeros from a few features, starting from an offset.

    Args:
        penalty: λ of the module's formula.

    >>> import numpy as np
    >>> days = np.repeat([10.0, 40.0], 200)
    >>> X = np.tile([[0.0], [1.0]], (200, 1))
    >>> y = days * (0.1 + 0.2 * X[:, 0])
    >>> model = RidgePoisson(penalty=1e-6).fit(X, y, offset=np.log(days))
    >>> np.exp(model.predict_log([[0.0], [1.0]])).round(2).tolist()
    [0.1, 0.3]
    """

    def __init__(self, *, penalty: float = 0.01) -> None:
        self.penalty = penalty

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # targets below zero count as zero
        return tags

    def fit(self, X: Any, y: ArrayLike, offset: ArrayLike | None = None) -> Self:
        """Learn the coefficients.

        Args:
            X: features, shape (n_rows, n_features).
            y: counts or amounts, shape (n_rows,); below zero counts as zero.
            offset: what is known of log E[y], shape (n_rows,); None: nothing.
        """
        features, target = validate_data(self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2)
        amount = np.maximum(np.asarray(target, dtype=np.float64), 0.0)
        known = np.zeros(amount.size) if offset is None else _vector(offset)
        self.center_, self.scale_ = features.mean(axis=0), features.std(axis=0)
        self.scale_[self.scale_ < _CLOSE] = 1.0
        exposure = np.exp(known)
        rate = float(amount.sum() / exposure.sum())
        design = np.column_stack([np.ones(amount.size), self._standardised(features)])
        if rate > 0:
            coefficients = _newton(design, amount / rate, known, self.penalty * float(exposure.sum()))
        else:
            coefficients, rate = np.zeros(design.shape[1]), float(np.finfo(np.float64).tiny)
        self.intercept_ = float(coefficients[0] + np.log(rate))
        self.coef_ = coefficients[1:]
        return self

    def predict(self, X: Any) -> FloatArray:
        """Return E[y] at an offset of zero, shape (n_rows,)."""
        expected: FloatArray = np.exp(self.predict_log(X))
        return expected

    def predict_log(self, X: Any) -> FloatArray:
        """Return log E[y] without the offset, shape (n_rows,)."""
        added, base = self.contributions(X)
        said: FloatArray = added.sum(axis=1) + base
        return said

    def contributions(self, X: Any) -> tuple[FloatArray, float]:
        """Return what each feature adds to `predict_log` beside its mean, shape (n_rows, n_features), and the rest."""
        check_is_fitted(self, "coef_")
        features = validate_data(self, X, reset=False, dtype=np.float64)
        return self._standardised(features) * self.coef_, self.intercept_

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as numbers, for `from_parts`."""
        check_is_fitted(self, "coef_")
        return {
            "intercept": self.intercept_,
            "coefficients": self.coef_.tolist(),
            "center": self.center_.tolist(),
            "scale": self.scale_.tolist(),
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the fitted estimator that `to_parts` described."""
        model = cls()
        model.intercept_ = float(parts["intercept"])
        model.coef_, model.center_, model.scale_ = (
            np.array(parts[name], dtype=np.float64) for name in ("coefficients", "center", "scale")
        )
        model.n_features_in_ = model.coef_.size
        return model

    def _standardised(self, features: FloatArray) -> FloatArray:
        clipped: FloatArray = np.clip((features - self.center_) / self.scale_, -_FAR, _FAR)
        return clipped


def _newton(design: FloatArray, target: FloatArray, offset: FloatArray, penalty: float) -> FloatArray:
    ridge = np.full(design.shape[1], penalty)
    ridge[0] = 0.0
    at = np.zeros(design.shape[1])

    def loss(b: FloatArray) -> float:
        linear = design @ b
        return float(_mean(linear + offset).sum() - target @ linear + 0.5 * (ridge * b * b).sum())

    current = loss(at)
    for _ in range(_MOST_STEPS):
        mean = _mean(design @ at + offset)
        slope = design.T @ (mean - target) + ridge * at
        curvature = (design * mean[:, None]).T @ design + np.diag(ridge + _CLOSE)
        step, share = np.linalg.solve(curvature, slope), 1.0
        while (moved := loss(at - share * step)) > current and share > 1e-6:
            share /= 2.0
        if moved > current:
            break
        gained, at, current = current - moved, at - share * step, moved
        if gained <= _CLOSE * max(abs(current), 1.0):
            break
    return at


def _mean(linear: FloatArray) -> FloatArray:
    mean: FloatArray = np.exp(np.minimum(linear, _LARGEST_EXPONENT))
    return mean


def _vector(values: ArrayLike) -> FloatArray:
    array: FloatArray = check_array(values, ensure_2d=False, dtype=np.float64)
    return array
