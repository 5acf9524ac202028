"""From facts to tiles: one row per customer and day of mergeable base aggregates, one table a source.

Cost: one pass over each fact table and one sort of its tiles; linear in facts, O(n log n) in the tiles of one customer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import ibis
import ibis.expr.types as ir

from patron.contracts import tiles as declared
from patron.contracts.features import Dimension, TileColumn
from patron.features import rows

KEY = ("customer_id", "day")
# Columns that need the whole day, or the days before it: computed on the tiles, not on the rows.
SECOND_PASS = {
    "day_one",
    "gap_days",
    "gap_days_squared",
    "gap_one",
    "repeat_revenue",
    "view_day",
    "cart_day",
    "view_lag_days",
    "has_view_lag",
}
_STORED = {"int": "int64", "money": "decimal(18, 4)", "real": "float64", "day": "date"}


def available(source: str, capabilities: Collection[str]) -> tuple[TileColumn, ...]:
    """Return the tile columns of a source whose fact columns hold values."""
    return tuple(column for column in declared.TILES[source] if set(column.needs) <= set(capabilities))


def build(source: str, facts: Mapping[str, ir.Table], capabilities: Collection[str]) -> ir.Table:
    """Return the tiles of one source: `customer_id`, `day` and its available columns."""
    columns = available(source, capabilities)
    table = rows.ROWS[source](facts)
    if source == "events" and "events.session_id" in capabilities:
        return _after("events", _by_session(table, columns), columns)
    return _after(source, _by_day(table, columns), columns)


def build_signals(facts: Mapping[str, ir.Table], names: tuple[str, ...]) -> ir.Table:
    """Return the tiles of the named signals."""
    columns = [column for name in names for column in declared.signal_columns(name)]
    return _by_day(rows.signals(facts, names), columns)


def build_dimension(facts: Mapping[str, ir.Table], dimension: Dimension) -> ir.Table:
    """Return affinity tiles: order lines per customer, day and value of a dimension."""
    lines = facts["order_lines"].filter(ibis._.status == "paid")
    value = lines.product_id if dimension == "product" else lines[dimension]
    kept = lines.select("customer_id", "day", value=value).filter(ibis._.value.notnull())
    return kept.group_by([*KEY, "value"]).agg(lines_count=kept.count())


def _by_day(table: ir.Table, columns: Sequence[TileColumn]) -> ir.Table:
    first = [column for column in columns if column.row not in SECOND_PASS]
    counted = {column.name: _aggregate(table, column) for column in first}
    return table.group_by(list(KEY)).agg(**counted)


def _by_session(table: ir.Table, columns: Sequence[TileColumn]) -> ir.Table:
    """Aggregate in two steps, visits first: counting distinct visits directly keeps a set for every day in memory."""
    first = [column for column in columns if column.row not in {*SECOND_PASS, "sessions_distinct"}]
    visits = table.group_by([*KEY, "session_id"]).agg(**{column.name: _aggregate(table, column) for column in first})
    merged = {column.name: _merge(visits[column.name], column).cast(_STORED[column.kind]) for column in first}
    return visits.group_by(list(KEY)).agg(**merged, sessions_count=visits.session_id.count())


def _aggregate(table: ir.Table, column: TileColumn) -> ir.Value:
    if column.row in {"one", "day"}:
        return table.count() if column.row == "one" else table.day.max() if column.how == "last" else table.day.min()
    value = table[column.row]
    if column.how == "count":
        return ibis.ifelse(value, 1, None).count()  # in half the time of COUNT with a FILTER
    return _merge(value, column).cast(_STORED[column.kind])


def _merge(value: ir.Value, column: TileColumn) -> ir.Value:
    return getattr(value, column.merge)()


def _after(source: str, daily: ir.Table, columns: Sequence[TileColumn]) -> ir.Table:
    """Add what depends on the tile as a whole or on the customer's earlier tiles."""
    if source == "orders":
        return _gaps(daily, columns)
    return _lags(daily, columns) if source == "events" else daily


def _gaps(daily: ir.Table, columns: Sequence[TileColumn]) -> ir.Table:
    by_customer = ibis.window(group_by="customer_id", order_by="day")
    with_previous = daily.mutate(previous_day=daily.day.lag().over(by_customer))
    gap = with_previous.day.delta(with_previous.previous_day, unit="day")
    repeat = {}
    if any(column.row == "repeat_revenue" for column in columns):
        repeat["repeat_revenue_sum"] = ibis.ifelse(gap.notnull(), with_previous.revenue_sum, None)
    return with_previous.mutate(
        order_days_count=ibis.literal(1, "int64"),
        order_gap_days_sum=gap.cast("int64"),
        order_gap_days_squares=(gap * gap).cast("int64"),
        order_gap_days_count=gap.notnull().cast("int64"),
        order_gap_days_max=gap.cast("int64"),
        order_gap_days_min=gap.cast("int64"),
        **repeat,
    ).select(*KEY, *(column.name for column in columns))


def _lags(daily: ir.Table, columns: Sequence[TileColumn]) -> ir.Table:
    seen = daily.mutate(
        view_day_last=ibis.ifelse(daily.views_count > 0, daily.day, None),
        cart_day_last=ibis.ifelse(daily.carts_count > 0, daily.day, None),
        browse_days_count=ibis.literal(1, "int64"),
    )
    so_far = ibis.window(group_by="customer_id", order_by="day", preceding=(None, 0))
    bought = seen.mutate(last_view_day=seen.view_day_last.max().over(so_far))
    lag = ibis.ifelse(bought.purchase_events_count > 0, bought.day.delta(bought.last_view_day, unit="day"), None)
    return bought.mutate(
        view_to_buy_days_sum=lag.cast("int64"), view_to_buy_days_count=lag.notnull().cast("int64")
    ).select(*KEY, *(column.name for column in columns))
