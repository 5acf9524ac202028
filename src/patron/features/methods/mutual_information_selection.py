"""Leave out columns that say nothing about a label, such as what the customer spent afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_selection import mutual_info_regression
from sklearn.utils.validation import check_is_fitted, validate_data

from patron.features.methods.choices import Choice, FloatArray, names_of, output_names, read

STEP = "select by mutual information"


class MutualInformationSelector(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Keep the columns that share the most information with a label, in nats.

    Mutual information I(X; Y) = ∫∫ p(x,y) ln [p(x,y) / p(x)p(y)], estimated from nearest neighbours (Kraskov,
    Stögbauer and Grassberger 2004; Ross 2014) by scikit-learn, on at most `most_rows` rows. It sees relations that
    a correlation does not: a value that matters only in the middle of its range, or only where it is zero.

    Args:
        least_information: nats below which a column is left out; the best one is always kept.
        most_columns: keep at most so many, the best; None: no limit.
        most_rows: rows drawn for the estimate.
        random_state: seed of the draw and of the estimator's tie-breaking noise.
    """

    def __init__(
        self,
        *,
        least_information: float = 0.01,
        most_columns: int | None = None,
        most_rows: int = 5000,
        random_state: int | None = None,
    ) -> None:
        self.least_information = least_information
        self.most_columns = most_columns
        self.most_rows = most_rows
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Learn `information_` (nats per column) and `kept_` (positions, in column order)."""
        matrix, label = validate_data(self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=4)
        rng = np.random.default_rng(self.random_state)
        rows = rng.permutation(matrix.shape[0])[: self.most_rows]
        seed = int(rng.integers(2**31))
        n_neighbors = min(3, rows.size - 1)
        self.information_ = mutual_info_regression(
            matrix[rows], np.asarray(label, dtype=np.float64)[rows], n_neighbors=n_neighbors, random_state=seed
        )
        best_first = np.lexsort((np.arange(matrix.shape[1]), -self.information_))
        told = [i for i in best_first if self.information_[i] >= self.least_information] or [best_first[0]]
        self.kept_ = np.sort(np.asarray(told[: self.most_columns], dtype=np.intp))
        self.decisions_ = self._explained()
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the kept columns."""
        check_is_fitted(self)
        return read(self, X, reset=False)[:, self.kept_]

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
        """Return the kept columns' names."""
        return output_names(self, input_features, self.kept_)

    def _explained(self) -> list[Choice]:
        kept = set(self.kept_.tolist())
        limit = f"; {self.least_information:g} nats are needed"
        said = []
        for i, (name, nats) in enumerate(zip(names_of(self), self.information_, strict=True)):
            why = f"shares {nats:.3f} nats with the label"
            if i in kept:
                said.append(Choice(STEP, name, "kept", why))
            else:
                others = limit if nats < self.least_information else f"; the best {self.most_columns} are kept"
                said.append(Choice(STEP, name, "left out", why + others))
        return said
