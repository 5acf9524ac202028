"""The currency that a shop's amounts are in."""

from __future__ import annotations

import ibis

from patron.flow.desk import Desk
from patron.flow.stages.facts import Facts
from patron.ground.currencies import NO_CURRENCY


def currency(desk: Desk, facts: Facts) -> str:
    """Return the code of the shop's currency; empty where none is known."""
    orders = facts.tables(desk.engine)["orders"]
    paid = orders.filter(orders.order_revenue.notnull()).group_by("currency").agg(n=ibis._.count())
    rows = desk.engine.rows(paid.order_by([ibis.desc("n"), "currency"]).limit(1))
    code = str(rows[0]["currency"]) if rows else ""
    return "" if code == NO_CURRENCY else code
