"""From facts to tiles: one row per customer and day of mergeable base aggregates, one table a source.

Cost: one pass over each fact table and one sort of its tiles; linear in facts, O(n log n) in the tiles of one customer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from patron.contracts import tiles as declared
from patron.contracts.features import Dimension, TileColumn
from patron.features import rows
from patron.features.exact import EXACT

KEY = ("customer_id", "day")
# Columns that need the days before: computed on the tiles, not on the rows.
SECOND_PASS = {"gap_days", "view_lag_days"}


def _one_if(condition: ir.BooleanValue) -> ir.IntegerValue:
    """Return 1 or 0: not every database turns a flag into a number by itself."""
    return ibis.ifelse(condition, 1, 0).cast("int64")


# Columns that follow from others of the same tile: computed where tiles are read, never kept.
FOLLOWING: Mapping[str, Callable[[ir.Table], ir.Value]] = {
    "order_days_count": lambda _: ibis.literal(1, "int64"),
    "order_day_first": lambda tile: tile.day,
    "order_day_last": lambda tile: tile.day,
    "order_gap_days_squares": lambda tile: tile.order_gap_days_sum * tile.order_gap_days_sum,
    "order_gap_days_count": lambda tile: _one_if(tile.order_gap_days_sum.notnull()),
    "order_gap_days_max": lambda tile: tile.order_gap_days_sum,
    "order_gap_days_min": lambda tile: tile.order_gap_days_sum,
    "repeat_revenue_sum": lambda tile: ibis.ifelse(tile.order_gap_days_sum.notnull(), tile.revenue_sum, None),
    "weekend_orders_count": lambda tile: ibis.ifelse(tile.day.day_of_week.index() >= 5, tile.orders_count, 0),
    "monthend_orders_count": lambda tile: ibis.ifelse(tile.day.day() > 24, tile.orders_count, 0),
    "return_day_last": lambda tile: tile.day,
    "browse_days_count": lambda _: ibis.literal(1, "int64"),
    "browse_day_last": lambda tile: tile.day,
    "view_day_last": lambda tile: ibis.ifelse(tile.views_count > 0, tile.day, None),
    "cart_day_last": lambda tile: ibis.ifelse(tile.carts_count > 0, tile.day, None),
    "view_to_buy_days_count": lambda tile: _one_if(tile.view_to_buy_days_sum.notnull()),
    "review_day_last": lambda tile: tile.day,
}
AS_THEY_ARE = ("customers", "links", "order_lines")  # fact tables that need no tiles
_VALUES: Mapping[Dimension, str] = {"category": "category", "brand": "brand", "product": "product_id"}
LINES_READ = (*KEY, "status", *_VALUES.values())  # what is read of order lines as they are
_STORED = {"int": "int64", "money": "decimal(18, 4)", "exact": EXACT, "real": "float64", "day": "date"}


def available(source: str, capabilities: Collection[str]) -> tuple[TileColumn, ...]:
    """Return the tile columns of a source whose fact columns hold values."""
    return tuple(column for column in declared.TILES[source] if set(column.needs) <= set(capabilities))


def build(source: str, facts: Mapping[str, ir.Table], capabilities: Collection[str]) -> ir.Table:
    """Return the tiles of one source: `customer_id`, `day` and its available columns."""
    return from_day_parts(source, day_parts(source, facts, capabilities), capabilities)


def day_parts(
    source: str, facts: Mapping[str, ir.Table], capabilities: Collection[str], signals: tuple[str, ...] = ()
) -> ir.Table:
    """Return what each day's own facts say: the tiles before anything looks back to earlier days."""
    if source == "signals":
        return build_signals(facts, signals)
    columns = [column for column in available(source, capabilities) if column.name not in FOLLOWING]
    return _by_day(rows.ROWS[source](facts), columns)


def from_day_parts(source: str, parts: ir.Table, capabilities: Collection[str]) -> ir.Table:
    """Return the tiles of one source from all day parts of some customers."""
    if source == "signals":
        return parts
    looked_back = LOOKS_BACK[source].add(parts) if source in LOOKS_BACK else parts
    return complete(looked_back, available(source, capabilities))


def merged_parts(source: str, parts: ir.Table, capabilities: Collection[str]) -> ir.Table:
    """Merge several parts of one customer and day, in the way that their columns declare."""
    columns = {column.name: column for column in available(source, capabilities)}
    merged = {
        name: getattr(parts[name], columns[name].merge)().cast(_STORED[columns[name].kind])
        for name in parts.columns
        if name not in KEY
    }
    return parts.group_by(list(KEY)).agg(**merged)


def complete(kept: ir.Table, columns: Sequence[TileColumn]) -> ir.Table:
    """Add the columns that follow from those that are kept."""
    whole = {column.name: FOLLOWING[column.name](kept) for column in columns if column.name in FOLLOWING}
    return kept.mutate(**whole).select(*KEY, *(column.name for column in columns))


def reduced(whole: ir.Table) -> ir.Table:
    """Leave out the columns that follow from others: what is worth keeping on disk."""
    return whole.drop(*(name for name in whole.columns if name in FOLLOWING))


def build_signals(facts: Mapping[str, ir.Table], names: tuple[str, ...]) -> ir.Table:
    """Return the tiles of the named signals."""
    columns = [column for name in names for column in declared.signal_columns(name)]
    return _by_day(rows.signals(facts, names), columns)


def bought(lines: ir.Table, dimension: Dimension) -> ir.Table:
    """Return what affinities are counted over: `customer_id`, `day` and the `value` of one paid order line a row.

    Lines are not counted per day first: a customer seldom buys a thing twice on one day, so nothing would get smaller.
    """
    value = lines[_VALUES[dimension]]
    return lines.filter(lines.status == "paid", value.notnull()).select(*KEY, value=value)


def _by_day(table: ir.Table, columns: Sequence[TileColumn]) -> ir.Table:
    first = [column for column in columns if column.row not in SECOND_PASS]
    return table.group_by(list(KEY)).agg(**{column.name: _aggregate(table, column) for column in first})


def _aggregate(table: ir.Table, column: TileColumn) -> ir.Value:
    if column.row == "one":
        return table.count()
    if column.row == "sessions_distinct":
        return table.session_id.nunique().cast(_STORED["int"])
    value = table[column.row]
    if column.how == "count":
        return ibis.ifelse(value, 1, None).count()  # in half the time of COUNT with a FILTER
    return getattr(value, column.merge)().cast(_STORED[column.kind])


def _gaps(daily: ir.Table) -> ir.Table:
    by_customer = ibis.window(group_by="customer_id", order_by="day")
    gap = daily.day.delta(daily.day.lag().over(by_customer), unit="day")
    return daily.mutate(order_gap_days_sum=gap.cast("int64"))


def _lags(daily: ir.Table) -> ir.Table:
    so_far = ibis.window(group_by="customer_id", order_by="day", preceding=(None, 0))
    last_view_day = FOLLOWING["view_day_last"](daily).max().over(so_far)
    lag = ibis.ifelse(daily.purchase_events_count > 0, daily.day.delta(last_view_day, unit="day"), None)
    return daily.mutate(view_to_buy_days_sum=lag.cast("int64"))


@dataclass(frozen=True, slots=True)
class LookBack:
    """How the tiles of a source look back to a customer's earlier days.

    Attributes:
        add: adds the columns that do, to all day parts of some customers.
        columns: their names, and those that follow from them.
        newest: the feature that holds a customer's last day with a tile; what comes later changes no tile before it.
        seen: the feature that holds the only earlier day that a later tile looks at,
        cells: and what the tile of that day says, as far as it is looked at.
        speaks: whether a day part says something by looking back.
    """

    add: Callable[[ir.Table], ir.Table]
    columns: frozenset[str]
    newest: str
    seen: str
    speaks: Callable[[ir.Table], ir.BooleanValue]
    cells: Mapping[str, int] = field(default_factory=dict)


LOOKS_BACK: Mapping[str, LookBack] = {
    "orders": LookBack(
        _gaps,
        columns=frozenset(
            (
                *("order_gap_days_sum", "order_gap_days_squares", "order_gap_days_count"),
                *("order_gap_days_max", "order_gap_days_min", "repeat_revenue_sum"),
            )
        ),
        newest="order_day_last_lifetime",
        seen="order_day_last_lifetime",
        speaks=lambda part: part.orders_count > 0,
    ),
    "events": LookBack(
        _lags,
        columns=frozenset(("view_to_buy_days_sum", "view_to_buy_days_count")),
        newest="browse_day_last_lifetime",
        seen="view_day_last_lifetime",
        speaks=lambda part: part.purchase_events_count > 0,
        cells={"views_count": 1},
    ),
}
