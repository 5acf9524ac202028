"""Whether the reasons of a forecast may be told: what the gate reads, and where it is measured."""

from __future__ import annotations

import pyarrow as pa

from patron.contracts.gates import Ruling, gates, rule

OUTPUT = "reasons"


def ruling(judged: pa.Table, *, customers: int, published: bool, learned: bool) -> Ruling:
    """Rule on the reasons of one horizon.

    Args:
        judged: from `evaluate`.
        customers: how many have ordered.
        published: whether the forecast itself may be told.
        learned: whether a model made it, and not a plain formula.
    """
    rows = {row["measure"]: row for row in judged.to_pylist()}
    facts = {
        "forecast_published": float(published),
        "faithful": _faithful(rows),
        "same_direction_percent": _same_direction(rows),
        "customers": float(customers),
        "learned": float(learned),
    }
    return rule(gates()[OUTPUT], facts)


def _faithful(rows: dict[str, dict[str, float]]) -> float:
    """Return 1 where taking the reasons away surely moves the forecast further than chance; NaN: not measured."""
    found = rows.get("reasons_removed")
    return float(found["lower"] > found["baseline"]) if found else float("nan")


def _same_direction(rows: dict[str, dict[str, float]]) -> float:
    found = rows.get("second_opinion_same_sign")
    known = found is not None and found["value"] is not None
    return round(100.0 * found["value"]) if found and known else float("nan")
