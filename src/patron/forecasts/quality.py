"""The judgement of forecasts: rolling origins, a held-out newest one, every contender beside the naive formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from patron.forecasts.champions import Champion, choose
from patron.forecasts.churn import active_trials, chance_of_order, ordered_lately
from patron.forecasts.contenders import NAIVE, TARGETS, Target
from patron.forecasts.habits import Gap, gaps
from patron.forecasts.intervals import Coverage, Intervals, learn_intervals, measure_coverage
from patron.forecasts.judgement import Judgement, judge
from patron.forecasts.leaks import insist_no_leak
from patron.forecasts.levels import Level
from patron.forecasts.margin import JudgedMargin, judge_margin
from patron.forecasts.next_order.judging import judge_next_order
from patron.forecasts.process_coverage import measure_process_coverage
from patron.forecasts.rows import FloatArray, draw, read_rows
from patron.forecasts.seasons import LastYear
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Refusal, Trial, levels_for, run_trials
from patron.ground.errors import NotEnoughData


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the past says about every contender; the last of `trials` is the holdout.

    `levels` and `intervals` are what the next forecast may use: they know every window that has come due, the holdout's
    included, and are therefore never used to judge it.
    """

    horizon_days: int
    spec: ForecastSpec
    trials: tuple[Trial, ...]
    judgements: tuple[Judgement, ...]
    champions: tuple[Champion, ...]
    coverage: tuple[Coverage, ...]
    process_coverage: tuple[Coverage, ...]  # of the purchase process's own distribution, which is not used
    levels: dict[str, Level]
    intervals: Intervals | None
    refusals: tuple[Refusal, ...]
    gaps: tuple[Gap, ...] = ()  # of the chances, by whether customers had come back
    margin: JudgedMargin | None = None  # where costs are known
    seasons: Mapping[date, LastYear] = field(default_factory=dict)
    active_trials: tuple[Trial, ...] = ()  # over the active customers alone, for churn

    @property
    def holdout(self) -> date:
        """The newest origin, on which every judgement is made."""
        return self.trials[-1].origin

    @property
    def origins(self) -> tuple[date, ...]:
        """Every judged origin, oldest first."""
        return tuple(trial.origin for trial in self.trials)

    def champion(self, target: str) -> Champion | None:
        """Return the champion of one target; None when the data could not judge it."""
        return next((champion for champion in self.champions if champion.target == target), None)


def backtest(
    labelled: pa.Table,
    spec: ForecastSpec,
    *,
    horizon_days: int,
    seed: int,
    seasons: Mapping[date, LastYear] | None = None,
) -> Backtest:
    """Let every contender forecast from every past origin, and judge them on the newest.

    At each origin a contender learns only from rows whose whole outcome window ended on or before it.

    Args:
        labelled: one row per (customer_id, as_of): features as of that day, `future_order_count` and, for shops with
            money, `future_net_revenue` over [as_of, as_of + horizon_days). With a column `window_days` the windows of
            some rows may be shorter: those are learned from and not judged.
        spec: who competes and how surely to speak.
        horizon_days: length of the outcome windows in `labelled`.
        seed: the Plan's seed.
        seasons: what the year before leads to expect at the origins and today, where it does.

    Raises:
        EmptyInput, MissingColumns: `labelled` is not such a table.
        LeakFound: a feature all but determines an outcome.
        NotEnoughData: no origin has enough customers and buyers to judge a forecast.
    """
    drawn = draw(labelled, spec.most_customers, seed)
    rows = read_rows(drawn, where="forecasts.backtest", labelled=True, window_days=horizon_days)
    rows = rows.where(rows.has_history)
    insist_no_leak(rows.where(rows.window_days == horizon_days), horizon_days, where="forecasts.backtest")
    trials, refusals = run_trials(rows, spec, horizon_days, seasons or {}, seed)
    if not trials:
        raise _no_origin(refusals, horizon_days, spec)
    alone, too_few_active = active_trials(trials, horizon_days, spec)
    judged: list[tuple[Target, tuple[Trial, ...]]] = [(target, trials) for target in TARGETS]
    judged += [("churn", alone)] if alone else []
    found = [choose(past, target, spec, seed) for target, past in judged]
    champions = tuple(champion for champion in found if champion is not None)
    chances = [_chance(trial, champions, horizon_days) for trial in trials]
    timed = judge_next_order(trials, chances, rows, spec, seed)
    money = next((champion.model for champion in champions if champion.target == "net_revenue"), None)
    judgements = [judgement for target, past in judged for judgement in judge(past[-1], target, spec, seed)]
    return Backtest(
        horizon_days=horizon_days,
        spec=spec,
        trials=trials,
        judgements=(*judgements, *(timed.judgements if timed else ())),
        champions=(*champions, *((timed.champion,) if timed else ())),
        coverage=() if money is None else measure_coverage(trials, money, spec, seed),
        process_coverage=measure_process_coverage(trials[-1], spec, horizon_days, seed),
        levels=levels_for(trials[-1].origin + timedelta(days=horizon_days), trials, horizon_days),
        intervals=None if money is None else learn_intervals(trials, money, spec),
        refusals=(*refusals, *(timed.refusals if timed else ()), *too_few_active, *_limits(trials, money)),
        gaps=gaps(trials[-1], chances[-1], spec, seed),
        margin=judge_margin(trials, money, drawn, spec, horizon_days, seed),
        seasons=seasons or {},
        active_trials=alone,
    )


def _no_origin(refusals: Sequence[Refusal], horizon_days: int, spec: ForecastSpec) -> NotEnoughData:
    return NotEnoughData(
        f"No past date can judge a {horizon_days}-day forecast: "
        + " ".join(f"{refusal.what} has {refusal.why}" for refusal in refusals)
        + "\nRefused: every judged forecast and every interval. Next: collect a longer history, or choose a "
        "shorter horizon.",
        "no_origin",
        days=horizon_days,
        least_customers=spec.least_customers,
        least_buyers=spec.least_buyers,
    )


def _chance(trial: Trial, champions: Sequence[Champion], horizon_days: int) -> FloatArray:
    """Return the chance of an order as it would have been published at that date."""
    used = {champion.target: champion.model for champion in champions}
    there = {target: name for target, name in used.items() if name in trial.said}
    chance = chance_of_order(trial.said, {"active": NAIVE, **there}, ordered_lately(trial.rows, horizon_days))
    return np.zeros(len(trial.rows)) if chance is None else chance


def _limits(trials: Sequence[Trial], money: str | None) -> list[Refusal]:
    limits = []
    if len(trials) == 1:
        limits.append(
            Refusal("level_and_coverage", "only one past origin can be judged; two are needed.", "one_origin")
        )
    if money is None:
        limits.append(
            Refusal("predicted_clv", "the data hold no net revenue; orders and churn are forecast.", "no_money")
        )
    return limits
