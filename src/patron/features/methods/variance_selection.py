"""Leave out columns that (nearly) everyone shares: what does not vary cannot tell customers apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from patron.features.methods.choices import Choice, FloatArray, names_of, output_names, read

STEP = "select by variance"


class VarianceSelector(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Keep the columns whose most common value is shared by at most `most_shared` of the rows.

    A share of rows, unlike a variance, has no unit: the same threshold serves money, days and counts.

    Args:
        most_shared: largest share of rows that may have the same value, 0-1.

    >>> VarianceSelector(most_shared=0.9).fit_transform([[1.0, 7.0], [2.0, 7.0], [3.0, 7.0]]).ravel().tolist()
    [1.0, 2.0, 3.0]
    """

    def __init__(self, *, most_shared: float = 0.995) -> None:
        self.most_shared = most_shared

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn which columns to keep: `kept_` (positions) and `shared_` (share of the most common value)."""
        matrix = read(self, X, reset=True)
        self.shared_ = np.array([_most_common_share(matrix[:, i]) for i in range(matrix.shape[1])])
        self.kept_ = np.flatnonzero(self.shared_ <= self.most_shared)
        names = names_of(self)
        self.decisions_ = [
            Choice(STEP, names[i], "left out", f"{share:.1%} of customers have the same value")
            for i, share in enumerate(self.shared_)
            if share > self.most_shared
        ]
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the kept columns."""
        check_is_fitted(self)
        return read(self, X, reset=False)[:, self.kept_]

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
        """Return the kept columns' names."""
        return output_names(self, input_features, self.kept_)


def _most_common_share(column: FloatArray) -> float:
    return float(np.unique(column, return_counts=True)[1].max() / column.size) if column.size > 1 else 0.0
