"""Categories: what each customer had bought as of a date, and what the next order then held.

A category counts once per order day, whatever the number of lines. Cost: one pass over the order lines to days, then
one hash join and one aggregation per snapshot; linear in order lines × snapshots.
"""

from __future__ import annotations

import math
from datetime import date

import ibis
import ibis.expr.types as ir

from patron.features import tiles
from patron.features.recipe import Tiles
from patron.features.reduction import PAIR, keys, known_before, paired

HALF_LIFE_DAYS = 90.0  # an order day of a quarter ago weighs half of today's in `recent_order_days`


def has_categories(known: Tiles) -> bool:
    """Tell whether any order line has a category."""
    return "order_lines.category" in known.capabilities


def category_days(known: Tiles) -> ir.Table:
    """Return one row per customer, day and `category` in a paid order of that day."""
    bought = tiles.bought(known.tables["order_lines"], "category").rename(category="value")
    return bought.filter(bought.customer_id.notnull()).distinct()


def most_bought(days: ir.Table, as_of: date, most: int) -> ir.Table:
    """Return the categories on the most order days before a date, the most bought first: one column `category`."""
    before = days.filter(days.day < ibis.literal(as_of))
    counted = before.group_by("category").agg(order_days=before.count())
    return counted.order_by([ibis.desc("order_days"), "category"]).limit(most).select("category")


def category_history(days: ir.Table, spine: ir.Table | date) -> ir.Table:
    """Return what was bought before as_of: one row per (customer_id, as_of) and category.

    Args:
        days: from `category_days`.
        spine: pairs of `customer_id` and `as_of`; or one date, which stands for everyone with a category before it.

    Returns:
        `customer_id`, `as_of`, `category`, `order_days` that held it, `recent_order_days` (each weighs
        2^(-age / HALF_LIFE_DAYS)), `in_last_order` (1 where the customer's last order day held it), and
        `order_days_all`, `recent_order_days_all`: the same of all the customer's order days.
    """
    by = list(keys(spine))
    before = known_before(spine, days)
    weighed = before.mutate(weight=(before.age_days.cast("float64") * (-math.log(2.0) / HALF_LIFE_DAYS)).exp())
    each = weighed.group_by([*by, "category"]).agg(
        order_days=weighed.count().cast("float64"),
        recent_order_days=weighed.weight.sum(),
        age_days=weighed.age_days.min(),
    )
    once = weighed.select(*by, "age_days", "weight").distinct()
    whole = once.group_by(by).agg(
        order_days_all=once.count().cast("float64"),
        recent_order_days_all=once.weight.sum(),
        last_age_days=once.age_days.min(),
    )
    both = each.inner_join(whole, by)
    told = both.mutate(in_last_order=(both.age_days == both.last_age_days).cast("float64"))
    if isinstance(spine, date):
        told = told.mutate(as_of=ibis.literal(spine))
    return told.select(
        *PAIR, "category", "order_days", "recent_order_days", "in_last_order", "order_days_all", "recent_order_days_all"
    )


def next_categories(days: ir.Table, spine: ir.Table, horizon_days: int) -> ir.Table:
    """Return what the first order day in [as_of, as_of + horizon_days) held: one row per pair and category.

    Pairs without an order of a known category in the window have no row.
    """
    ahead = paired(spine, days)
    ahead = ahead.filter(ahead.day >= ahead.as_of, ahead.day.delta(ahead.as_of, unit="day") < horizon_days)
    first = ibis.window(group_by=list(PAIR))
    return (
        ahead.mutate(first_day=ahead.day.min().over(first))
        .filter(ibis._.day == ibis._.first_day)
        .select(*PAIR, "category")
    )
