"""What the backtest says: tenths of each model's forecasts against what happened, and the room's judgements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.compute as pc

from patron.reports.reading import Reading
from patron.reports.tenths import Tenths

ROOM = "forecasts"
NAIVE = "naive"
FORMULAS = (NAIVE, "last_period")
TARGETS = ("net_revenue", "orders", "active")
FINE, USABLE = 0.9, 0.75


@dataclass(frozen=True, slots=True)
class Check(Tenths):
    """One model's tenths at the held-out origin; `share` is what each and the higher ones hold of all that came."""

    model: str
    share: list[float]
    origin: date


def level(sum_ratio: float) -> str:
    """Judge the level of a forecast, alike either way: fine is within a tenth, -ish within a third of what happened.

    >>> level(0.56), level(0.8), level(1.1), level(1.25), level(1.4)
    ('low', 'lowish', 'fine', 'highish', 'high')
    """
    if FINE <= sum_ratio <= 1 / FINE:
        return "fine"
    side = "low" if sum_ratio < 1 else "high"
    return f"{side}ish" if USABLE <= sum_ratio <= 1 / USABLE else side


def checked_horizons(reading: Reading) -> tuple[int, ...]:
    """Return the horizons whose forecast was compared with what happened, shortest first; none when no date could."""
    return tuple(sorted(pc.unique(reading.story.calibration["horizon_days"]).to_pylist()))


def checks(reading: Reading) -> tuple[str, Check | None, Check | None]:
    """Return the first target that was checked at the main horizon: the champion's check and the naive formula's."""
    rows = reading.story.calibration
    rows = rows.filter(pc.equal(rows["horizon_days"], reading.customers.horizon_days)).to_pylist()
    for target in TARGETS:
        of_target = [row for row in rows if row["target"] == target]
        models = sorted({row["model"] for row in of_target})
        if models:
            learned = [model for model in models if model not in FORMULAS]
            best = reading.customers.model if reading.customers.model in models else (learned or models)[0]
            naive = NAIVE if NAIVE in models and best != NAIVE else ""
            return target, _check(of_target, best), _check(of_target, naive) if naive else None
    return "", None, None


def _check(rows: list[dict[str, Any]], model: str) -> Check:
    mine = sorted((row for row in rows if row["model"] == model), key=lambda row: row["decile"])
    return Check(
        deciles=[row["decile"] for row in mine],
        counts=[row["customer_count"] for row in mine],
        predicted=[row["mean_predicted"] for row in mine],
        actual=[row["mean_actual"] for row in mine],
        model=model,
        share=[row["cumulative_share"] for row in mine],
        origin=mine[0]["origin"],
    )


def judged(reading: Reading) -> list[dict[str, Any]]:
    """Return the room's judgements at the main horizon; a slice reads `{days}d/{target}/{model}`."""
    rows = [row for row in reading.story.quality.to_pylist() if row["room"] == ROOM]
    prefix = f"{reading.customers.horizon_days}d/"
    return [row for row in rows if row["slice"].startswith(prefix)] or rows
