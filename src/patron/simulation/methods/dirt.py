"""Dirt: what real exports do to true rows. Every kind adds rows, except `late`, which moves orders to a later file.

True rows are never damaged, so that the truth stays exact once the dirt is cleaned away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from patron.simulation.methods.arrays import ABSENT, NEVER, BoolArray, IntArray, rows_of_runs

Columns = dict[str, IntArray]
STATUSES = ("paid", "cancelled", "test")
_ANCIENT_S, _FUTURE_S = -2_208_988_800, 4_070_908_800  # 1900-01-01 and 2099-01-01
_COPIED_ORDERS = (
    "near_duplicate",
    "cancelled_order",
    "test_order",
    "missing_customer",
    "missing_date",
    "ancient_date",
    "future_date",
    "foreign_currency",
    "outlier",
)
_EXTRA_LINES = ("non_product", "zero_price", "negative_price", "missing_product", "missing_quantity")


@dataclass(frozen=True, slots=True)
class Cast:
    """The codes that dirt may use besides those of true rows."""

    tester: int  # customer code of the shop's own test account
    wholesaler: int  # customer code of a buyer with impossible quantities
    first_non_product: int  # product code of the first line that is no product
    closes_s: int  # no true order is later


@dataclass(frozen=True, slots=True)
class Soiled:
    """Orders and lines after dirt; `counts` says how many rows of each table each kind made."""

    orders: Columns
    lines: Columns
    is_late: BoolArray  # per order
    counts: Mapping[str, Mapping[str, int]]


def soil_orders(
    rng: np.random.Generator, orders: Columns, lines: Columns, shares: Mapping[str, float], cast: Cast
) -> Soiled:
    """Add dirty orders and lines.

    `orders` needs the columns `number, customer, placed_s, status, currency`; `lines` needs `order` (row of the
    order, ascending), `line_no, product, quantity, unit_price_cents, discount_cents`. `shares` are orders added per
    true order, for line kinds lines added per true line.
    """
    size = len(orders["number"])
    is_late = np.zeros(size, np.bool_)
    is_late[_pick(rng, np.arange(size), shares.get("late", 0.0), size)] = True
    counts: dict[str, dict[str, int]] = {"orders": {}, "order_lines": {}}
    clean = np.flatnonzero(~is_late)
    order_parts, line_parts, next_number = [orders], [lines], size
    lengths = np.bincount(lines["order"], minlength=size).astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    for kind in _COPIED_ORDERS:
        chosen = _pick(rng, clean, shares.get(kind, 0.0), size)
        copied, copied_lines = _copied(orders, lines, chosen, rows_of_runs(chosen, starts, lengths), next_number)
        _ORDER_CHANGES[kind](rng, copied, copied_lines, cast)
        order_parts.append(copied)
        line_parts.append(copied_lines)
        next_number += len(chosen)
        _count(counts, kind, len(chosen), len(copied_lines["order"]))
    line_parts += _extra_lines(rng, lines, is_late, (shares, cast, lengths), counts)
    twice = _pick(rng, clean, shares.get("exact_duplicate", 0.0), size)
    order_parts.append(_take(orders, twice))
    _count(counts, "exact_duplicate", len(twice), 0)
    _count(counts, "late", int(is_late.sum()), int(is_late[lines["order"]].sum()))
    late = np.concatenate([is_late, np.zeros(sum(len(part["number"]) for part in order_parts[1:]), np.bool_)])
    return Soiled(_stack(order_parts), _stack(line_parts), late, counts)


def _extra_lines(
    rng: np.random.Generator,
    lines: Columns,
    is_late: BoolArray,
    setup: tuple[Mapping[str, float], Cast, IntArray],
    counts: dict[str, dict[str, int]],
) -> list[Columns]:
    shares, cast, lengths = setup
    clean = np.flatnonzero(~is_late[lines["order"]])
    last_line_no = lengths.copy()
    parts = []
    for kind in _EXTRA_LINES:
        chosen = _pick(rng, clean, shares.get(kind, 0.0), len(lines["order"]))
        # One extra line of a kind per order, so that line numbers stay unique.
        chosen = chosen[np.unique(lines["order"][chosen], return_index=True)[1]]
        extra = _take(lines, chosen)
        last_line_no[extra["order"]] += 1
        extra["line_no"] = last_line_no[extra["order"]]
        _LINE_CHANGES[kind](rng, extra, cast)
        parts.append(extra)
        _count(counts, kind, 0, len(chosen))
    twice = _pick(rng, clean, shares.get("exact_duplicate", 0.0), len(lines["order"]))
    _count(counts, "exact_duplicate", 0, len(twice))
    return [*parts, _take(lines, twice)]


def _pick(rng: np.random.Generator, rows: IntArray, share: float, size: int) -> IntArray:
    """Choose on average `share * size` of the rows, each at most once."""
    count = min(int(rng.binomial(size, share)), len(rows)) if share and size else 0
    return np.sort(rng.choice(rows, count, replace=False)) if count else rows[:0]


def _take(table: Columns, rows: IntArray) -> Columns:
    return {name: values[rows] for name, values in table.items()}


def _stack(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _copied(
    orders: Columns, lines: Columns, chosen: IntArray, line_rows: IntArray, number: int
) -> tuple[Columns, Columns]:
    copied, copied_lines = _take(orders, chosen), _take(lines, line_rows)
    numbers = number + np.arange(len(chosen), dtype=np.int64)
    copied["number"] = numbers
    copied_lines["order"] = numbers[np.searchsorted(chosen, copied_lines["order"])]
    return copied, copied_lines


def _count(counts: dict[str, dict[str, int]], kind: str, orders: int, lines: int) -> None:
    for table, rows in (("orders", orders), ("order_lines", lines)):
        if rows:
            counts[table][kind] = counts[table].get(kind, 0) + rows


OrderChange = Callable[[np.random.Generator, Columns, Columns, Cast], None]
LineChange = Callable[[np.random.Generator, Columns, Cast], None]


def _clicked_twice(rng: np.random.Generator, orders: Columns, _lines: Columns, cast: Cast) -> None:
    shift = rng.integers(1, 20, len(orders["placed_s"]))
    orders["placed_s"] = np.minimum(orders["placed_s"] + shift, cast.closes_s - 1)


def _cancelled(rng: np.random.Generator, orders: Columns, _lines: Columns, _cast: Cast) -> None:
    orders["placed_s"] = orders["placed_s"] - rng.integers(300, 3600, len(orders["placed_s"]))
    orders["status"][:] = STATUSES.index("cancelled")


def _tested(_rng: np.random.Generator, orders: Columns, _lines: Columns, cast: Cast) -> None:
    orders["customer"][:] = cast.tester
    orders["status"][:] = STATUSES.index("test")


def _wholesale(rng: np.random.Generator, orders: Columns, lines: Columns, cast: Cast) -> None:
    orders["customer"][:] = cast.wholesaler
    factor = rng.integers(1000, 5000, len(lines["quantity"]))
    for column in ("quantity", "discount_cents"):
        lines[column] = lines[column] * factor
    row = lines["order"] - orders["number"][0] if len(orders["number"]) else lines["order"]
    gross = lines["quantity"] * lines["unit_price_cents"]
    for column, cents in (("gross_cents", gross), ("discount_cents", lines["discount_cents"])):
        if column in orders:
            orders[column] = np.bincount(row, cents, len(orders["number"])).astype(np.int64)


def _set(column: str, value: int) -> OrderChange:
    def change(_rng: np.random.Generator, orders: Columns, _lines: Columns, _cast: Cast) -> None:
        orders[column][:] = value

    return change


_ORDER_CHANGES: dict[str, OrderChange] = {
    "near_duplicate": _clicked_twice,
    "cancelled_order": _cancelled,
    "test_order": _tested,
    "missing_customer": _set("customer", ABSENT),
    "missing_date": _set("placed_s", NEVER),
    "ancient_date": _set("placed_s", _ANCIENT_S),
    "future_date": _set("placed_s", _FUTURE_S),
    "foreign_currency": _set("currency", 1),
    "outlier": _wholesale,
}


def _non_product(rng: np.random.Generator, lines: Columns, cast: Cast) -> None:
    lines["product"] = cast.first_non_product + rng.integers(0, 3, len(lines["product"]))
    lines["quantity"][:] = 1
    lines["unit_price_cents"][:] = 395
    lines["discount_cents"][:] = 0


def _zero_price(_rng: np.random.Generator, lines: Columns, _cast: Cast) -> None:
    lines["unit_price_cents"][:] = 0
    lines["discount_cents"][:] = 0


def _negative_price(_rng: np.random.Generator, lines: Columns, _cast: Cast) -> None:
    lines["unit_price_cents"] = -lines["unit_price_cents"]
    lines["discount_cents"][:] = 0


def _missing_product(_rng: np.random.Generator, lines: Columns, _cast: Cast) -> None:
    lines["product"][:] = ABSENT


def _missing_quantity(_rng: np.random.Generator, lines: Columns, _cast: Cast) -> None:
    lines["quantity"][:] = ABSENT


_LINE_CHANGES: dict[str, LineChange] = {
    "non_product": _non_product,
    "zero_price": _zero_price,
    "negative_price": _negative_price,
    "missing_product": _missing_product,
    "missing_quantity": _missing_quantity,
}


def soil_rows(
    rng: np.random.Generator,
    table: Columns,
    id_column: str,
    kinds: Mapping[str, Mapping[str, int]],
    shares: Mapping[str, float],
) -> tuple[Columns, dict[str, int]]:
    """Add copies of rows, one kind after another, each with the cells its kind sets.

    `kinds` maps a kind to column and code. Copies with changed cells get ids of their own; a copy with none is an exact
    duplicate, id and all.
    """
    size = len(table[id_column])
    parts, counts, next_id = [table], {}, size
    for kind, cells in kinds.items():
        extra = _take(table, _pick(rng, np.arange(size), shares.get(kind, 0.0), size))
        count = len(extra[id_column])
        if cells:
            extra[id_column] = next_id + np.arange(count, dtype=np.int64)
            next_id += count
        for column, code in cells.items():
            extra[column][:] = code
        parts.append(extra)
        counts.update({kind: count} if count else {})
    return _stack(parts), counts
