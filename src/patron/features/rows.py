"""Facts as rows ready to be counted: the row expressions that tile columns name, one function a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir

from patron.features.exact import exact, squared

Facts = Mapping[str, ir.Table]

PHONES = ("mobile", "phone", "app", "ios", "android", "smartphone")  # values of `device`, in lower case


def orders(facts: Facts) -> ir.Table:
    """Paid orders: money, discounts, coupons and the hour they were placed."""
    o = facts["orders"].filter(ibis._.status == "paid")
    return o.select(
        "customer_id",
        "day",
        revenue=o.order_revenue,
        has_revenue=o.order_revenue.notnull(),
        revenue_squared=squared(o.order_revenue),
        margin=o.margin,
        costed_revenue=ibis.ifelse(o.margin.notnull(), o.order_revenue, None),
        gross=o.gross_amount,
        discount=o.discount_amount,
        has_discount=(o.discount_amount > 0).fill_null(False),
        has_coupon=o.coupon.notnull(),
        shipping=o.shipping_amount,
        items=o.item_count,
        exact_items=exact(o.item_count),
        is_morning=_between(o.hour, 5, 11),
        is_afternoon=_between(o.hour, 12, 17),
        is_evening=_between(o.hour, 18, 22),
        is_night=_between(o.hour, 0, 4) | _between(o.hour, 23, 23),
    )


def lines(facts: Facts) -> ir.Table:
    """Lines of paid orders; a unit price is placed against the mean of its category on the same day."""
    rows = facts["order_lines"].filter(ibis._.status == "paid")
    group = rows.category.fill_null("")
    usual = rows.group_by(day=rows.day, group=group).agg(usual_price=_mean(rows.unit_price))
    joined = rows.mutate(group=group).left_join(usual, ["day", "group"])
    position = joined.unit_price.cast("float64") / joined.usual_price.nullif(0.0)
    promoted = (joined.line_discount > 0) | (joined.unit_price < joined.list_price)
    return joined.select(
        "customer_id",
        "day",
        quantity=joined.quantity,
        exact_quantity=exact(joined.quantity),
        line_revenue=joined.line_revenue,
        unit_price=joined.unit_price,
        has_unit_price=joined.unit_price.notnull(),
        unit_price_squared=squared(joined.unit_price),
        price_position=exact(position),
        has_price_position=position.notnull(),
        is_promoted=promoted.fill_null(False),
        promoted_revenue=ibis.ifelse(promoted, joined.line_revenue, None),
    )


def returns(facts: Facts) -> ir.Table:
    """Returns on the day they happened; only those whose order was found are money paid back on revenue."""
    r = facts["returns"]
    paid_back = ibis.ifelse(r.order_id.notnull(), r.amount, None)
    return r.select("customer_id", "day", amount=paid_back, exact_units=exact(r.quantity))


def cancellations(facts: Facts) -> ir.Table:
    """Orders that were cancelled before they counted."""
    return facts["orders"].filter(ibis._.status == "cancelled").select("customer_id", "day")


def events(facts: Facts) -> ir.Table:
    """Events of known customers."""
    e = facts["events"].filter(ibis._.customer_id.notnull())
    view, device = e.type == "view", e.device.lower()
    return e.select(
        "customer_id",
        "day",
        "session_id",
        is_view=view,
        is_search=e.type == "search",
        is_favorite=e.type == "favorite",
        is_cart=e.type == "cart",
        is_remove_cart=e.type == "remove_cart",
        is_checkout=e.type == "checkout",
        is_purchase=e.type == "purchase",
        is_mobile=device.isin(PHONES).fill_null(False),
        viewed_price=ibis.ifelse(view, e.price, None),
        has_viewed_price=view & e.price.notnull(),
        exact_dwell_seconds=exact(e.dwell_seconds),
    )


def reviews(facts: Facts) -> ir.Table:
    """Reviews and their stars."""
    r = facts["reviews"]
    return r.select(
        "customer_id",
        "day",
        rating=r.rating,
        exact_rating=exact(r.rating),
        rating_squared=exact(r.rating * r.rating),
    )


def touches(facts: Facts) -> ir.Table:
    """Contacts and what followed, each on the day it happened: an open is not known before it is made."""
    t = facts["touches"]
    sent = t.select("customer_id", "day", kind=ibis.literal("sent"), cost=t.cost, sent_day=t.day)
    later = [
        t.filter(t[f"{kind}_day"].notnull()).select(
            "customer_id",
            day=t[f"{kind}_day"],
            kind=ibis.literal(kind),
            cost=ibis.null("decimal(18, 4)"),
            sent_day=ibis.null("date"),
        )
        for kind in ("opened", "clicked", "converted")
    ]
    rows = ibis.union(sent, *later, distinct=False)
    flags = {f"is_{kind}": rows.kind == kind for kind in ("sent", "opened", "clicked", "converted")}
    return rows.select("customer_id", "day", "cost", "sent_day", **flags)


def signal_name(table: ir.Table) -> ir.StringValue:
    """Return the names of signals as they can stand in a feature's name: lower case, letters and digits, '_'."""
    return table.name.lower().re_replace(r"[^\p{L}\p{N}]+", "_")


def signals(facts: Facts, names: tuple[str, ...]) -> ir.Table:
    """Readings of the named signals, one column each."""
    s = facts["signals"].mutate(name=signal_name)
    columns: dict[str, ir.Value] = {}
    for name in names:
        columns[f"{name}_value"] = ibis.ifelse(s.name == name, s.value, None)
        columns[f"{name}_squared"] = ibis.ifelse(s.name == name, s.value * s.value, None)
        columns[f"{name}_one"] = s.name == name
    return s.select("customer_id", "day", **columns)


ROWS: Mapping[str, Callable[[Facts], ir.Table]] = {
    "orders": orders,
    "lines": lines,
    "returns": returns,
    "cancellations": cancellations,
    "events": events,
    "reviews": reviews,
    "touches": touches,
}


def _mean(money: ir.DecimalValue) -> ir.FloatingValue:
    return money.sum().cast("float64") / money.count().cast("float64").nullif(0.0)


def _between(hour: ir.IntegerValue, low: int, high: int) -> ir.BooleanValue:
    return hour.between(low, high).fill_null(False)
