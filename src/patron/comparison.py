"""Two runs side by side: what changed in counts and money, and who moved between segments."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from patron.shop import Run

_MEASURES = ("customers", "orders", "net_revenue", "predicted_clv")


def compare(before: Run, after: Run) -> dict[str, Any]:
    """Compare two runs of one shop in the scheme that the later one speaks of first.

    Returns:
        `summary`: rows of measure, before, after, change; `moves`: rows of from_segment, to_segment, customers and
        their net revenue as of the later run, largest first. Customers who are new have no from_segment.
    """
    old, new = before.manifest, after.manifest
    summary = [
        {
            "measure": name,
            "before": old.get(name),
            "after": new.get(name),
            "change": _change(old.get(name), new.get(name)),
        }
        for name in _MEASURES
    ]
    return {"before": before.id, "after": after.id, "summary": summary, "moves": _moves(before, after)}


def _moves(before: Run, after: Run) -> list[dict[str, Any]]:
    scheme = str(after.manifest["scheme"])
    then = _members(before, scheme).rename_columns(["customer_id", "from_segment"])
    now = _members(after, scheme).rename_columns(["customer_id", "to_segment"])
    money = after.profiles.to_arrow(["customer_id", "net_revenue_sum_lifetime"])
    joined = now.join(then, "customer_id", join_type="full outer").join(money, "customer_id", join_type="left outer")
    grouped = joined.group_by(["from_segment", "to_segment"]).aggregate(
        [("customer_id", "count"), ("net_revenue_sum_lifetime", "sum")]
    )
    named = grouped.rename_columns(
        {"customer_id_count": "customers", "net_revenue_sum_lifetime_sum": "net_revenue"}
    ).sort_by([("customers", "descending"), ("from_segment", "ascending"), ("to_segment", "ascending")])
    return list(named.to_pylist())


def _members(run: Run, scheme: str) -> pa.Table:
    table = run.segments.to_arrow(["customer_id", "segment_key", "scheme"])
    return table.filter(pc.equal(table["scheme"], scheme)).select(["customer_id", "segment_key"])


def _change(before: Any, after: Any) -> Any:
    return None if before is None or after is None else round(after - before, 2)
