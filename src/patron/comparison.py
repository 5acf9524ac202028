"""Two runs side by side: what changed in counts and money, and who moved between segments; one customer over all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import segments
from patron.contracts.spelling import spelled
from patron.ground.errors import PlanError, UnreadableFile
from patron.runs import Run
from patron.segments import SegmentModel, Side

MOVES = ("stayed", "up", "down", "moved", "regrouped", "joined", "left")
_YEAR = "net_revenue_sum_365d"
_STOOD = ("scheme", "segment_key", "segment_name", "membership", "value_tier", "lifecycle_stage")
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


def migration(before: Run, after: Run, scheme: str = "") -> pa.Table:
    """Return the migration matrix of one scheme between two runs as rows of the table `segment_moves`.

    Money is net revenue in the 365 days before the later run's as_of, and empty for shops without money.

    Args:
        before: the earlier run.
        after: the later run.
        scheme: its name, such as "classic11" or "learned"; empty: the one that the later run speaks of first.

    Raises:
        PlanError: the later run has no such scheme.
    """
    worth = after.profiles
    wanted = [name for name in ("customer_id", _YEAR) if name in worth.columns]
    moves = segments.migrate(_side(before), _side(after), worth.to_arrow(wanted))
    return moves.filter(pc.equal(moves["scheme"], _scheme((before, after), scheme)))


def movers(before: Run, after: Run, move: str, scheme: str = "") -> pa.Table:
    """Return the customers who made one kind of move, those with the most net revenue of the last 365 days first.

    Args:
        before: the earlier run.
        after: the later run.
        move: one of `MOVES`.
        scheme: as for `migration`.

    Returns:
        `customer_id`, `from_segment`, `to_segment`, `net_revenue_365d`, and `predicted_clv` over the shortest horizon.

    Raises:
        PlanError: there is no such move or scheme.
    """
    if move not in MOVES:
        raise PlanError.unknown_choice("Move", move, MOVES)
    sides, key = (_side(before), _side(after)), _scheme((before, after), scheme)
    found = segments.members(*sides, key).join(_worth(after), "customer_id", join_type="left outer")
    order = segments.standings(*sides, key)
    pairs = zip(found["from_segment"].to_pylist(), found["to_segment"].to_pylist(), strict=True)
    mine = pa.array([segments.move_of(came, went, order) == move for came, went in pairs], pa.bool_())
    return found.filter(mine).sort_by([("net_revenue_365d", "descending"), ("customer_id", "ascending")])


def history(runs: Sequence[Run], customer_id: str, scheme: str = "") -> list[dict[str, Any]]:
    """Return where one customer stood in every run, the earliest as_of first.

    Args:
        runs: of one shop.
        customer_id: as in the runs' tables.
        scheme: as for `migration`, of the last of the runs.

    Raises:
        PlanError: no run knows the customer or the scheme.
    """
    in_order = sorted(runs, key=lambda run: str(run.manifest["as_of"]))
    key = _scheme(in_order, scheme) if in_order else scheme
    rows = [_stood(run, customer_id, key) for run in in_order]
    found = [row for row in rows if row is not None]
    if not found:
        raise PlanError(
            f"No run knows the customer {customer_id!r} in the scheme {key!r}.\n"
            "Next: `patron tables segments` lists the customers' pseudonyms."
        )
    return found


def _stood(run: Run, customer_id: str, scheme: str) -> dict[str, Any] | None:
    is_mine = [("customer_id", "=", customer_id), ("scheme", "=", scheme)]
    rows = pq.read_table(run.segments.path, columns=list(_STOOD), filters=is_mine).to_pylist()
    if not rows:
        return None
    money = spelled(pq.read_table(run.profiles.path, filters=is_mine[:1])).to_pylist()
    worth = {name: money[0].get(name) for name in ("orders_count_lifetime", "net_revenue_sum_lifetime", _YEAR)}
    return {"run_id": run.id, "as_of": run.manifest["as_of"], **rows[0], **worth}


def _worth(run: Run) -> pa.Table:
    """Return what each customer brought in the last 365 days and is expected to bring in the shortest horizon."""
    profiles = run.profiles
    ids = profiles.to_arrow(["customer_id"])
    year = profiles.to_arrow([_YEAR])[_YEAR] if _YEAR in profiles.columns else pa.nulls(ids.num_rows, pa.float64())
    said = run.forecasts.to_arrow(["customer_id", "horizon_days", "predicted_clv"])
    mine = said.filter(pc.equal(said["horizon_days"], pc.min(said["horizon_days"]))).drop_columns(["horizon_days"])
    return ids.append_column("net_revenue_365d", year).join(mine, "customer_id", join_type="left outer")


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
    sides = _side(before), _side(after)
    money = after.profiles.to_arrow(["customer_id", "net_revenue_sum_lifetime"])
    named = segments.flows(*sides, scheme, money).rename_columns({"net_revenue_sum_lifetime": "net_revenue"})
    has_earlier = bool(sides[0].of(scheme).num_rows)
    return [
        {"move": _move(row, has_earlier=has_earlier), **row, "net_revenue": _tidy(row["net_revenue"])}
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


def _side(run: Run) -> Side:
    """Read a run's segments; an older version's model may not be readable, and its segments then have no order."""
    try:
        cards = SegmentModel.load(run.folder / "models" / "segments").cards
    except UnreadableFile:
        cards = ()
    table = run.segments.to_arrow(["customer_id", "segment_key", "segment_name", "scheme"])
    return Side(run.id, date.fromisoformat(run.manifest["as_of"]), table, cards)


def _scheme(runs: Sequence[Run], wanted: str) -> str:
    """Return the key of a scheme that every run has; empty: the one that the last of them speaks of first."""
    if not wanted:
        return str(runs[-1].manifest["scheme"])
    known = [str(key) for key in pc.unique(runs[-1].segments.to_arrow(["scheme"])["scheme"]).to_pylist()]
    found = next((key for key in known if wanted in (key, key.rsplit("-", 1)[0])), None)
    if found is None:
        raise PlanError.unknown_choice("Scheme", wanted, known)
    return found


def _tidy(value: Any) -> Any:
    """Return a number with the four decimals that money has; beyond them a sum of floats is noise."""
    return round(value, 4) if isinstance(value, float) else value
