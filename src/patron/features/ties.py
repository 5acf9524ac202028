"""Features that are not windows over tiles: the customer's own row, and the customers he or she is tied to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from patron.contracts.features import Attribute, Social
from patron.features.reduction import PAIR, keys, known_before, paired


def attributes(spine: ir.Table | date, customers: ir.Table, features: Sequence[Attribute]) -> ir.Table:
    """Read numbers off the customers' rows; an account made on or after as_of says nothing yet."""
    joined = paired(spine, customers)
    joined = joined.filter(joined.created_day.isnull() | (joined.created_day < joined.as_of))
    return joined.select(*keys(spine), **{feature.name: _attribute(joined, feature) for feature in features})


def social(
    spine: ir.Table | date, links: ir.Table, order_tiles: ir.Table | None, features: Sequence[Social]
) -> ir.Table:
    """Count ties known before as_of, and average what the tied customers had done before as_of."""
    ends = {True: ("from_customer", "to_customer"), False: ("to_customer", "from_customer")}
    sides = [
        links.select("day", "kind", customer_id=links[one], other_id=links[other], is_from=ibis.literal(is_from))
        for is_from, (one, other) in ends.items()
    ]
    known = known_before(spine, ibis.union(*sides, distinct=False))
    referral = known.kind == "referral"
    tied = known.group_by([*PAIR, "other_id"]).agg(
        ties_count=known.count(),
        referred_count=known.count(where=referral & known.is_from),
        referred_by_count=known.count(where=referral & ~known.is_from),
    )
    if order_tiles is not None and any(f.statistic.startswith("neighbour") for f in features):
        tied = _with_purchases(tied, order_tiles)
    return tied.group_by(list(keys(spine))).agg(**{feature.name: _social(tied, feature) for feature in features})


def _with_purchases(tied: ir.Table, order_tiles: ir.Table) -> ir.Table:
    """Add what each tied customer had bought before as_of."""
    others = tied.select("as_of", customer_id=tied.other_id).distinct()
    past = known_before(others, order_tiles)
    money = {"revenue": past.revenue_sum.sum()} if "revenue_sum" in order_tiles.columns else {}
    did = past.group_by(list(PAIR)).agg(orders=past.orders_count.sum(), **money)
    joined = tied.left_join(did.rename(other_id="customer_id"), ["other_id", "as_of"])
    return joined.drop(*(name for name in joined.columns if name.endswith("_right")))


def _attribute(joined: ir.Table, feature: Attribute) -> ir.Value:
    column = joined[feature.column]
    match feature.statistic:
        case "age_years":
            age = joined.as_of.year() - column
            return ibis.ifelse((age >= 0) & (age <= 120), age, None)
        case "tenure_days":
            return joined.as_of.delta(column, unit="day")
        case "is":
            is_it = column == feature.value
            return is_it.isnull().ifelse(None, is_it.ifelse(1, 0)).cast("int64")


def _social(tied: ir.Table, feature: Social) -> ir.Value:
    match feature.statistic:
        case "degree":
            return tied.ties_count.sum()
        case "referred":
            return tied.referred_count.sum()
        case "was_referred":
            return (tied.referred_by_count.sum() > 0).ifelse(1, 0).cast("int64")
        case "neighbour_orders_mean":
            return _mean(tied.orders)
        case "neighbour_revenue_mean":
            return _mean(tied.revenue)


def _mean(did: ir.NumericValue) -> ir.FloatingValue:
    """Average over everyone tied; those who did nothing count."""
    return did.sum().fill_null(0).cast("float64") / did.fill_null(0).count().cast("float64")
