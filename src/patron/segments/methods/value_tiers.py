"""Value tiers: by what customers hold together (the first half of all value, the next thirty percent …), or by rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from patron.segments.methods.settings import Settings, ascending_shares, check_settings, settings

FloatArray = NDArray[np.float64]

TIERS = ("platinum", "gold", "silver", "bronze")
TIERS_ZH = ("铂金", "黄金", "白银", "青铜")


class CumulativeValueTiers(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Tier 0, 1, 2, … by the share of total value that better customers already hold.

    Customers are ranked by value; with c the share of the total held by those of *strictly* larger value, the tier is
    the number of `shares` that are <= c. Equal values share a tier, and whoever adds no value is in the last one.

    Args:
        shares: cumulative shares at which the next tier begins, ascending, 0-1.

    >>> CumulativeValueTiers().fit_transform([[50.0], [30.0], [15.0], [5.0], [0.0]]).ravel().tolist()
    [0.0, 1.0, 2.0, 3.0, 3.0]
    """

    SETTINGS: ClassVar[Settings] = settings(shares=ascending_shares())

    def __init__(self, shares: Sequence[float] = (0.5, 0.8, 0.95)) -> None:
        self.shares = shares

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn `edges_`: per column, the smallest value of each tier but the last, descending; NaN: nobody's.

        Raises:
            ValueError: `shares` that do not ascend from above 0 to at most 1, or infinity.
        """
        check_settings(self)
        matrix = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        self.edges_ = np.array([self._edges(matrix[:, i]) for i in range(matrix.shape[1])])
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the tiers, 0 the best, shape (n_rows, n_columns); NaN stays NaN."""
        check_is_fitted(self)
        matrix: FloatArray = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        tiers: FloatArray = (matrix[:, :, None] < self.edges_).sum(axis=2).astype(np.float64)
        tiers[np.isnan(matrix)] = np.nan
        return tiers

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
        """Return the columns' names."""
        names: NDArray[np.object_] = super().get_feature_names_out(input_features)
        return names

    def _edges(self, column: FloatArray) -> FloatArray:
        values, counts = np.unique(np.maximum(column[~np.isnan(column)], 0.0), return_counts=True)
        return _edges(values, self._weights(values, counts), self.shares)

    def _weights(self, values: FloatArray, counts: NDArray[np.int64]) -> FloatArray:
        """Return what the customers of each value weigh together: the value that they hold."""
        held: FloatArray = values * counts
        return held


class PercentileValueTiers(CumulativeValueTiers):
    """Tier 0, 1, 2, … by the share of customers whose value is strictly larger.

    With c that share, the tier is the number of `shares` that are <= c. Equal values share a tier, and whoever has no
    value is in the last one, however few they are.

    Args:
        shares: shares of the customers at which the next tier begins, ascending, 0-1.

    >>> PercentileValueTiers((0.2, 0.6)).fit_transform([[50.0], [30.0], [15.0], [5.0], [0.0]]).ravel().tolist()
    [0.0, 1.0, 1.0, 2.0, 2.0]
    """

    def __init__(self, shares: Sequence[float] = (0.05, 0.2, 0.5)) -> None:
        super().__init__(shares)

    def _weights(self, values: FloatArray, counts: NDArray[np.int64]) -> FloatArray:
        """Return what the customers of each value weigh together: their number, as long as anyone has a value."""
        return counts.astype(np.float64) if (values > 0).any() else np.zeros(values.size)


def _edges(values: FloatArray, weights: FloatArray, shares: Sequence[float]) -> FloatArray:
    held = weights[::-1].cumsum()
    total = held[-1] if held.size else 0.0
    if total <= 0.0:
        return np.full(len(shares), np.finfo(np.float64).max)
    before = np.concatenate([[0.0], held[:-1]]) / total
    worst = [np.flatnonzero(before < share - 1e-12)[-1] for share in shares]
    edges = values[::-1][worst]
    return np.maximum(edges, np.nextafter(0.0, 1.0))
