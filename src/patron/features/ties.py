"""Features that are not windows over tiles: the customer's own row, and the customers he or she is tied to."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from patron.contracts.features import Attribute, Social
from patron.features.reduction import PAIR, known_before


def attributes(spine: ir.Table, customers: ir.Table, features: Sequence[Attribute]) -> ir.Table:
    """Read numbers off the customers' rows; an account made on or after as_of has no age yet."""
    joined = spine.select(*PAIR).inner_join(customers, "customer_id")
    return joined.select(*PAIR, **{feature.name: _attribute(joined, feature) for feature in features})


def social(spine: ir.Table, links: ir.Table, order_tiles: ir.Table | None, features: Sequence[Social]) -> ir.Table:
    """Count ties known before as_of, and average what the tied customers had done before as_of."""
    ends = {True: ("from_customer", "to_customer"), False: ("to_customer", "from_customer")}
    sides = [
        links.select("day", "kind", customer_id=links[one], other_id=links[other], is_from=ibis.literal(is_from))
        for is_from, (one, other) in ends.items()
    ]
    known = known_before(spine, ibis.union(*sides, distinct=False))
    if order_tiles is not None and any(f.statistic.startswith("neighbour") for f in features):
        others = known.select("as_of", customer_id=known.other_id).distinct()
        past = known_before(others, order_tiles)
        money = {"revenue": past.revenue_sum.sum().cast("float64")} if "revenue_sum" in order_tiles.columns else {}
        did = past.group_by(list(PAIR)).agg(orders=past.orders_count.sum().cast("float64"), **money)
        did = did.rename(other_id="customer_id")
        known = known.left_join(did, ["other_id", "as_of"])
        known = known.drop(*(name for name in known.columns if name.endswith("_right")))
    return known.group_by(list(PAIR)).agg(**{feature.name: _social(known, feature) for feature in features})


def _attribute(joined: ir.Table, feature: Attribute) -> ir.Value:
    column = joined[feature.column]
    match feature.statistic:
        case "age_years":
            age = joined.as_of.year() - column
            return ibis.ifelse((age >= 0) & (age <= 120), age, None)
        case "tenure_days":
            return ibis.ifelse(column < joined.as_of, joined.as_of.delta(column, unit="day"), None)
        case "is":
            return (column == feature.value).cast("int64")


def _social(known: ir.Table, feature: Social) -> ir.Value:
    referral = known.kind == "referral"
    match feature.statistic:
        case "degree":
            return known.count()
        case "referred":
            return known.count(where=referral & (known.is_from))
        case "was_referred":
            return (known.count(where=referral & ~known.is_from) > 0).cast("int64")
        case "neighbour_orders_mean":
            return known.orders.fill_null(0.0).mean()
        case "neighbour_revenue_mean":
            return known.revenue.fill_null(0.0).mean()
