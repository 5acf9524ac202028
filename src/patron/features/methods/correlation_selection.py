"""Leave out columns that repeat others: twins would count twice in every distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from patron.features.methods.choices import Choice, FloatArray, names_of, output_names, read

STEP = "select by correlation"


class CorrelationSelector(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Keep a column unless it correlates with one that is already kept: |Pearson r| above `most_correlated`.

    Columns are considered from left to right, so put those that people read first.

    Args:
        most_correlated: largest |r| between two kept columns, 0-1.

    >>> X = [[1.0, 2.0, 0.0], [2.0, 4.1, 5.0], [3.0, 6.0, 1.0], [4.0, 8.0, 3.0]]
    >>> CorrelationSelector().fit(X).kept_.tolist()
    [0, 2]
    """

    def __init__(self, *, most_correlated: float = 0.95) -> None:
        self.most_correlated = most_correlated

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn which columns to keep: `kept_` (positions)."""
        matrix = read(self, X, reset=True)
        strength = np.abs(_correlations(matrix))
        names = names_of(self)
        kept: list[int] = []
        self.decisions_: list[Choice] = []
        for i in range(matrix.shape[1]):
            twin = next((j for j in kept if strength[i, j] > self.most_correlated), None)
            if twin is None:
                kept.append(i)
            else:
                why = f"correlates {strength[i, twin]:.2f} with {names[twin]}, which stays"
                self.decisions_.append(Choice(STEP, names[i], "left out", why))
        self.kept_ = np.asarray(kept, dtype=np.intp)
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the kept columns."""
        check_is_fitted(self)
        return read(self, X, reset=False)[:, self.kept_]

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
        """Return the kept columns' names."""
        return output_names(self, input_features, self.kept_)


def _correlations(matrix: FloatArray) -> FloatArray:
    centred = matrix - matrix.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(length > 0, length, 1.0)
    correlations: FloatArray = unit.T @ unit
    return correlations
