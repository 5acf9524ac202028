"""What one room may ask of another without importing it; `flow` hands the real thing over."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class Preparer(Protocol):
    """A fitted preparation of features for learning: the same columns in, the same geometry out, no relearning."""

    def transform(self, X: Any) -> Any:
        """Return the prepared matrix, one row a customer, in the order of `X`."""
        ...


class Shares(Protocol):
    """What each feature adds to the log of a prediction: log prediction = base + the sum over features, row by row.

    `inputs` are the values of the features where `names` are not the columns that were asked about.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """The features."""
        ...

    @property
    def values(self) -> FloatArray:
        """The contributions, shape (n_rows, len(names))."""
        ...

    @property
    def base(self) -> float:
        """The log of the prediction before any feature is known."""
        ...

    @property
    def inputs(self) -> FloatArray | None:
        """The values of the features, of the same shape."""
        ...


class FittedForecast(Protocol):
    """A fitted forecast that can be asked about any matrix of its `features`, NaN where a value is absent."""

    @property
    def model(self) -> str:
        """The name of the model."""
        ...

    @property
    def target(self) -> str:
        """What it forecasts: net_revenue, or orders where there is no money."""
        ...

    @property
    def horizon_days(self) -> int:
        """How far it looks."""
        ...

    @property
    def features(self) -> tuple[str, ...]:
        """The columns of the matrix, in order."""
        ...

    def predict(self, matrix: FloatArray) -> FloatArray:
        """Return one number a row, at the forecast's level; NaN where it cannot say."""
        ...

    def contributions(self, matrix: FloatArray) -> Shares | None:
        """Return what each feature adds to the log of `predict`, exactly; None where its parts do not add up."""
        ...


class Watch(Protocol):
    """Someone who is told how far the work has come."""

    def begin(self, stage: str, note: str = "") -> None:
        """A stage starts."""
        ...

    def note(self, text: str, share: float = 0.0) -> None:
        """Something worth saying about the stage under way, of which `share` (0 to 1) is done where that is known."""
        ...

    def tell(self, text: str) -> None:
        """Something that people should know of the run when it is over."""
        ...

    def end(self, *, cached: bool = False, row_count: int | None = None) -> None:
        """The stage is over; `cached` when it had been done before."""
        ...


class Silent:
    """A watch that says nothing."""

    def begin(self, stage: str, note: str = "") -> None:
        """Say nothing."""

    def note(self, text: str, share: float = 0.0) -> None:
        """Say nothing."""

    def tell(self, text: str) -> None:
        """Say nothing."""

    def end(self, *, cached: bool = False, row_count: int | None = None) -> None:
        """Say nothing."""
