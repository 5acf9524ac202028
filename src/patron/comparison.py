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
        `summary`: rows of measure, horizon_days (of forecasts only), before, after, change, note; `moves`: rows of
        move, from_segment, to_segment, customers and their net revenue as of the later run, largest first. `move`
        reads stayed or moved; joined: not yet a customer in the first run; left: no customer in the second; unknown:
        the first run did not have this scheme.
    """
    horizons = (_horizon(before), _horizon(after))
    summary = [_measured(name, before.manifest.get(name), after.manifest.get(name), horizons) for name in _MEASURES]
    return {"before": before.id, "after": after.id, "summary": summary, "moves": _moves(before, after)}


def segment_names(before: Run, after: Run) -> dict[str, str]:
    """Return what people call each segment key of the scheme that the later run speaks of first; its names win."""
    scheme = str(after.manifest["scheme"])
    found: dict[str, str] = {}
    for run in (before, after):
        table = run.segments.to_arrow(["segment_key", "segment_name", "scheme"])
        pairs = table.filter(pc.equal(table["scheme"], scheme)).group_by(["segment_key", "segment_name"]).aggregate([])
        found |= dict(zip(pairs["segment_key"].to_pylist(), pairs["segment_name"].to_pylist(), strict=True))
    return found


def _measured(name: str, old: Any, new: Any, horizons: tuple[int | None, int | None]) -> dict[str, Any]:
    is_forecast = name == "predicted_clv"
    alike = not is_forecast or horizons[0] == horizons[1] or None in horizons
    note = "" if alike else f"over {horizons[0]} and {horizons[1]} days: not to be compared"
    if is_forecast and None in (old, new):
        note = "no forecast in the run of " + " and ".join(
            word for word, value in (("before", old), ("after", new)) if value is None
        )
    return {
        "measure": name,
        "horizon_days": (horizons[1] or horizons[0]) if is_forecast and alike else None,
        "before": _tidy(old),
        "after": _tidy(new),
        "change": _tidy(new - old) if alike and None not in (old, new) else None,
        "note": note,
    }


def _horizon(run: Run) -> int | None:
    """Return the horizon that a run's manifest adds up its forecast over: the shortest."""
    shortest = pc.min(run.forecasts.to_arrow(["horizon_days"])["horizon_days"]).as_py()
    return None if shortest is None else int(shortest)


def _moves(before: Run, after: Run) -> list[dict[str, Any]]:
    scheme = str(after.manifest["scheme"])
    earlier = _members(before, scheme)
    then = earlier.rename_columns(["customer_id", "from_segment"])
    now = _members(after, scheme).rename_columns(["customer_id", "to_segment"])
    money = after.profiles.to_arrow(["customer_id", "net_revenue_sum_lifetime"])
    joined = now.join(then, "customer_id", join_type="full outer").join(money, "customer_id", join_type="left outer")
    grouped = joined.group_by(["from_segment", "to_segment"]).aggregate(
        [("customer_id", "count"), ("net_revenue_sum_lifetime", "sum")]
    )
    named = grouped.rename_columns(
        {"customer_id_count": "customers", "net_revenue_sum_lifetime_sum": "net_revenue"}
    ).sort_by([("customers", "descending"), ("from_segment", "ascending"), ("to_segment", "ascending")])
    return [
        {"move": _move(row, has_earlier=bool(earlier.num_rows)), **row, "net_revenue": _tidy(row["net_revenue"])}
        for row in named.to_pylist()
    ]


def _move(row: dict[str, Any], *, has_earlier: bool) -> str:
    if not has_earlier:
        return "unknown"
    if row["from_segment"] is None:
        return "joined"
    if row["to_segment"] is None:
        return "left"
    return "stayed" if row["from_segment"] == row["to_segment"] else "moved"


def _members(run: Run, scheme: str) -> pa.Table:
    table = run.segments.to_arrow(["customer_id", "segment_key", "scheme"])
    return table.filter(pc.equal(table["scheme"], scheme)).select(["customer_id", "segment_key"])


def _tidy(value: Any) -> Any:
    """Return a number with the four decimals that money has; beyond them a sum of floats is noise."""
    return round(value, 4) if isinstance(value, float) else value
