"""Does the world have the properties promised? Each judgement compares what happened with what its truth says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from patron.contracts.published import QUALITY
from patron.simulation.world import World

_STANDARD_ERRORS = 4.0  # a true promise fails this once in 16,000 judgements


def evaluate(world: World) -> pa.Table:
    """Judge a world, one row per promise, in the columns of the published `quality` table.

    `value` is what happened, `baseline` what the truth expects, `lower` and `upper` four standard errors around it;
    a promise whose tables were not written is not judged.
    """
    known = world.truth().to_pandas()
    rows = [
        _sum_row("usual_repeat_orders", known["usual_order_count"], known["rate_per_day"] * known["exposure_days"]),
        _sum_row(
            "promotion_orders",
            known["promotion_order_count"],
            known["rate_per_day"] * known["promo_uplift"] * known["promotion_exposure_days"],
        ),
        _sum_row("touch_orders", known["touch_order_count"], known["expected_touch_orders"]),
        _sum_row("orders_in_horizon", known["actual_orders"], known["expected_orders"]),
        _sum_row("net_revenue_in_horizon", known["actual_net_revenue"], known["expected_net_revenue"]),
    ]
    if "orders" in world.rows:
        orders = world.table("orders").select(["order_id", "customer_id", "status", "gross_amount"])
        rows += [_order_value(orders, known), _unique_orders(orders, world)]
    return QUALITY.check(pa.Table.from_pylist(rows, QUALITY.schema))


def _row(measure: str, value: float, bounds: tuple[float, float], baseline: float) -> dict[str, Any]:
    kept = bounds[0] <= value <= bounds[1]
    return {
        "room": "simulation",
        "measure": measure,
        "slice": "world",
        "value": value,
        "lower": bounds[0],
        "upper": bounds[1],
        "baseline": baseline,
        "verdict": "good: as the truth says" if kept else "poor: not as the truth says",
    }


def _sum_row(measure: str, happened: pd.Series[Any], expected: pd.Series[Any]) -> dict[str, Any]:
    error = _STANDARD_ERRORS * float(np.sqrt(((happened - expected) ** 2).sum()))
    middle = float(expected.sum())
    return _row(measure, float(happened.sum()), (middle - error, middle + error), middle)


def _order_value(orders: pa.Table, known: pd.DataFrame) -> dict[str, Any]:
    paid = orders.filter(pc.equal(orders["status"], "paid"))
    paid = paid.set_column(3, "gross_amount", pc.cast(paid["gross_amount"], pa.float64()))
    sums = paid.group_by("customer_id").aggregate([("gross_amount", "sum"), ("gross_amount", "count")]).to_pandas()
    both = known[["customer_id", "mean_order_value"]].merge(sums, on="customer_id")
    expected = both["mean_order_value"] * both["gross_amount_count"]
    return _sum_row("goods_value_of_orders", both["gross_amount_sum"], expected)


def _unique_orders(orders: pa.Table, world: World) -> dict[str, Any]:
    distinct = pc.count_distinct(orders["order_id"]).as_py()
    promised = float(orders.num_rows - world.dirt.get("orders", {}).get("exact_duplicate", 0))
    return _row("distinct_order_ids", float(distinct), (promised, promised), promised)
