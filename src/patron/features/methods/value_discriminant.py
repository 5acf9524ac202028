"""Axes that separate future value: linear discriminant analysis on a label cut into bands."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.utils.validation import check_is_fitted, validate_data

from patron.features.methods.choices import FloatArray, read


class ValueDiscriminant(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Project on the axes along which bands of a numeric label differ most (Fisher 1936; scikit-learn's LDA).

    The label is cut at its quantiles into at most `n_bands` bands; equal labels share a band, so customers who spent
    nothing are one band of their own. A label with one value leaves nothing to separate and is refused.

    Args:
        n_bands: bands of the label, at least 2; there are at most one axis fewer.
    """

    def __init__(self, *, n_bands: int = 5) -> None:
        self.n_bands = n_bands

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    @property
    def _n_features_out(self) -> int:
        return int(self.axes_.shape[1])

    def fit(self, X: Any, y: Any) -> Self:
        """Learn `mean_`, `axes_` (n_features, n_axes) and the share each explains, `explained_variance_ratio_`."""
        matrix, label = validate_data(self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=4)
        bands = self._bands(np.asarray(label, dtype=np.float64))
        lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto").fit(matrix, bands)
        n_axes = min(np.unique(bands).size - 1, matrix.shape[1])
        self.mean_ = matrix.mean(axis=0)
        axes = lda.scalings_[:, :n_axes]
        # The sign of an eigenvector is arbitrary; the largest loading is made positive so that refits agree.
        signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(n_axes)])
        self.axes_ = axes * np.where(signs == 0, 1.0, signs)
        self.explained_variance_ratio_ = lda.explained_variance_ratio_[:n_axes]
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the coordinates on the axes, shape (n_rows, n_axes)."""
        check_is_fitted(self)
        projected: FloatArray = (read(self, X, reset=False) - self.mean_) @ self.axes_
        return projected

    def _bands(self, label: FloatArray) -> FloatArray:
        edges = np.unique(np.quantile(label, np.linspace(0, 1, self.n_bands + 1)[1:-1]))
        bands = np.searchsorted(edges, label, side="left")
        if np.unique(bands).size < 2:
            raise ValueError("ValueDiscriminant: the label has one value only, so there is nothing to separate.")
        return np.asarray(bands, dtype=np.float64)
