"""The customer table as rules read it: checked, numbers as float64, and what the shop lacks as missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.decisions.methods.expressions import Kind
from patron.ground.errors import ContractBroken, MissingColumns

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Customers:
    """One row per customer.

    Args:
        ids: string array, unique, nothing missing.
        columns: the columns that were asked for; float64 (never NaN or infinite) or string, null where missing.
        absent: those of them that the shop has for nobody.
    """

    ids: pa.Array
    columns: Mapping[str, pa.Array]
    absent: frozenset[str]

    def __len__(self) -> int:
        return len(self.ids)

    def numbers(self, name: str) -> FloatArray:
        """Return a column of numbers, NaN where missing."""
        values: FloatArray = pc.fill_null(self.columns[name], np.nan).to_numpy(zero_copy_only=False)
        return values

    def rows(self, positions: IntArray, names: Collection[str]) -> dict[str, pa.Array]:
        """Return some columns of some customers."""
        at = pa.array(positions)
        return {name: self.columns[name].take(at) for name in names}


def read_customers(table: pa.Table, kinds: Mapping[str, Kind]) -> Customers:
    """Read the columns in `kinds` off a table with one row per customer.

    Raises:
        MissingColumns: it has no customer_id.
        ContractBroken: an id is missing or occurs twice, or a column holds the wrong kind of values.
    """
    if "customer_id" not in table.column_names:
        raise MissingColumns.found("Table 'customers' of decisions", ["customer_id"], table.column_names)
    ids = table["customer_id"].cast(pa.string()).combine_chunks()
    if ids.null_count or pc.count_distinct(ids).as_py() != len(ids):
        raise ContractBroken(
            f"Table 'customers' of decisions needs one row per customer; {len(ids)} rows hold "
            f"{pc.count_distinct(ids).as_py()} different ids and {ids.null_count} empty ones.\n"
            "Next: keep one scheme of segments and one horizon of forecasts before joining them."
        )
    columns = {name: _column(table, name, kind) for name, kind in kinds.items()}
    return Customers(ids, columns, frozenset(n for n, column in columns.items() if column.null_count == len(column)))


def _column(table: pa.Table, name: str, kind: Kind) -> pa.Array:
    wanted = pa.float64() if kind == "number" else pa.string()
    if name not in table.column_names:
        return pa.nulls(table.num_rows, wanted)
    try:
        # a decimal has more digits than a float: rounding is meant
        values = table[name].cast(wanted, safe=False).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ContractBroken(
            f"Column {name!r} of table 'customers' is {table.schema.field(name).type}, a {kind} was expected: {error}."
        ) from error
    if kind == "text":
        return values
    return pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
