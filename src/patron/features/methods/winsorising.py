"""Winsorising: a few enormous values may not own an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from patron.features.methods.choices import Choice, FloatArray, names_of, read

STEP = "winsorise"


class Winsoriser(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Pull values beyond two learned quantiles back to them (Dixon 1960), column by column.

    A column whose middle would collapse to one value (a rare 0/1 mark, a count that is nearly always zero) is left
    as it is: there the tail *is* the information.

    Args:
        lower, upper: quantiles, 0 <= lower < upper <= 1.

    >>> Winsoriser(lower=0.0, upper=0.75).fit_transform([[1.0], [2.0], [3.0], [4.0], [1000.0]]).ravel().tolist()
    [1.0, 2.0, 3.0, 4.0, 4.0]
    """

    def __init__(self, *, lower: float = 0.005, upper: float = 0.995) -> None:
        self.lower = lower
        self.upper = upper

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn each column's two ends, `lower_` and `upper_`; infinite where a column is left as it is."""
        matrix = read(self, X, reset=True)
        ends = np.quantile(matrix, [self.lower, self.upper], axis=0)
        collapsed = ends[0] >= ends[1]
        self.lower_ = np.where(collapsed, -np.inf, ends[0])
        self.upper_ = np.where(collapsed, np.inf, ends[1])
        self.decisions_ = self._explained(matrix)
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the clipped columns."""
        check_is_fitted(self)
        clipped: FloatArray = np.clip(read(self, X, reset=False), self.lower_, self.upper_)
        return clipped

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
        """Return the columns' names: winsorising renames nothing."""
        names: NDArray[np.object_] = super().get_feature_names_out(input_features)
        return names

    def _explained(self, matrix: FloatArray) -> list[Choice]:
        moved = np.mean((matrix < self.lower_) | (matrix > self.upper_), axis=0)
        largest = np.abs(matrix).max(axis=0)
        return [
            Choice(
                STEP,
                name,
                f"clipped to {self.lower_[i]:.4g} … {self.upper_[i]:.4g}",
                f"{moved[i]:.2%} of values lie beyond the {self.lower:.1%} and {self.upper:.1%} quantiles; "
                f"the largest was {largest[i]:.4g}",
            )
            for i, name in enumerate(names_of(self))
            if moved[i] > 0
        ]
