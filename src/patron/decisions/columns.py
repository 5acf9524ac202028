"""What the rules and sentences of a playbook may speak of: published columns and declared features."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from patron.contracts import catalogue
from patron.contracts.published import FORECASTS
from patron.contracts.segment_tables import SEGMENTS
from patron.decisions.methods.expressions import Kind

CHOICES: Mapping[str, tuple[str, ...]] = {
    "lifecycle_stage": ("prospect", "new", "active", "reactivated", "at_risk", "dormant", "churned"),
    "value_tier": ("platinum", "gold", "silver", "bronze"),
}

ORDERS = "orders_count_lifetime"
NET_REVENUE = "net_revenue_sum_lifetime"
DAYS_AS_CUSTOMER = "days_since_first_order"
MARGIN_SHARE = "margin_share_lifetime"
EXPECTED_MARGIN_SHARE = "expected_margin_share"
MONEY_READ = (
    ORDERS,
    NET_REVENUE,
    DAYS_AS_CUSTOMER,
    MARGIN_SHARE,
    EXPECTED_MARGIN_SHARE,
    "predicted_clv",
    "predicted_number_of_orders",
    "repurchase_probability",
    "horizon_days",
)


@cache
def published() -> Mapping[str, Kind]:
    """Return every column that a rule may read, and whether it holds numbers or texts.

    >>> published()["segment_key"], published()["order_overdue_ratio"]
    ('text', 'number')
    """
    kinds: dict[str, Kind] = {}
    for table in (SEGMENTS, FORECASTS):
        for column in table.columns:
            if column.kind in {"int", "real", "money"}:
                kinds[column.name] = "number"
            elif column.kind == "text" and column.name != "customer_id":
                kinds[column.name] = "text"
    kinds.update({feature.name: "number" for feature in catalogue.declared() if catalogue.is_published(feature)})
    return kinds
