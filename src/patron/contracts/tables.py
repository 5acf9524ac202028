"""Tables as written contracts: columns with type and meaning, checked at the door and printed as the dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import pyarrow as pa

from patron.ground.errors import ContractBroken

Kind = Literal["text", "int", "real", "money", "flag", "day", "instant", "json"]

ARROW: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "int": pa.int64(),
    "real": pa.float64(),
    "money": pa.decimal128(18, 4),
    "flag": pa.bool_(),
    "day": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
}

IBIS: Mapping[Kind, str] = {
    "text": "string",
    "int": "int64",
    "real": "float64",
    "money": "decimal(18, 4)",
    "flag": "boolean",
    "day": "date",
    "instant": "timestamp('UTC', 6)",
    "json": "string",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, kind, meaning, and whether a row may lack it."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TableContract:
    """One table: its name, key, columns and what one row is.

    >>> orders = TableContract("orders", "one order", ("order_id",), (Column("order_id", "text", "id", required=True),))
    >>> orders.check(pa.table({"order_id": ["A1"]})).column_names
    ['order_id']
    """

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names) or not set(self.key) <= set(names):
            raise ContractBroken(f"The contract of {self.name!r} names a column twice or keys on an unknown one.")
        if any(column.kind not in get_args(Kind) for column in self.columns):
            raise ContractBroken(f"The contract of {self.name!r} has a column of unknown kind.")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that every row must fill."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def schema(self) -> pa.Schema:
        """The table's Arrow schema."""
        return pa.schema([pa.field(c.name, ARROW[c.kind], nullable=not c.required) for c in self.columns])

    @property
    def types(self) -> dict[str, str]:
        """The table's columns as Ibis type names, in order."""
        return {column.name: IBIS[column.kind] for column in self.columns}

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)

    def empty(self) -> pa.Table:
        """Return the table without rows."""
        return pa.table({c.name: pa.array([], ARROW[c.kind]) for c in self.columns})

    def check(self, table: pa.Table) -> pa.Table:
        """Return the table cast to the contract's columns and order.

        Raises:
            ContractBroken: a column is missing, cannot be cast, or a required cell is empty.
        """
        missing = [name for name in self.names if name not in table.column_names]
        if missing:
            raise ContractBroken(
                f"Table {self.name!r} lacks {missing}.\nIt has: {table.column_names}.\n"
                f"Next: fill them where the table is made (empty cells are allowed in optional columns)."
            )
        try:
            cast = table.select(list(self.names)).cast(pa.schema([(c.name, ARROW[c.kind]) for c in self.columns]))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise ContractBroken(f"Table {self.name!r} has a column of the wrong type: {error}.") from error
        holes = {name: cast[name].null_count for name in self.required if cast[name].null_count}
        if holes:
            raise ContractBroken(f"Table {self.name!r} has empty cells in required columns: {holes}.")
        return cast
