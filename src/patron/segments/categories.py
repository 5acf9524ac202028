"""What segments buy most: product categories, by how many of their customers bought them."""

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
MOST_CATEGORIES = 3
_BY = ["scheme", "segment_key"]


def bought_by(placed: ir.Table, category_days: ir.Table, as_of: date) -> ir.Table:
    """Count, per segment and category, the customers who bought it in the year before `as_of`.

    Args:
        placed: `customer_id`, `scheme`, `segment_key`.
        category_days: `customer_id`, `day`, `category`, one row a day.
        as_of: nothing from this day on counts.

    Returns:
        `scheme`, `segment_key`, `category`, `customers`, `buyers` (of the segment, of anything with a category),
        `base_customers`, `base_buyers`: the same of everyone who is placed in the scheme.
    """
    days = category_days.filter(category_days.day >= as_of - timedelta(days=WINDOW_DAYS), category_days.day < as_of)
    bought = days.select("customer_id", "category").distinct()
    mine = placed.select("customer_id", *_BY)
    who = mine.semi_join(bought, "customer_id")
    what = mine.inner_join(bought, "customer_id")
    buyers = who.group_by(_BY).agg(buyers=who.count())
    base_buyers = who.group_by("scheme").agg(base_buyers=who.count())
    counts = what.group_by([*_BY, "category"]).agg(customers=what.count())
    base = what.group_by(["scheme", "category"]).agg(base_customers=what.count())
    joined = counts.inner_join(buyers, _BY).inner_join(base_buyers, "scheme").inner_join(base, ["scheme", "category"])
    place = ibis.row_number().over(group_by=_BY, order_by=[ibis.desc("customers"), "category"])
    ranked = joined.mutate(rank=place + 1)
    return ranked.filter(ranked["rank"] <= MOST_CATEGORIES)


def category_rows(
    counted: Sequence[Mapping[str, Any]], cards: Sequence[SchemeCard], as_of: date
) -> list[dict[str, Any]]:
    """Turn counts of `bought_by` into rows of the published table `segment_categories`.

    The lift is the ratio of two shares; its 95 % interval is Wilson's of the segment's share, with the shop's share
    taken as known.
    """
    rows = []
    for row, names in named(counted, cards):
        share = row["customers"] / row["buyers"]
        base = row["base_customers"] / row["base_buyers"]
        within = binomtest(row["customers"], row["buyers"]).proportion_ci(0.95, method="wilson")
        rows.append(
            names
            | {name: row[name] for name in ("rank", "category", "customers")}
            | {"share": share, "base_share": base, "lift": share / base, "as_of": as_of}
            | {"lift_lower": float(within.low) / base, "lift_upper": float(within.high) / base}
        )
    return sorted(rows, key=lambda row: (row["scheme"], row["segment_key"], row["rank"]))
