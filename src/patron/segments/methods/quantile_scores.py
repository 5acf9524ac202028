"""Tie-safe scores: equal values get equal scores, and the order of the rows changes nothing.

Ranking with ties broken by position (`rank(method="first")`), the usual recipe, gives one-order customers different
frequency scores by chance. Here a tie is never split.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from patron.segments.methods.settings import SWITCH, Settings, check_settings, settings, whole

FloatArray = NDArray[np.float64]


class QuantileScorer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Score each column 1 … n_scores by equal shares of the customers, without ever splitting a tie.

    Going up from the smallest value, each score takes whole values until it holds an equal share of the customers who
    have no score yet; a tie goes to the side on which its middle lies. Without ties these are plain quantile scores;
    with many (62 % of customers with one order) the tie takes one score and the others share what is left. Scoring
    uses the learned thresholds, so a new customer is scored on the same scale. NaN (absent) stays NaN.

    Args:
        n_scores: number of scores; 5 gives quintiles.
        higher_is_better: whether the largest values get the highest score; False for days since the last order.

    >>> orders = [[1.0], [1.0], [1.0], [1.0], [2.0], [3.0], [4.0], [9.0]]
    >>> QuantileScorer().fit_transform(orders).ravel().tolist()
    [1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    """

    SETTINGS: ClassVar[Settings] = settings(n_scores=whole(1), higher_is_better=SWITCH)

    def __init__(self, n_scores: int = 5, *, higher_is_better: bool = True) -> None:
        self.n_scores = n_scores
        self.higher_is_better = higher_is_better

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn `thresholds_`: per column, the largest value of each score but the last, ascending (may be fewer).

        Raises:
            ValueError: a setting that means nothing, or infinity.
        """
        check_settings(self)
        matrix = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        self.thresholds_ = [_thresholds(matrix[:, i], self.n_scores) for i in range(matrix.shape[1])]
        return self

    @classmethod
    def from_thresholds(cls, thresholds: Sequence[FloatArray], *, n_scores: int, higher_is_better: bool) -> Self:
        """Return a fitted scorer with known thresholds, such as those read from a file."""
        scorer = cls(n_scores, higher_is_better=higher_is_better)
        scorer.thresholds_ = [np.asarray(column, dtype=np.float64) for column in thresholds]
        scorer.n_features_in_ = len(thresholds)
        return scorer

    def transform(self, X: Any) -> FloatArray:
        """Return the scores, shape (n_rows, n_columns)."""
        check_is_fitted(self)
        matrix: FloatArray = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        scores = np.empty_like(matrix)
        for i, thresholds in enumerate(self.thresholds_):
            above = np.searchsorted(thresholds, matrix[:, i], side="left")
            scores[:, i] = above + 1.0 if self.higher_is_better else self.n_scores - above
        scores[np.isnan(matrix)] = np.nan
        return scores

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
        """Return the columns' names."""
        names: NDArray[np.object_] = super().get_feature_names_out(input_features)
        return names


def _thresholds(column: FloatArray, n_scores: int) -> FloatArray:
    values, counts = np.unique(column[~np.isnan(column)], return_counts=True)
    below = np.concatenate([[0], np.cumsum(counts)])  # below[i]: customers with a value under values[i]
    middle = (below[:-1] + below[1:]) / 2.0
    cuts: list[int] = []
    start = 0
    for score in range(1, n_scores):
        if start >= values.size - 1:
            break
        goal = below[start] + (below[-1] - below[start]) / (n_scores - score + 1)
        end = int(np.clip(np.searchsorted(middle, goal, side="right"), start + 1, values.size - 1))
        cuts.append(end - 1)
        start = end
    thresholds: FloatArray = values[cuts]
    return thresholds
