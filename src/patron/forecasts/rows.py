"""What a forecast reads: one row per (customer, as_of), features as numbers, and in training what came after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.ground.errors import EmptyInput, LeakFound, MissingColumns
from patron.ground.seeds import derive

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Days = NDArray[np.datetime64]

HISTORY = ("btyd_frequency", "btyd_recency_days", "btyd_T_days")
MONEY = "net_revenue_sum_lifetime"
ORDERS = "orders_count_lifetime"
FUTURE_REVENUE = "future_net_revenue"
FUTURE_ORDERS = "future_order_count"
FUTURE_DAYS = "future_days_to_order"
WINDOW = "window_days"
_KEYS = ("customer_id", "as_of")
_LABEL_PREFIX = "future_"


@dataclass(frozen=True, slots=True)
class Rows:
    """Customers at one or several dates; every array has one entry per row, NaN where a feature is absent."""

    customer_id: Any  # pyarrow string array
    as_of: Days
    names: tuple[str, ...]
    features: FloatArray
    future_revenue: FloatArray | None
    future_orders: FloatArray | None
    window_days: FloatArray  # length of the outcome window that begins on as_of
    future_days: FloatArray | None = None  # from as_of to the first order day; NaN where none came in the window

    def __len__(self) -> int:
        return int(self.as_of.size)

    def column(self, name: str, absent: float = float("nan")) -> FloatArray:
        """Return one feature, with `absent` where the feature or a value of it does not exist."""
        if name not in self.names:
            return np.full(len(self), absent)
        values = self.features[:, self.names.index(name)]
        return np.where(np.isnan(values), absent, values)

    def columns(self, names: tuple[str, ...]) -> FloatArray:
        """Return features in the given order, shape (n_rows, len(names))."""
        if names == self.names:
            return self.features
        return np.column_stack([self.column(name) for name in names]) if names else np.empty((len(self), 0))

    def where(self, chosen: BoolArray | NDArray[np.intp]) -> Rows:
        """Return the chosen rows."""
        index = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        return Rows(
            self.customer_id.take(pa.array(index)),
            self.as_of[index],
            self.names,
            self.features[index],
            None if self.future_revenue is None else self.future_revenue[index],
            None if self.future_orders is None else self.future_orders[index],
            self.window_days[index],
            None if self.future_days is None else self.future_days[index],
        )

    @classmethod
    def stack(cls, parts: Sequence[Rows]) -> Self:
        """Return several tables of the same columns as one."""
        return cls(
            pa.concat_arrays([part.customer_id for part in parts]),
            np.concatenate([part.as_of for part in parts]),
            parts[0].names,
            np.vstack([part.features for part in parts]),
            _joined([part.future_revenue for part in parts]),
            _joined([part.future_orders for part in parts]),
            np.concatenate([part.window_days for part in parts]),
            _joined([part.future_days for part in parts]),
        )

    def over_by(self, day: np.datetime64) -> Rows | None:
        """Return the rows whose outcome window had ended on or before that day; None when there are none."""
        ended = self.as_of + self.window_days.astype("timedelta64[D]") <= day
        return self.where(ended) if ended.any() else None

    def varying(self) -> tuple[str, ...]:
        """Return the features that differ between rows."""
        low = np.nanmin(np.where(np.isnan(self.features), np.inf, self.features), axis=0)
        high = np.nanmax(np.where(np.isnan(self.features), -np.inf, self.features), axis=0)
        return tuple(name for name, lo, hi in zip(self.names, low, high, strict=True) if hi > lo)

    @property
    def has_money(self) -> bool:
        """Whether any row carries net revenue."""
        return bool(np.isfinite(self.column(MONEY)).any())

    @property
    def has_history(self) -> BoolArray:
        """Which rows belong to someone who has ordered before `as_of`."""
        present = np.isfinite(np.column_stack([self.column(name) for name in HISTORY]))
        return np.asarray(present.all(axis=1), dtype=np.bool_)

    @property
    def origins(self) -> Days:
        """The distinct dates, oldest first."""
        return np.unique(self.as_of)


def read_rows(table: pa.Table | pa.RecordBatch, *, where: str, labelled: bool, window_days: int = 0) -> Rows:
    """Read a feature table, refusing it by name when it lacks what every forecast needs.

    `window_days` is the length of the outcome windows of a table that does not say it row by row.

    Raises:
        EmptyInput: no row.
        MissingColumns: no key, no purchase history, or, when `labelled`, no outcome.
        LeakFound: `labelled` is false and a column holds the future.
    """
    table = pa.Table.from_batches([table]) if isinstance(table, pa.RecordBatch) else table
    needed = (*_KEYS, *HISTORY, ORDERS, *((FUTURE_ORDERS,) if labelled else ()))
    missing = [name for name in needed if name not in table.column_names]
    if missing:
        raise MissingColumns.found(f"The table given to {where}", missing, table.column_names)
    future = [name for name in table.column_names if name.startswith(_LABEL_PREFIX)]
    if future and not labelled:
        raise LeakFound(
            f"{where} was given {future}: outcomes that lie after as_of.\nNext: pass the features of the day alone."
        )
    if table.num_rows == 0:
        raise EmptyInput(f"The table given to {where} has no rows.\nIt needs one row per customer and date.")
    names = tuple(
        field.name
        for field in table.schema
        if field.name not in (*_KEYS, WINDOW, *future) and (pa.types.is_boolean(field.type) or _is_number(field.type))
    )
    return Rows(
        table["customer_id"].combine_chunks(),
        table["as_of"].to_numpy().astype("datetime64[D]"),
        names,
        np.column_stack([_numbers(table[name]) for name in names]),
        _numbers(table[FUTURE_REVENUE]) if labelled and FUTURE_REVENUE in future else None,
        _numbers(table[FUTURE_ORDERS]) if labelled else None,
        _numbers(table[WINDOW]) if WINDOW in table.column_names else np.full(table.num_rows, float(window_days)),
        _numbers(table[FUTURE_DAYS]) if labelled and FUTURE_DAYS in future else None,
    )


def draw(table: pa.Table, most: int, seed: int) -> pa.Table:
    """Return at most `most` rows per date, evenly spread over purchase counts, the same for the same seed.

    It works on the Arrow table, so that the rows that are not drawn never become a matrix. A table without the
    needed columns is returned as it is: reading it refuses it by name.
    """
    if not {"as_of", HISTORY[0]} <= set(table.column_names):
        return table
    as_of, frequency = table["as_of"].to_numpy(), np.nan_to_num(_numbers(table[HISTORY[0]]))
    dates, counts = np.unique(as_of, return_counts=True)
    if counts.size == 0 or int(counts.max()) <= most:
        return table
    taken = [_spread(np.flatnonzero(as_of == day), frequency, most, derive(seed, "draw", str(day))) for day in dates]
    return table.take(pa.array(np.sort(np.concatenate(taken))))


def _spread(index: NDArray[np.intp], frequency: FloatArray, most: int, seed: int) -> NDArray[np.intp]:
    if index.size <= most:
        return index
    shuffled = np.random.default_rng(seed).permutation(index)
    ordered = shuffled[np.argsort(frequency[shuffled], kind="stable")]
    chosen: NDArray[np.intp] = ordered[np.linspace(0, index.size - 1, most).round().astype(np.intp)]
    return chosen


def _joined(parts: Sequence[FloatArray | None]) -> FloatArray | None:
    present = [part for part in parts if part is not None]
    return np.concatenate(present) if len(present) == len(parts) else None


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _numbers(column: pa.ChunkedArray) -> FloatArray:
    values: FloatArray = pc.cast(column, pa.float64()).to_numpy().astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return values
