"""Any dataframe in: its numeric columns as one matrix with names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from patron.ground.errors import InputError, MissingColumns

FloatArray = NDArray[np.float64]


def numeric_matrix(X: Any, wanted: Sequence[str] | None, where: str) -> tuple[FloatArray, list[str]] | None:
    """Return the wanted columns of a pandas, polars or Arrow table as float64 with NaN for null, and their names.

    Args:
        X: a table; anything else gives None.
        wanted: the columns, in order; None: every numeric or boolean one.
        where: who asks, for messages.

    Raises:
        MissingColumns: a wanted column is not there.
        InputError: a wanted column is not numeric.
    """
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    if not isinstance(frame, nw.DataFrame) or not all(isinstance(name, str) for name in frame.columns):
        return None
    numeric = [name for name, kind in frame.schema.items() if kind.is_numeric() or kind == nw.Boolean]
    names = numeric if wanted is None else list(wanted)
    if missing := [name for name in names if name not in frame.columns]:
        raise MissingColumns.found(where, missing, frame.columns)
    if texts := [name for name in names if name not in numeric]:
        raise InputError(f"{where}: column(s) {texts} are not numbers.\nNext: leave them out or encode them first.")
    columns = [_as_real(frame[name]) for name in names]
    return (np.column_stack(columns) if columns else np.empty((len(frame), 0))), names


def _as_real(column: nw.Series[Any]) -> FloatArray:
    real = column.cast(nw.Float64)
    return np.asarray(real.to_numpy(), dtype=np.float64)
