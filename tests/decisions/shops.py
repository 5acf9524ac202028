"""Small tables of customers for the tests of decisions, with round numbers that can be added up in the head."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa

AS_OF = date(2026, 1, 1)
CLASSIC = (
    "champions", "loyal", "potential_loyalist", "new_customers", "promising", "need_attention", "about_to_sleep",
    "at_risk", "cant_lose", "hibernating", "lost",
)  # fmt: skip
STAGES = ("prospect", "new", "active", "reactivated", "at_risk", "dormant", "churned")
TIERS = ("platinum", "gold", "silver", "bronze")

# one action for everybody, half a point of margin left of 100 of revenue, and no offer
PLAIN = {
    "key": "hello",
    "title_en": "Hello",
    "title_zh": "问候",
    "objective": "next_order",
    "priority": 0,
    "eligible": "orders_count_lifetime >= 1",
    "channel": "email",
    "offer_en": "A greeting",
    "offer_zh": "问候一声",
    "cost_per_contact": 1.0,
    "uplift": {"mean": 0.1, "lower": 0.0, "upper": 0.2},
    "owner": "CRM",
    "measurement_days": 30,
    "because_en": "They bought",
    "because_zh": "买过",
}


def book(*actions: dict[str, Any], **top: Any) -> dict[str, Any]:
    """A playbook as TOML reads it; each action is `PLAIN` with something changed."""
    said = [PLAIN | {"key": f"a{i}", "priority": i} | action for i, action in enumerate(actions)]
    return {"version": 1, "actions": said} | top


def customers(values: list[float], **columns: Any) -> pa.Table:
    """Customers c0, c1, … who have each ordered 1 000 000 times for that value: their mean order is that value."""
    n = len(values)
    made = {
        "customer_id": [f"c{i}" for i in range(n)],
        "orders_count_lifetime": [1e6] * n,
        "net_revenue_sum_lifetime": [1e6 * value for value in values],
        "repurchase_probability": [0.5] * n,
        "horizon_days": [30] * n,
    }
    return pa.table(made | columns)


def every_situation(**columns: Any) -> pa.Table:
    """One customer of each segment × lifecycle stage, without money and forecasts unless given."""
    cells = list(product(CLASSIC, STAGES))
    made = {
        "customer_id": [f"{segment}/{stage}" for segment, stage in cells],
        "segment_key": [segment for segment, _ in cells],
        "segment_name": [segment for segment, _ in cells],
        "lifecycle_stage": [stage for _, stage in cells],
    }
    return pa.table(made | {name: [value] * len(cells) for name, value in columns.items()})


def crowd(n: int, seed: int = 0) -> pa.Table:
    """Random customers with most of what a shop can know."""
    draw = np.random.default_rng(seed)
    orders = 1.0 + draw.poisson(3.0, n)
    since_last = draw.integers(1, 700, n).astype(float)
    gap = np.where(orders > 1, draw.gamma(2.0, 30.0, n), np.nan)
    chance = draw.beta(1.0, 2.0, n)
    return pa.table(
        {
            "customer_id": np.char.add("c_", np.arange(n).astype(str)),
            "segment_key": draw.choice(CLASSIC, n),
            "segment_name": draw.choice(CLASSIC, n),
            "lifecycle_stage": draw.choice(STAGES[1:], n),
            "value_tier": draw.choice(TIERS, n),
            "orders_count_lifetime": orders,
            "net_revenue_sum_lifetime": orders * draw.gamma(2.0, 40.0, n),
            "days_since_last_order": since_last,
            "days_since_first_order": since_last + 200.0,
            "order_gap_days_mean_lifetime": gap,
            "order_overdue_ratio": since_last / gap,
            "discounted_order_share_lifetime": draw.beta(1.0, 3.0, n),
            "repurchase_probability": chance,
            "churn_probability": 1.0 - chance,
            "predicted_clv": chance * 100.0,
            "predicted_number_of_orders": chance,
            "horizon_days": np.full(n, 90),
        }
    )
