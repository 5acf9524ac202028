"""The story of a preparation: from features with gaps and tails to a matrix in which distances mean something.

missing values → select by variance → winsorise → transform → scale → select by correlation
→ select by mutual information (with a label) → project (PCA, or LDA with a label)
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_array, check_is_fitted

from patron.features.methods.absence import AbsenceEncoder
from patron.features.methods.choices import Choice, FloatArray, names_of, read
from patron.features.methods.correlation_selection import CorrelationSelector
from patron.features.methods.frames import numeric_matrix
from patron.features.methods.mutual_information_selection import MutualInformationSelector
from patron.features.methods.scaling import ColumnScaler, Scaling
from patron.features.methods.skewness import SkewnessReducer
from patron.features.methods.value_discriminant import ValueDiscriminant
from patron.features.methods.variance_selection import VarianceSelector
from patron.features.methods.winsorising import Winsoriser
from patron.ground.errors import InputError, UnreadableFile

Projection = Literal["none", "pca", "lda"]
"""What the prepared axes are: the kept columns themselves, their principal components, or value discriminants."""

FILE = "preparation.skops"
_OURS = (
    AbsenceEncoder, VarianceSelector, Winsoriser, SkewnessReducer, ColumnScaler, CorrelationSelector,
    MutualInformationSelector, ValueDiscriminant, Choice,
)  # fmt: skip


class Preparation(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Prepare features for learning, once fitted always in the same way, with every choice and its reason on record.

    Takes pandas, polars, Arrow or NumPy; a dataframe's columns are found by name, so their order does not matter and
    others may lie between them. NaN and null mean absent.

    Args:
        columns: the columns to prepare, in order of preference; None: every numeric column.
        fewest_present: columns that a smaller share of rows has are left out.
        winsorise: lower and upper quantile to clip at; None: no clipping.
        scaling: "standard", "min_max", "robust", or "auto" per column.
        most_correlated: columns that correlate more than this with an earlier one are left out; 1 keeps all.
        least_information: nats a column must share with the label given to `fit`; 0 needs no label and keeps all.
        projection: "none", "pca" or "lda".
        variance_kept: share of the variance that the principal components must hold.
        random_state: seed of what is estimated on a draw of rows.

    >>> Preparation().fit_transform([[1.0, 30.0], [2.0, float("nan")], [3.0, 50.0], [9.0, 40.0]]).shape
    (4, 3)
    """

    def __init__(
        self,
        *,
        columns: Sequence[str] | None = None,
        fewest_present: float = 0.02,
        winsorise: tuple[float, float] | None = (0.005, 0.995),
        scaling: Scaling = "auto",
        most_correlated: float = 0.95,
        least_information: float = 0.0,
        projection: Projection = "none",
        variance_kept: float = 0.9,
        random_state: int | None = None,
    ) -> None:
        self.columns = columns
        self.fewest_present = fewest_present
        self.winsorise = winsorise
        self.scaling = scaling
        self.most_correlated = most_correlated
        self.least_information = least_information
        self.projection = projection
        self.variance_kept = variance_kept
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn every step on the rows of `X`; `y` is a numeric label, needed for mutual information and LDA.

        Returns:
            Itself, with `columns_` (names read), `steps_` (fitted transformers in order), `decisions_` (a `Choice`
            per decision) and `feature_names_out_`.

        Raises:
            InputError: a step that needs a label got none, or a named column is missing or not numeric.
        """
        self._refuse_missing_label(y)
        matrix, names = self._matrix(X, reset=True)
        self.columns_ = names
        self.steps_: dict[str, Any] = {}
        self.decisions_: list[Choice] = []
        flowing, columns = matrix, names
        for name, step in self._plan():
            if not columns:
                break
            step.fit(flowing, y) if y is not None else step.fit(flowing)
            self.steps_[name] = step
            self.decisions_ += _named(getattr(step, "decisions_", []), columns)
            columns = [str(c) for c in step.get_feature_names_out(_given(step, columns))]
            flowing = step.transform(flowing)
            self.decisions_ += _projected(name, step, columns)
        self.feature_names_out_ = columns
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the prepared matrix, shape (n_rows, n_prepared), rows in the order of `X`."""
        check_is_fitted(self)
        flowing, _ = self._matrix(X, reset=False)
        for step in self.steps_.values():
            flowing = step.transform(flowing)
        return flowing

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
        """Return the names of the prepared columns."""
        check_is_fitted(self)
        if input_features is not None and [str(name) for name in input_features] != names_of(self):
            raise ValueError("input_features is not equal to feature_names_in_")
        return np.asarray(self.feature_names_out_, dtype=object)

    def save(self, folder: Path) -> None:
        """Write the fitted preparation to `folder` without pickling (skops)."""
        check_is_fitted(self)
        folder.mkdir(parents=True, exist_ok=True)
        _skops().dump(self, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Preparation:
        """Read a preparation written by `save`; nothing but Patron's and scikit-learn's own classes is restored.

        Raises:
            UnreadableFile: the folder does not hold one.
        """
        path = folder / FILE
        trusted = [f"{kind.__module__}.{kind.__qualname__}" for kind in (cls, *_OURS)]
        try:
            restored = _skops().load(path, trusted=trusted)
        except Exception as error:  # skops raises whatever its readers raise
            raise UnreadableFile(f"{path} is not a saved preparation: {error}.\nNext: run again.") from error
        if not isinstance(restored, cls):
            raise UnreadableFile(f"{path} holds a {type(restored).__name__}, not a preparation.\nNext: run again.")
        return restored

    def _plan(self) -> Iterator[tuple[str, Any]]:
        yield "absence", AbsenceEncoder(fewest_present=self.fewest_present)
        yield "variance", VarianceSelector()
        if self.winsorise is not None:
            yield "winsorise", Winsoriser(lower=self.winsorise[0], upper=self.winsorise[1])
        yield "transform", SkewnessReducer()
        yield "scale", ColumnScaler(method=self.scaling)
        if self.most_correlated < 1:
            yield "correlation", CorrelationSelector(most_correlated=self.most_correlated)
        if self.least_information > 0:
            yield (
                "information",
                MutualInformationSelector(least_information=self.least_information, random_state=self.random_state),
            )
        if self.projection == "pca":
            yield "pca", PCA(n_components=self.variance_kept, svd_solver="full")
        elif self.projection == "lda":
            yield "lda", ValueDiscriminant()

    def _matrix(self, X: Any, *, reset: bool) -> tuple[FloatArray, list[str]]:
        least_rows = 2 if reset else 1
        found = numeric_matrix(X, self.columns if reset else self.columns_, "Preparation")
        if found is None:
            return read(self, X, reset=reset, allow_absent=True, least_rows=least_rows), self._names(reset=reset)
        matrix, names = found
        if not reset:
            checked: FloatArray = check_array(matrix, ensure_all_finite="allow-nan", ensure_min_features=0)
            return checked, names
        checked = read(self, matrix, reset=True, allow_absent=True, least_rows=least_rows)
        self.feature_names_in_ = np.asarray(names, dtype=object)
        return checked, names

    def _names(self, *, reset: bool) -> list[str]:
        return names_of(self) if reset else self.columns_

    def _refuse_missing_label(self, y: Any) -> None:
        needs = [
            what
            for what, needed in (
                ("least_information above 0", self.least_information > 0),
                ("projection 'lda'", self.projection == "lda"),
            )
            if needed
        ]
        if needs and y is None:
            raise InputError(
                f"Preparation: {' and '.join(needs)} need a label and fit got none.\n"
                "Next: pass y, such as the net revenue that followed, or leave those choices out."
            )


def _given(step: Any, columns: list[str]) -> list[str] | None:
    return None if isinstance(step, ClassNamePrefixFeaturesOutMixin) else columns


def _named(choices: Sequence[Choice], columns: Sequence[str]) -> list[Choice]:
    """Give the columns of bare arrays (x0, x1, …) their real names."""
    real = {f"x{i}": name for i, name in enumerate(columns)}
    return [
        choice._replace(
            column=real.get(choice.column, choice.column),
            choice=_renamed(choice.choice, real),
            reason=_renamed(choice.reason, real),
        )
        for choice in choices
    ]


def _renamed(text: str, real: dict[str, str]) -> str:
    return " ".join(_word(word, real) for word in text.split(" "))


def _word(word: str, real: dict[str, str]) -> str:
    bare = word.rstrip(",;.")
    stem, mark = (bare.removesuffix("_absent"), "_absent") if bare.endswith("_absent") else (bare, "")
    return real.get(stem, stem) + mark + word[len(bare) :]


def _projected(name: str, step: Any, columns: Sequence[str]) -> list[Choice]:
    if name not in ("pca", "lda"):
        return []
    held = step.explained_variance_ratio_
    what = "of the variance" if name == "pca" else "of what separates the label's bands"
    return [
        Choice(f"project by {name.upper()}", "", f"{len(columns)} axes", f"together they hold {held.sum():.1%} {what}")
    ]


def _skops() -> Any:
    """Import skops only where a file is written or read: it imports all of scikit-learn, and torch if there is one."""
    return importlib.import_module("skops.io")
