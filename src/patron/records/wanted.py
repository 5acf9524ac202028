"""What a table of orders must tell, and by which of its columns it tells it; for whoever got only one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from patron.records.detection import Sample, detect
from patron.records.headers import fold, index
from patron.records.sources import profile, profiles
from patron.records.spec import Layout

_ORDERS, _LINES = "orders", "order_lines"
_HOLD_ORDERS = frozenset({"order", "line", "event"})
_MONEY = ("total_amount", "goods_amount", "gross_amount")
_MEANS = {
    "customer_id": "the customer",
    "ordered_at": "the time of the order",
    "order_id": "the number of the order",
    "product_id": "the product",
    "quantity": "how many, or at what price",
    "total_amount": "what was paid",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing to be told: its names, Patron's own first; the column that has one of them, or ''; is it needed?"""

    names: tuple[str, ...]
    column: str
    is_needed: bool

    def __str__(self) -> str:
        means = _MEANS[self.names[0]] + ("" if self.is_needed else ", if known")
        return f"- {means} ({', '.join(self.names[:4])}, …): {repr(self.column) if self.column else 'none'}"


@dataclass(frozen=True, slots=True)
class OrdersTold:
    """What a table tells of its orders.

    Attributes:
        is_known: whether a source profile reads orders, lines or events from it as it is.
        is_lines: whether a column names products, so that a row is an order line.
        wanted: what is looked for.
        barred: columns that no table of orders has, such as the type of an event.
    """

    is_known: bool
    is_lines: bool
    wanted: tuple[Wanted, ...]
    barred: tuple[str, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """Patron's names of what is needed and told by no column."""
        return tuple(one.names[0] for one in self.wanted if one.is_needed and not one.column)

    @property
    def is_who_and_when(self) -> bool:
        """Whether the rows are orders of which nothing is recognised but the customer and the time."""
        return not (self.is_known or self.is_lines or self.barred or self.lacking)

    def refusal(self) -> str:
        """Return what was expected, what is there, and what to do next, in lines."""
        rows = "order lines, as a column names products" if self.is_lines else "orders"
        named = ", ".join(f'"{name}": "your column"' for name in self.lacking)
        barred = ", ".join(map(repr, self.barred))
        hints = [f"name what is lacking, as in columns={{{named}}}"] if named else []
        hints += [f"drop or rename {barred}, which orders do not have"] if barred else []
        return "\n".join([f"Expected {rows}; looked for:", *map(str, self.wanted), f"Next: {'; '.join(hints)}."])


def orders_told(headers: Sequence[str]) -> OrdersTold:
    """Say which columns of a table of orders, or of order lines, are recognised by the names that are common.

    >>> told = orders_told(["user_id", "when"])
    >>> told.lacking
    ('ordered_at',)
    >>> print(told.wanted[1])
    - the time of the order (ordered_at, order_date, order_time, order_datetime, …): none
    """
    layouts = {layout.name: layout for layout in profile("canonical").layouts}
    present = index(headers)
    is_lines = bool(_column(layouts[_LINES].columns["product_id"], headers))
    layout = layouts[_LINES if is_lines else _ORDERS]
    fits = (match for match in detect(Sample(tuple(headers)), profiles()) if match.fits)
    return OrdersTold(
        any(match.layout.level in _HOLD_ORDERS for match in fits),
        is_lines,
        _lines(layout, headers) if is_lines else _orders(layout, headers),
        tuple(present[fold(name)] for name in layout.forbid if fold(name) in present),
    )


def _lines(layout: Layout, headers: Sequence[str]) -> tuple[Wanted, ...]:
    customer, *others = (tuple(group) for group in layout.require)
    groups = (customer, tuple(layout.columns["ordered_at"]), *others)
    return tuple(Wanted(names, _column(names, headers), is_needed=True) for names in groups)


def _orders(layout: Layout, headers: Sequence[str]) -> tuple[Wanted, ...]:
    """Return who and when, and the rest that is wanted where it is known."""
    money = tuple(name for column in _MONEY for name in layout.columns[column])
    groups = {tuple(layout.columns[name]): name != "order_id" for name in ("customer_id", "ordered_at", "order_id")}
    groups[money] = False
    return tuple(Wanted(names, _column(names, headers), is_needed=needed) for names, needed in groups.items())


def _column(names: Sequence[str], headers: Sequence[str]) -> str:
    present = index(headers)
    return next((present[fold(name)] for name in names if fold(name) in present), "")
