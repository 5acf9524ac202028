"""What a forecast of categories reads: customers at one date, what their orders held so far, and what the next held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.ground.errors import MissingColumns

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MOST_CATEGORIES = 50
_HISTORY = (
    "customer_id",
    "category",
    "order_days",
    "recent_order_days",
    "in_last_order",
    "order_days_all",
    "recent_order_days_all",
)
_ARRAYS = ("order_days", "recent", "held", "recently_held", "last")


@dataclass(frozen=True, slots=True)
class CategoryWindow:
    """What was known at a date and what followed, as tables; `categories` are the most bought before it, most first."""

    as_of: date
    history: pa.Table
    came: pa.Table
    categories: tuple[str, ...]

    def baskets(self, categories: Sequence[str]) -> Baskets:
        """Return its customers, with those categories."""
        return read_baskets(self.history, categories, self.as_of, self.came)


@dataclass(frozen=True, slots=True)
class Baskets:
    """Customers with an order of a known category before `as_of`.

    Args:
        customer_id: string array, sorted.
        categories: the categories that are forecast, the most bought first.
        order_days, recent: days with an order, plain and weighed by age, shape (n_customers,).
        held, recently_held: on how many of them each category was bought, shape (n_customers, n_categories).
        last: 1 where the last order day held the category.
        came: the same of the first order day in the window; NaN where there was no order; None where not known.
    """

    as_of: date
    customer_id: Any
    categories: tuple[str, ...]
    order_days: FloatArray
    recent: FloatArray
    held: FloatArray
    recently_held: FloatArray
    last: FloatArray
    came: FloatArray | None

    def __len__(self) -> int:
        return len(self.customer_id)

    def where(self, chosen: BoolArray) -> Baskets:
        """Return the chosen customers."""
        arrays = {name: getattr(self, name)[chosen] for name in _ARRAYS}
        came = None if self.came is None else self.came[chosen]
        return replace(self, customer_id=self.customer_id.filter(pa.array(chosen)), came=came, **arrays)

    @property
    def ordered(self) -> BoolArray:
        """Who is known to have ordered in the window."""
        if self.came is None:
            return np.zeros(len(self), dtype=np.bool_)
        return np.asarray(np.isfinite(self.came).all(axis=1), dtype=np.bool_)


def read_baskets(history: pa.Table, categories: Sequence[str], as_of: date, came: pa.Table | None = None) -> Baskets:
    """Turn rows of customer and category into arrays; categories that are not asked for are left out.

    Args:
        history: one row per customer and category bought before `as_of`: `customer_id`, `category`, `order_days`,
            `recent_order_days`, `in_last_order`, `order_days_all`, `recent_order_days_all`.
        categories: those to forecast, the most bought first.
        as_of: the date of all rows.
        came: `customer_id`, `category` of each customer's first order day in the window.

    Raises:
        MissingColumns: `history` is not such a table.
    """
    missing = [name for name in _HISTORY if name not in history.column_names]
    if missing:
        raise MissingColumns.found("The table given to next_category.read_baskets", missing, history.column_names)
    who = history["customer_id"].combine_chunks().dictionary_encode()
    ids = pc.sort_indices(who.dictionary)
    place = np.argsort(ids.to_numpy())
    row = place[who.indices.to_numpy()]
    column = _positions(history["category"], categories)
    n, k = len(who.dictionary), len(categories)

    def spread(name: str) -> FloatArray:
        values, known = np.zeros((n, k)), column >= 0
        values[row[known], column[known]] = history[name].to_numpy()[known]
        return values

    def each(name: str) -> FloatArray:
        values = np.zeros(n)
        values[row] = history[name].to_numpy()
        return values

    customer_id = who.dictionary.take(ids)
    return Baskets(
        as_of,
        customer_id,
        tuple(categories),
        each("order_days_all"),
        each("recent_order_days_all"),
        spread("order_days"),
        spread("recent_order_days"),
        spread("in_last_order"),
        None if came is None else _came(came, customer_id, categories),
    )


def _came(came: pa.Table, customer_id: pa.Array, categories: Sequence[str]) -> FloatArray:
    row = pc.fill_null(pc.index_in(came["customer_id"], value_set=customer_id), -1).to_numpy()
    column = _positions(came["category"], categories)
    held = np.full((len(customer_id), len(categories)), np.nan)
    held[row[row >= 0]] = 0.0
    known = (row >= 0) & (column >= 0)
    held[row[known], column[known]] = 1.0
    return held


def _positions(column: pa.ChunkedArray, categories: Sequence[str]) -> NDArray[np.int64]:
    found = pc.index_in(column, value_set=pa.array(categories, pa.string()))
    return np.asarray(pc.fill_null(found, -1).to_numpy(), dtype=np.int64)
