"""What a message can say: which facts, by which fields, and what Patron works out itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from patron.contracts.facts import FACTS
from patron.contracts.tables import Column, TableContract

_OURS = ("day", "hour", "source", "file", "row_no", "is_outlier")


@dataclass(frozen=True, slots=True)
class Shape:
    """The messages of one fact table.

    Attributes:
        at: the field that says when it happened; empty: it is not dated.
        people: the fields that name customers by the shop's own ids.
        worked_out: columns that no message gives, beside those that every fact has.
        feeds: the sources of tiles that its rows are counted in.
    """

    contract: TableContract
    at: str
    feeds: tuple[str, ...] = ()
    people: tuple[str, ...] = ("customer_id",)
    worked_out: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The fact table."""
        return self.contract.name

    @property
    def fields(self) -> tuple[Column, ...]:
        """What a message can say."""
        return tuple(column for column in self.contract.columns if column.name not in (*_OURS, *self.worked_out))

    @property
    def days(self) -> tuple[str, ...]:
        """The columns that hold a local day on which the row is counted."""
        return tuple(column.name for column in self.contract.columns if column.kind == "day")


_ORDER_OWN = ("refunded_amount", "net_revenue", "line_count")
SHAPES: Mapping[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape(FACTS["orders"], "ordered_at", ("orders", "cancellations"), worked_out=_ORDER_OWN),
        Shape(FACTS["events"], "occurred_at", ("events",)),
        Shape(FACTS["returns"], "returned_at", ("returns",)),
        Shape(FACTS["reviews"], "reviewed_at", ("reviews",)),
        Shape(
            FACTS["touches"],
            "sent_at",
            ("touches",),
            worked_out=("opened_day", "clicked_day", "converted_day"),
        ),
        Shape(FACTS["signals"], "at", ("signals",)),
        Shape(FACTS["links"], "since", people=("from_customer", "to_customer")),
        Shape(FACTS["customers"], "", worked_out=("created_day",)),
    )
}
LINES = Shape(FACTS["order_lines"], "", ("lines",), people=(), worked_out=("returned_quantity",))
LINE_FIELDS = tuple(
    column
    for column in LINES.fields
    if column.name not in ("order_id", "line_no", "customer_id", "ordered_at", "status")
)


def shape_of(name: str) -> Shape:
    """Return the shape of a fact table's messages; order lines come with their orders."""
    return LINES if name == LINES.name else SHAPES[name]
