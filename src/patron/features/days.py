"""Days: what the whole shop took on each of them."""

from __future__ import annotations

import ibis.expr.types as ir

from patron.features.recipe import Tiles

_SUMS = {"order_count": "order_days_count", "revenue": "revenue_sum"}


def daily(known: Tiles) -> ir.Table:
    """Return one row per day on which something happened: `day`, `order_count` (order days), and `net_revenue`.

    Net revenue is on a cash basis: refunds count on the day they were paid. The column is absent without money.
    """
    orders = known.tables["orders"]
    sums = {name: orders[column].sum() for name, column in _SUMS.items() if column in orders.columns}
    days = orders.group_by("day").agg(**sums)
    if "revenue" not in days.columns:
        return days
    if "refund_sum" not in getattr(known.tables.get("returns"), "columns", ()):
        return days.rename(net_revenue="revenue").cast({"net_revenue": "float64"})
    back = known.tables["returns"].group_by("day").agg(refund=lambda t: t.refund_sum.sum())
    both = days.outer_join(back, "day")
    return both.select(
        day=both.day.coalesce(both.day_right),
        order_count=both.order_count.fill_null(0),
        net_revenue=(both.revenue.fill_null(0) - both.refund.fill_null(0)).cast("float64"),
    )
