"""The judgement of forecasts: rolling origins, a held-out newest one, every contender beside the naive formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from patron.forecasts.champions import Champion, choose
from patron.forecasts.contenders import TARGETS
from patron.forecasts.habits import Gap, gaps
from patron.forecasts.intervals import Coverage, Intervals, learn_intervals, measure_coverage
from patron.forecasts.judgement import Judgement, judge
from patron.forecasts.leaks import insist_no_leak
from patron.forecasts.levels import Level
from patron.forecasts.margin import JudgedMargin, judge_margin
from patron.forecasts.process_coverage import measure_process_coverage
from patron.forecasts.rows import draw, read_rows
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
        raise NotEnoughData(
            f"No past date can judge a {horizon_days}-day forecast: "
            + " ".join(f"{refusal.what} has {refusal.why}" for refusal in refusals)
            + "\nRefused: every judged forecast and every interval. Next: collect a longer history, or choose a "
            "shorter horizon.",
            "no_origin",
            days=horizon_days,
            least_customers=spec.least_customers,
            least_buyers=spec.least_buyers,
        )
    found = [choose(trials, target, spec, seed) for target in TARGETS]
    champions = tuple(champion for champion in found if champion is not None)
    money = next((champion.model for champion in champions if champion.target == "net_revenue"), None)
    return Backtest(
        horizon_days,
        spec,
        trials,
        tuple(judgement for target in TARGETS for judgement in judge(trials[-1], target, spec, seed)),
        champions,
        () if money is None else measure_coverage(trials, money, spec, seed),
        measure_process_coverage(trials[-1], spec, horizon_days, seed),
        levels_for(trials[-1].origin + timedelta(days=horizon_days), trials, horizon_days),
        None if money is None else learn_intervals(trials, money, spec),
        (*refusals, *_limits(trials, money)),
        _gaps(trials[-1], champions, spec, seed),
        judge_margin(trials, money, drawn, spec, horizon_days, seed),
        seasons or {},
    )


def _gaps(holdout: Trial, champions: Sequence[Champion], spec: ForecastSpec, seed: int) -> tuple[Gap, ...]:
    model = next((champion.model for champion in champions if champion.target == "active"), None)
    return () if model is None else gaps(holdout, model, spec, seed)


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
