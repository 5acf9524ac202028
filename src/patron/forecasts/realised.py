"""What became of a forecast whose window is over: each decile beside what happened, and whether it still holds.

Three things can move, each by a rule that luck alone does not break (95 % intervals over customers):

- **level**: the whole interval of sum predicted ÷ sum actual lies outside [1/m, m]; m is 1.25 (the limit of grade B),
  or what the check had missed by, where that was more;
- **ranking**: the normalised Gini's interval lies wholly below the one that the check had promised;
- **coverage**: the whole interval of the share inside lies more than 10 points below the level (the limit of grade B).

None moved: keep. Any moved: retrain, and look why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron import measures
from patron.contracts.published import QUALITY, REALISED, YEAR_BEFORE
from patron.forecasts.contenders import Target
from patron.forecasts.grades import LIMITS
from patron.forecasts.judgement import MOST_ROWS
from patron.forecasts.rows import FUTURE_ORDERS, FUTURE_REVENUE, FloatArray
from patron.ground.dates import YEAR_DAYS
from patron.ground.seeds import derive

ROOM = "realised"
VERDICT = "forecast_check"
_PREDICTED: Mapping[Target, str] = {
    "net_revenue": "predicted_clv",
    "orders": "predicted_number_of_orders",
    "active": "repurchase_probability",
    "churn": "churn_probability",
}
_PAST_ORDERS = "past_order_count"
_INTERVALS = {
    "interval_coverage": ("predicted_clv_lower", "predicted_clv_upper"),
    "wide_interval_coverage": ("predicted_clv_lower_wide", "predicted_clv_upper_wide"),
}
_EVENTS = ("active", "churn")
_DRAWS = 200
_TOTAL, _COVERAGE = LIMITS["B"].total, LIMITS["B"].coverage


@dataclass(frozen=True, slots=True)
class Due:
    """An earlier run's forecast of one horizon, and what the run had said of it.

    Args:
        run_id: the run.
        origin: its as_of.
        horizon_days: the horizon.
        first_day: the first day of its history.
        quality, calibration: its tables of those names.
    """

    run_id: str
    origin: date
    horizon_days: int
    first_day: date
    quality: pa.Table
    calibration: pa.Table

    @property
    def until(self) -> date:
        """The day the window ended."""
        return self.origin + timedelta(days=self.horizon_days)

    @property
    def saw_the_season(self) -> bool:
        """Whether the run could learn from the same window of a year before, or was drawn to the shop's total of it.

        To learn from it, it needs a history before that window, too.
        """
        learned = (self.origin - self.first_day).days >= YEAR_DAYS + self.horizon_days
        of_today = f"{self.horizon_days}d/orders/{self.origin}"
        rows = zip(self.quality["measure"].to_pylist(), self.quality["slice"].to_pylist(), strict=True)
        return learned or (YEAR_BEFORE, of_today) in rows

    def promised(self, measure: str, target: str) -> Mapping[str, Any]:
        """Return what the backtest had measured of the model in use; empty where it had not."""
        start = f"{self.horizon_days}d/{target}/"
        rows = [
            row
            for row in self.quality.to_pylist()
            if row["measure"] == measure and row["slice"].startswith(start) and "not used" not in row["verdict"]
        ]
        whole = [row for row in rows if row["slice"].endswith("/all")]
        return next(iter(whole or rows), {})


@dataclass(frozen=True, slots=True)
class Found:
    """One measure of what became of a forecast, beside the promise; `moved` names what moved: a part, or nothing."""

    measure: str
    target: Target
    it: measures.Interval
    promised: float | None
    moved: str


def realised(due: Due, outcomes: pa.Table, *, seed: int) -> tuple[pa.Table, pa.Table]:
    """Compare a forecast with what happened in its window.

    Args:
        due: the forecast and its promises.
        outcomes: the run's rows of the `forecasts` table for that horizon, with `future_order_count` and, where there
            is money, `future_net_revenue` over the window; `past_order_count` over as long a window before it tells
            who was active: churn is compared among them.
        seed: the Plan's seed.

    Returns:
        Rows of the `realised` table, and of the `quality` table: one a measure, and one verdict (`forecast_check`).
    """
    pairs = {target: pair for target in _PREDICTED if (pair := _pair(outcomes, target)) is not None}
    deciles = [_deciles(due, target, *pair) for target, pair in pairs.items()]
    found = [one for target, pair in pairs.items() for one in _measured(due, target, *pair, seed)]
    found += _covered(due, outcomes, seed)
    rows = [_row(due, one) for one in found] + [_verdict(due, found)]
    table = REALISED.check(pa.concat_tables(deciles)) if deciles else REALISED.empty()
    return table, QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema))


def nothing_due(first: date) -> pa.Table:
    """Return the verdict of a run that finds no forecast that has come due; its own first one will on that day."""
    said = f"info: nothing has come due yet; first on {first}"
    row = {"room": ROOM, "measure": VERDICT, "slice": "all", "verdict": said}
    reason = {"reason": json.dumps({"key": "realised_nothing_due", "first": str(first)})}
    return QUALITY.check(pa.Table.from_pylist([row | reason], schema=QUALITY.schema))


def _pair(outcomes: pa.Table, target: Target) -> tuple[FloatArray, FloatArray] | None:
    """Return what happened and what was predicted, of the customers of whom it was; None where of nobody."""
    name = FUTURE_REVENUE if target == "net_revenue" else FUTURE_ORDERS
    if name not in outcomes.column_names or _PREDICTED[target] not in outcomes.column_names:
        return None
    if target == "churn":
        if _PAST_ORDERS not in outcomes.column_names:
            return None
        outcomes = outcomes.filter(pc.greater(outcomes[_PAST_ORDERS], 0))
    actual, predicted = _reals(outcomes[name]), _reals(outcomes[_PREDICTED[target]])
    happened = ((actual > 0) != (target == "churn")).astype(np.float64) if target in _EVENTS else actual
    known = np.isfinite(happened) & np.isfinite(predicted)
    return (happened[known], predicted[known]) if known.any() else None


def _reals(column: pa.ChunkedArray) -> FloatArray:
    values: FloatArray = pc.cast(column, pa.float64()).to_numpy().astype(np.float64)
    return values


def _deciles(due: Due, target: Target, actual: FloatArray, predicted: FloatArray) -> pa.Table:
    table = measures.calibration_table(actual, predicted)
    n = table.count.size
    columns = {
        "run_id": [due.run_id] * n,
        "horizon_days": np.full(n, due.horizon_days),
        "target": [target] * n,
        "decile": np.arange(1, n + 1),
        "customer_count": table.count,
        "mean_predicted": table.mean_predicted,
        "mean_actual": table.mean_actual,
        "origin": [due.origin] * n,
    }
    return pa.table(columns)


def _measured(due: Due, target: Target, actual: FloatArray, predicted: FloatArray, seed: int) -> list[Found]:
    statistics: dict[str, Callable[[FloatArray, FloatArray], float]] = {"sum_ratio": measures.sum_ratio}
    event = target in _EVENTS
    statistics["brier_score" if event else "normalised_gini"] = (
        measures.brier_score if event else measures.normalised_gini
    )

    def every(y: FloatArray, p: FloatArray) -> Mapping[str, float]:
        return {name: statistic(y, p) for name, statistic in statistics.items()}

    around = measures.intervals(
        every, actual, predicted, draws=_DRAWS, seed=derive(seed, ROOM, target), most_rows=MOST_ROWS
    )
    return [_judged(due, name, target, it) for name, it in around.items()]


def _judged(due: Due, measure: str, target: Target, it: measures.Interval) -> Found:
    if measure == "sum_ratio":
        said = _promised_ratio(due, target)
        most = max(_TOTAL, said, 1 / said) if said else _TOTAL
        moved = "level" if it.lower > most or it.upper < 1 / most else ""
        return Found(measure, target, it, said, moved)
    row = due.promised(measure, target)
    least = row.get("lower")
    moved = "ranking" if measure == "normalised_gini" and least is not None and it.upper < least else ""
    return Found(measure, target, it, row.get("value"), moved)


def _promised_ratio(due: Due, target: Target) -> float | None:
    """Return sum predicted ÷ sum actual of the model in use at the backtest's held-out origin."""
    champion = next(
        (
            row["verdict"].partition(": ")[2].partition(". ")[0]
            for row in due.quality.to_pylist()
            if row["measure"] == "champion" and row["slice"] == f"{due.horizon_days}d/{target}"
        ),
        None,
    )
    rows = [
        row
        for row in due.calibration.to_pylist()
        if (row["horizon_days"], row["target"], row["model"]) == (due.horizon_days, target, champion)
    ]
    predicted, actual = (
        sum(row[name] * row["customer_count"] for row in rows) for name in ("mean_predicted", "mean_actual")
    )
    return float(predicted / actual) if predicted > 0 and actual > 0 else None


def _covered(due: Due, outcomes: pa.Table, seed: int) -> list[Found]:
    found = []
    for measure, ends in _INTERVALS.items():
        if not {*ends, FUTURE_REVENUE} <= set(outcomes.column_names):
            continue
        lower, upper = (_reals(outcomes[end]) for end in ends)
        actual, known = _reals(outcomes[FUTURE_REVENUE]), np.isfinite(lower)
        if not known.any():
            continue
        inside = ((actual >= lower) & (actual <= upper))[known].astype(np.float64)
        it = measures.interval_of_mean(inside, draws=_DRAWS, seed=derive(seed, ROOM, measure))
        said = due.promised(measure, "net_revenue")
        level = said.get("baseline") or (0.8 if measure == "interval_coverage" else 0.95)
        moved = "coverage" if it.upper < level - _COVERAGE else ""
        found.append(Found(measure, "net_revenue", it, said.get("value"), moved))
    return found


def _row(due: Due, one: Found) -> Mapping[str, Any]:
    numbers = {"value": one.it.value, "lower": one.it.lower, "upper": one.it.upper, "baseline": one.promised}
    word = f"poor: the {one.moved} moved" if one.moved else "good: as the check had promised"
    return {
        "room": ROOM,
        "measure": one.measure,
        "slice": f"{due.horizon_days}d/{one.target}",
        **{name: value if value is not None and np.isfinite(value) else None for name, value in numbers.items()},
        "verdict": word,
        "reason": json.dumps({"key": f"realised_{one.moved or 'as_promised'}"}),
    }


def _verdict(due: Due, found: list[Found]) -> Mapping[str, Any]:
    moved = list(dict.fromkeys(one.moved for one in found if one.moved))
    ratio = next((one for one in found if one.measure == "sum_ratio"), None)
    row = {"room": ROOM, "measure": VERDICT, "slice": f"{due.horizon_days}d"}
    facts: dict[str, Any] = {"origin": str(due.origin), "until": str(due.until)}
    if ratio is None:
        said = f"info: no forecast of run {due.run_id} over {due.horizon_days} days was published to compare"
        return row | {"verdict": said, "reason": json.dumps({"key": "realised_nothing_published", **facts})}
    share = round(100 * ratio.it.value) if np.isfinite(ratio.it.value) else 0
    span = f"the forecast of {due.origin} up to {due.until} (run {due.run_id})"
    if not moved:
        reason = {"key": "realised_keep", **facts, "share": share}
        said = f"good: keep; {span} was {share} % of what came"
        return row | {"value": 0.0, "verdict": said, "reason": json.dumps(reason)}
    season = "known" if due.saw_the_season else "new"
    reason = {"key": f"realised_retrain_season_{season}", **facts, "share": share, "parts": moved}
    why = (
        "the same window of a year before could be learned from"
        if due.saw_the_season
        else "the same window of a year before could not be learned from, so the season alone may explain it"
    )
    said = f"poor: retrain, and look: {span} was {share} % of what came; moved: {', '.join(moved)}; {why}"
    return row | {"value": float(len(moved)), "verdict": said, "reason": json.dumps(reason)}
