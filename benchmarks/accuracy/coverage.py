"""What intervals covered, rolled over past dates: at each date they come from earlier windows, and later customers judge.

For every shop and horizon, all origins that the history allows are tried, more than a run would judge on. The forecast
is one contender's, the stack's unless another is named.

What knowing the chance of an order is worth is told by the interval score of Gneiting and Raftery (2007, eq. 43) beside
that of bands by value alone: width, and 2/(1 − level) times what lies outside; less is better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.past import past
from benchmarks.accuracy.shops import home_of, make, opened
from patron.engines.duck import DuckEngine
from patron.forecasts.contenders import NAIVE, Prediction
from patron.forecasts.intervals import learn_intervals, measure_coverage
from patron.forecasts.rows import draw, read_rows
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Trial, run_trials
from patron.ground.dates import origins

MODEL = "stack"
SEED = 7
HORIZONS_DAYS = (30, 90, 180)
MOST_ORIGINS = 12
MOST_CUSTOMERS = 5_000  # drawn per origin, spread over purchase counts


@dataclass(frozen=True, slots=True)
class Covered:
    """One origin: shares of customers inside their interval, and the shares that were promised."""

    horizon_days: int
    origin: date
    level: float
    quarter: int | None  # of the forecast, 1 = lowest; None: everyone
    value: float
    promised: float
    log_effect: float  # ln(actual total ÷ said total) of the window


@dataclass(frozen=True, slots=True)
class Sharpness:
    """One origin: how sharp intervals are that know the chance of an order, and those of bands by value alone."""

    horizon_days: int
    origin: date
    level: float
    score: float  # interval score ÷ mean forecast
    score_by_value: float
    above_zero: float  # share of intervals that begin above zero
    above_zero_by_value: float


def cover(name: str, data: Path) -> dict[str, Any]:
    """Return the coverage at every origin of one shop."""
    home = home_of(name)
    if not (home / "shelf" / "current").exists():
        make(name, data)
    rolled = {days: list(_rolled(home, days)) for days in HORIZONS_DAYS}
    covered = [asdict(one) for days, past in rolled.items() for one in _covered(days, past)]
    sharp = [asdict(one) for days, past in rolled.items() for one in _sharpness(days, past)]
    return {"model": MODEL, "most_customers": MOST_CUSTOMERS, "covered": covered, "sharpness": sharp}


def _rolled(home: Path, days: int) -> Iterator[tuple[Trial, ...]]:
    """Yield each origin that has earlier ones to learn intervals from, with those before it."""
    spec = ForecastSpec(models=(NAIVE, MODEL), most_customers=MOST_CUSTOMERS)
    with DuckEngine(threads=2) as engine:
        desk, tiled, history = opened(home, engine)
        if len(origins(history.as_of, history.first_day, days, MOST_ORIGINS)) < 2:
            return
        told = past(desk, tiled, history, days, MOST_ORIGINS)
    drawn = draw(told.labelled, spec.most_customers, SEED)
    rows = read_rows(drawn, where="coverage", labelled=True, window_days=days)
    trials, _ = run_trials(rows.where(rows.has_history), spec, days, told.seasons, SEED)
    spoken = [trial for trial in trials if MODEL in trial.said and trial.said[MODEL].net_revenue is not None]
    for i in range(1, len(spoken)):
        yield tuple(spoken[: i + 1])


def _covered(days: int, rolled: Sequence[tuple[Trial, ...]]) -> Iterator[Covered]:
    spec = ForecastSpec(models=(NAIVE, MODEL))
    for so_far in rolled:
        told, came = _told(so_far[-1])
        effect = float(np.log(came.sum() / told[:, 0].sum())) if came.sum() > 0 else float("nan")
        for one in measure_coverage(so_far, MODEL, spec, SEED):
            yield Covered(days, so_far[-1].origin, one.level, one.tier, one.value, one.promised, effect)


def _sharpness(days: int, rolled: Sequence[tuple[Trial, ...]]) -> Iterator[Sharpness]:
    spec = ForecastSpec(models=(NAIVE, MODEL))
    for so_far in rolled:
        told, came = _told(so_far[-1])
        alike = [replace(trial, said={MODEL: _all_alike(trial)}) for trial in so_far]
        known, alone = learn_intervals(so_far[:-1], MODEL, spec), learn_intervals(alike[:-1], MODEL, spec)
        for level, name in zip(spec.interval_levels, ("usual", "wide"), strict=True):
            ends = getattr(known, name).predict_interval(told)
            by_value = getattr(alone, name).predict_interval(told * [1.0, 0.0])
            scores = [_interval_score(each, came, level) / told[:, 0].mean() for each in (ends, by_value)]
            above = [float((each[0] > 0).mean()) for each in (ends, by_value)]
            yield Sharpness(days, so_far[-1].origin, level, *scores, *above)


def _told(trial: Trial) -> tuple[np.ndarray, np.ndarray]:
    said = trial.said[MODEL]
    return np.column_stack([said.net_revenue, said.active]), np.nan_to_num(trial.rows.future_revenue)


def _all_alike(trial: Trial) -> Prediction:
    """Return what was said, with one chance of an order for everyone: bands by value alone."""
    said = trial.said[MODEL]
    return replace(said, active=np.zeros_like(said.active))


def _interval_score(ends: tuple[np.ndarray, np.ndarray], came: np.ndarray, level: float) -> float:
    lower, upper = ends
    outside = np.maximum(lower - came, 0.0) + np.maximum(came - upper, 0.0)
    return float((upper - lower + 2.0 / (1.0 - level) * outside).mean())
