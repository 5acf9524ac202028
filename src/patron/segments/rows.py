"""The feature table as arrays: what rules and tiers read of a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.ground.errors import EmptyInput, InputError, MissingColumns

FloatArray = NDArray[np.float64]

DAYS, ORDERS, TENURE = "days_since_last_order", "orders_count_lifetime", "days_since_first_order"
MONEY, PREDICTED, GAP, LONGEST_GAP, ORDER_VALUE = (
    "net_revenue_sum_lifetime",
    "predicted_clv",
    "order_gap_days_mean_lifetime",
    "order_gap_days_max_lifetime",
    "order_value_mean_lifetime",
)
_OTHERS = {
    "products": "product_distinct_lifetime",
    "items": "items_mean_lifetime",
    "discounts": "discount_share_lifetime",
    "lately": "orders_count_90d",
}
NAMED_BY = tuple(_OTHERS.values())  # columns that tell segments of one name apart, where the shop has them
_REQUIRED = ("customer_id", "as_of", DAYS, ORDERS, TENURE)


@dataclass(frozen=True, slots=True)
class Rows:
    """One entry a customer, NaN where absent; `money` and `predicted` are None where the whole shop has none.

    `others` is what else may tell segments of one name apart, by the words of `methods.telling_apart`.
    """

    customer_id: pa.Array
    as_of: date
    days_since_last: FloatArray
    order_count: FloatArray
    days_since_first: FloatArray
    money: FloatArray | None
    predicted: FloatArray | None
    last_gap_days: FloatArray
    usual_gap_days: FloatArray
    order_value: FloatArray | None
    others: Mapping[str, FloatArray] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of customers."""
        return len(self.customer_id)

    @property
    def is_one_day(self) -> bool:
        """Whether all orders lie on one day: there is no when and no how often."""
        first, last = np.nanmax(self.days_since_first, initial=-np.inf), np.nanmin(self.days_since_last, initial=np.inf)
        return bool(0.0 <= first - last < 1.0)


def read_rows(known: pa.Table | pa.RecordBatch, where: str) -> Rows:
    """Read the columns that segments are read off.

    Args:
        known: `customer_id` (string), `as_of` (one date) and feature columns; null means absent.
        where: who asks, for messages.

    Raises:
        MissingColumns, EmptyInput, InputError: it is not such a table.
    """
    table = pa.Table.from_batches([known]) if isinstance(known, pa.RecordBatch) else known
    if missing := [name for name in _REQUIRED if name not in table.column_names]:
        raise MissingColumns.found(where, missing, table.column_names, "build the features table first.")
    if table.num_rows == 0:
        raise EmptyInput(f"{where}: the feature table has no customer.\nNext: choose a later as_of, or import orders.")
    days = pc.unique(table["as_of"]).to_pylist()
    if len(days) != 1 or days[0] is None:
        raise InputError(
            f"{where}: one as_of date is expected and {days[:3]} came.\nNext: segment one snapshot at a time."
        )
    return Rows(
        customer_id=_one_array(table["customer_id"].cast(pa.string())),
        as_of=days[0],
        days_since_last=_real(table, DAYS, where),
        order_count=_real(table, ORDERS, where),
        days_since_first=_real(table, TENURE, where),
        money=_optional(table, MONEY, where),
        predicted=_optional(table, PREDICTED, where),
        last_gap_days=_last_gap(table, where),
        usual_gap_days=_usual_gap(table, where),
        order_value=_optional(table, ORDER_VALUE, where),
        others=_others(table, where),
    )


def _others(table: pa.Table, where: str) -> dict[str, FloatArray]:
    read = {key: _optional(table, name, where) for key, name in _OTHERS.items()}
    return {key: values for key, values in read.items() if values is not None}


def _last_gap(table: pa.Table, where: str) -> FloatArray:
    """Return the gap before the last order where it can be known: with two order days it is the only gap.

    Beyond that, the mean gap equals the longest only if all gaps are equal, and then it is the last one too.
    """
    mean, longest = _optional(table, GAP, where), _optional(table, LONGEST_GAP, where)
    if mean is None or longest is None:
        return np.full(table.num_rows, np.nan)
    return np.where(np.isclose(mean, longest), longest, np.nan)


def _usual_gap(table: pa.Table, where: str) -> FloatArray:
    mean = _optional(table, GAP, where)
    return np.full(table.num_rows, np.nan) if mean is None else mean


def _optional(table: pa.Table, name: str, where: str) -> FloatArray | None:
    if name not in table.column_names:
        return None
    values = _real(table, name, where)
    return None if np.isnan(values).all() else values


def _real(table: pa.Table, name: str, where: str) -> FloatArray:
    try:
        values = np.asarray(table[name].cast(pa.float64()).to_numpy(), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f"{where}: column {name!r} is not a number: {error}.") from error
    if np.isinf(values).any():
        raise InputError(f"{where}: column {name!r} holds infinity.\nNext: leave such cells empty (null means absent).")
    return values


def _one_array(column: Any) -> pa.Array:
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
