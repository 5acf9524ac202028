"""The judgement of the next order's day: at each past date, what every contender would have said, and what came.

Nobody's waiting is cut short but by the end of the window, which is the same for all: no weights for censoring are
needed. The score is the Brier score averaged over the days of the horizon, least in the mean at the true distribution.
Models say when; whether an order comes at all is the published chance of one. The naive formula stands alone: it says
both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from patron import measures
from patron.forecasts.champions import Champion, Errors, crown
from patron.forecasts.contenders import FORMULAS, LEARN, NAIVE, Lesson, Target
from patron.forecasts.contenders.learning import side_by_side
from patron.forecasts.judgement import IDEAL, MOST_ROWS, Judgement
from patron.forecasts.next_order import LEARN_TIMING, Waiting, stated_days
from patron.forecasts.rows import FloatArray, Rows
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Refusal, Trial
from patron.ground.errors import NotEnoughData
from patron.ground.seeds import derive

TARGET: Target = "next_order"
SCORE = "integrated_brier_score"
DATES: Mapping[str, float] = {
    "ordered_by_lower_date": 0.1,
    "ordered_by_expected_date": 0.5,
    "ordered_by_upper_date": 0.9,
}


@dataclass(frozen=True, slots=True)
class NextOrder:
    """Who is used for the day of the next order, and every measure of every contender at the holdout."""

    champion: Champion
    judgements: tuple[Judgement, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Round:
    """One past date: the customers, what each contender said, and who could not speak."""

    trial: Trial
    said: Mapping[str, Waiting]
    refused: tuple[Refusal, ...]

    @property
    def waited(self) -> FloatArray:
        """Days to the order, infinite where none came in the window."""
        days = self.trial.rows.future_days
        return np.full(len(self.trial.rows), np.inf) if days is None else np.where(np.isnan(days), np.inf, days)

    def scores(self, name: str) -> FloatArray | None:
        """Return each customer's score of one contender; None where it could not speak."""
        waiting = self.said.get(name)
        if waiting is None:
            return None
        return measures.integrated_brier_scores(self.waited, waiting.reached, waiting.by_days)


def judge_next_order(
    trials: Sequence[Trial], chances: Sequence[FloatArray], rows: Rows, spec: ForecastSpec, seed: int
) -> NextOrder | None:
    """Let every contender say the day of the next order at every past date, choose one, and judge all at the newest.

    Args:
        trials: the past dates and their customers, oldest first.
        chances: at each, the chance of any order as it would have been published.
        rows: all rows with what came after; at a date only those whose windows had ended are learned from.
        spec: draws of the bootstrap, and how many customers are enough.
        seed: the Plan's seed.

    Returns:
        None where the labels do not hold the days of orders.
    """
    if rows.future_days is None:
        return None
    horizon_days = int(trials[-1].rows.window_days[0])
    fits = {
        str(trial.origin): partial(_round, trial, chance, rows, spec, seed)
        for trial, chance in zip(trials, chances, strict=True)
    }
    rounds = list(side_by_side(fits, spec.threads, 0).values())
    newest = rounds[-1]
    errors = [Errors(name, tuple(one.scores(name) for one in rounds)) for name in newest.said]
    found = crown(errors, [trial.rows.customer_id for trial in trials], spec, derive(seed, "champion", TARGET))
    champion = Champion(found.model, found.formula, found.difference, found.reason, TARGET)
    measured = {name: _measured(newest, name, horizon_days, spec, seed) for name in newest.said}
    judgements = tuple(
        Judgement(TARGET, name, newest.trial.origin, measure, it.value, it.lower, it.upper, naive.value)
        for name, its in measured.items()
        for measure, it in its.items()
        if np.isfinite(it.value)  # of no day of 90 %, say, where nobody is that sure to order
        for naive in (measured[NAIVE][measure],)
    )
    return NextOrder(champion, judgements, newest.refused)


def _round(trial: Trial, chance: FloatArray, rows: Rows, spec: ForecastSpec, seed: int, threads: int) -> _Round:  # noqa: ARG001  # each learner has one thread
    now, day = trial.rows, np.datetime64(trial.origin)
    horizon_days = int(now.window_days[0])
    lesson = Lesson(None, rows.over_by(day), now, now, horizon_days, spec, seed)
    by_days = stated_days(horizon_days)
    said: dict[str, Waiting] = {}
    refused: list[Refusal] = []
    for name, learn in LEARN_TIMING.items():
        try:
            waiting = Waiting(by_days, learn(lesson).reached(now, by_days))
        except NotEnoughData as error:
            if name not in LEARN:  # a contender for other targets too has been refused for them already
                refused.append(Refusal.of(name, error))
            continue
        said[name] = waiting if name in FORMULAS else waiting.at_chance(chance)
    return _Round(trial, said, tuple(refused))


def _measured(
    one: _Round, name: str, horizon_days: int, spec: ForecastSpec, seed: int
) -> Mapping[str, measures.Interval]:
    waiting = one.said[name]
    scores = measures.integrated_brier_scores(one.waited, waiting.reached, waiting.by_days)
    chosen = _drawn(len(one.waited), derive(seed, TARGET))
    days, happened = np.minimum(one.waited, horizon_days)[chosen], np.isfinite(one.waited)[chosen]
    draws, drawn = spec.bootstrap_draws, derive(seed, "judge", TARGET)
    return {
        SCORE: measures.interval_of_mean(scores, draws=draws, seed=drawn),
        "concordance": measures.concordance_interval(
            days, happened, waiting.expected_days[chosen], draws=draws, seed=drawn
        ),
        **_by_dates(one.waited, waiting, spec, drawn),
    }


def _by_dates(waited: FloatArray, waiting: Waiting, spec: ForecastSpec, seed: int) -> dict[str, measures.Interval]:
    """Return the shares of customers who had ordered by the end of the day that was named, of those with such a day."""
    named = [waiting.days_until(chance) for chance in DATES.values()]
    there = [np.isfinite(days).astype(np.float64) for days in named]
    came = [(waited <= np.nan_to_num(days, nan=-1.0)).astype(np.float64) for days in named]

    def shares(*columns: FloatArray) -> Mapping[str, float]:
        half = len(columns) // 2
        found = {
            measure: float(on_time.sum() / known.sum()) if known.any() else float("nan")
            for measure, on_time, known in zip(DATES, columns[:half], columns[half:], strict=True)
        }
        off = [abs(found[measure] - IDEAL[measure]) for measure in DATES if np.isfinite(found[measure])]
        return {**found, "date_calibration_error": float(np.mean(off)) if off else float("nan")}

    return measures.intervals(shares, *came, *there, draws=spec.bootstrap_draws, seed=seed, most_rows=MOST_ROWS)


def _drawn(n: int, seed: int) -> NDArray[np.intp]:
    """Return at most so many customers: pairs of more cost more than they tell."""
    return np.sort(np.random.default_rng(seed).permutation(n)[:MOST_ROWS])
