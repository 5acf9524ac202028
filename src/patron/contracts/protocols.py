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
