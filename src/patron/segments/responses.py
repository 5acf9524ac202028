"""How segments answered past contacts: clicks, and orders that followed, by channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
from scipy.stats import binomtest

from patron.contracts.cards import SchemeCard
from patron.segments.words import named

WINDOW_DAYS = 365
FOLLOWED_DAYS = 14
_BY = ["scheme", "segment_key"]


def answered_by(placed: ir.Table, touches: ir.Table, orders: ir.Table, as_of: date) -> ir.Table:
    """Count, per segment and channel, the contacts of a year and what followed.

    A contact counts once the two weeks after it are over; a holdout was not contacted.

    Args:
        placed: `customer_id`, `scheme`, `segment_key`.
        touches: the facts' contacts.
        orders: the facts' orders; only paid ones count.
        as_of: nothing from this day on counts.

    Returns:
        `scheme`, `segment_key`, `channel`, `contacts`, `customers`, `clicked`, `ordered`.
    """
    first, last = as_of - timedelta(days=WINDOW_DAYS), as_of - timedelta(days=FOLLOWED_DAYS)
    sent = touches.filter(
        touches.day >= first, touches.day < last, touches.channel.notnull(), ibis.coalesce(touches.arm, "") != "holdout"
    ).select("touch_id", "customer_id", "channel", "day", "clicked_at")
    paid = orders.filter(orders.status == "paid", orders.customer_id.notnull())
    bought = paid.select("customer_id", order_day=paid.day).distinct()
    after = sent.inner_join(bought, "customer_id").filter(
        lambda it: (it.order_day >= it.day) & (it.order_day < it.day + ibis.interval(days=FOLLOWED_DAYS))
    )
    followed = after.select("touch_id").distinct().mutate(followed=ibis.literal(1))
    told = sent.left_join(followed, "touch_id").select(*sent.columns, "followed")
    mine = told.inner_join(placed.select("customer_id", *_BY), "customer_id")
    return mine.group_by([*_BY, "channel"]).agg(
        contacts=mine.count(),
        customers=mine.customer_id.nunique(),
        clicked=mine.clicked_at.count(),
        ordered=mine.followed.count(),
    )


def response_rows(
    counted: Sequence[Mapping[str, Any]], cards: Sequence[SchemeCard], as_of: date
) -> list[dict[str, Any]]:
    """Turn counts of `answered_by` into rows of the published table `segment_responses`.

    An order that followed a contact was not always caused by it; what contacts bring is measured with a holdout.
    """
    totals: dict[tuple[str, str], list[int]] = {}
    for row in counted:
        held = totals.setdefault((row["scheme"], row["channel"]), [0, 0, 0])
        held[0] += row["ordered"]
        held[1] += row["contacts"]
        held[2] += row["clicked"]
    rows = []
    for row, names in named(counted, cards):
        ordered, contacts, clicked = totals[row["scheme"], row["channel"]]
        share = binomtest(row["ordered"], row["contacts"]).proportion_ci(0.95, method="wilson")
        rows.append(
            names
            | {name: row[name] for name in ("channel", "contacts", "customers")}
            | {
                "clicked_share": row["clicked"] / row["contacts"] if clicked else None,
                "ordered_share": row["ordered"] / row["contacts"],
            }
            | {"ordered_lower": float(share.low), "ordered_upper": float(share.high)}
            | {"base_ordered_share": ordered / contacts, "as_of": as_of}
        )
    return sorted(rows, key=lambda row: (row["scheme"], row["segment_key"], row["channel"]))
