"""Absent is not zero: fill what is missing, and say in a column of its own that it was missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from patron.features.methods.choices import Choice, FloatArray, names_of, output_names, read

STEP = "missing values"


class AbsenceEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Fill absent cells with the median of those present, and mark them with a 0/1 column per pattern of absence.

    A usual gap between orders is absent, not zero, for someone who ordered once: filled with the median, such a
    customer sits in the middle of that axis, and the mark tells a learner that nothing was measured.

    Args:
        fewest_present: share of rows that must have a column for it to be kept, 0-1.
        mark: whether to add the 0/1 columns; columns absent in exactly the same rows share one.

    >>> AbsenceEncoder().fit_transform([[1.0, 30.0], [2.0, float("nan")], [3.0, 50.0]])
    array([[ 1., 30.,  0.], [ 2., 40.,  1.], [ 3., 50.,  0.]])
    """

    def __init__(self, *, fewest_present: float = 0.02, mark: bool = True) -> None:
        self.fewest_present = fewest_present
        self.mark = mark

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Learn which columns to keep (`kept_`), their medians (`fills_`) and whose absence to mark (`marked_`)."""
        matrix = read(self, X, reset=True, allow_absent=True)
        absent = np.isnan(matrix)
        shares = absent.mean(axis=0)
        self.kept_ = np.flatnonzero((1.0 - shares >= self.fewest_present) & (shares < 1.0))
        self.fills_ = np.array([np.nanmedian(matrix[:, i]) for i in self.kept_], dtype=np.float64)
        self.marked_ = self._patterns(absent)
        self.decisions_ = self._explained(shares)
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the kept columns without gaps, then the marks, shape (n_rows, n_kept + n_marked)."""
        check_is_fitted(self)
        matrix = read(self, X, reset=False, allow_absent=True)
        kept = matrix[:, self.kept_]
        filled = np.where(np.isnan(kept), self.fills_, kept)
        return np.hstack([filled, np.isnan(matrix[:, self.marked_]).astype(np.float64)])

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
        """Return the kept columns' names, then `{name}_absent` for each mark."""
        kept = output_names(self, input_features, self.kept_)
        marks = [f"{name}_absent" for name in output_names(self, input_features, self.marked_)]
        return np.concatenate([kept, np.asarray(marks, dtype=object)])

    def _patterns(self, absent: NDArray[np.bool_]) -> NDArray[np.intp]:
        if not self.mark:
            return np.empty(0, dtype=np.intp)
        first: dict[bytes, int] = {}
        for i in self.kept_:
            if absent[:, i].any():
                first.setdefault(np.packbits(absent[:, i]).tobytes(), int(i))
        self.patterns_ = {int(i): first[np.packbits(absent[:, i]).tobytes()] for i in self.kept_ if absent[:, i].any()}
        return np.asarray(sorted(first.values()), dtype=np.intp)

    def _explained(self, shares: FloatArray) -> list[Choice]:
        names, kept = names_of(self), {int(i): fill for i, fill in zip(self.kept_, self.fills_, strict=True)}
        said = []
        for i, share in enumerate(shares):
            if i not in kept:
                why = f"only {1 - share:.1%} of customers have it; at least {self.fewest_present:.1%} are needed"
                said.append(Choice(STEP, names[i], "left out", why))
            elif share > 0:
                said.append(Choice(STEP, names[i], *self._filling(names, i, share, kept[i])))
        return said

    def _filling(self, names: list[str], i: int, share: float, fill: float) -> tuple[str, str]:
        why = f"absent for {share:.1%} of customers, which is not the same as zero"
        filled = f"filled with the median {fill:.4g}"
        if not self.mark:
            return filled, why
        owner = self.patterns_[i]
        return (
            f"{filled}, marked by {names[owner]}_absent",
            why if owner == i else f"{why}; the same rows as {names[owner]}",
        )
