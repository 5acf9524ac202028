"""The judgement of the margin: the dates, the customers and the measures of the money, on what the money left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.forecasts.champions import Champion, Errors, crown
from patron.forecasts.contenders import NAIVE, Prediction
from patron.forecasts.grades import Grade, grade
from patron.forecasts.intervals import Coverage, Intervals, learn_intervals, measure_coverage
from patron.forecasts.judgement import Judgement, judge, losses
from patron.forecasts.margin.contenders import FORMULAS, KINDS, Share, has_costs
from patron.forecasts.rows import WINDOW, FloatArray
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Trial
from patron.ground.seeds import derive

FUTURE_MARGIN = "future_margin"


@dataclass(frozen=True, slots=True)
class JudgedMargin:
    """Who is used for margin, its measures at the held-out origin, and the intervals of the next forecast."""

    champion: Champion
    judgements: tuple[Judgement, ...]
    coverage: tuple[Coverage, ...]
    intervals: Intervals | None
    grade: Grade


def judge_margin(
    judged: Sequence[Trial], money: str | None, labelled: pa.Table, spec: ForecastSpec, horizon_days: int, seed: int
) -> JudgedMargin | None:
    """Judge every way to say margin at the origins of the money; None where no costs or no money are known.

    At an origin the shares are learned from histories before it; the money is what the backtest said there.

    Args:
        judged: the past dates with what every contender said of money there.
        money: the champion of money; None where none was judged.
        labelled: the rows that were backtested, with `future_margin`.
        spec: the spec of the backtest.
        horizon_days: length of the windows.
        seed: the Plan's seed.
    """
    if money is None or FUTURE_MARGIN not in labelled.column_names:
        return None
    found = [_of_margin(trial, money, labelled, horizon_days) for trial in judged]
    trials = [trial for trial in found if trial is not None]
    if not trials or found[-1] is None:
        return None
    errors = [Errors(name, tuple(_losses(trial, name) for trial in trials)) for name in trials[-1].said]
    ids = [trial.rows.customer_id for trial in trials]
    crowned = crown(errors, ids, spec, derive(seed, "margin"), FORMULAS)
    champion = Champion(crowned.model, crowned.formula, crowned.difference, crowned.reason, "net_revenue")
    judgements = judge(trials[-1], "net_revenue", spec, derive(seed, "margin"))
    coverage = measure_coverage(trials, champion.model, spec, derive(seed, "margin"))
    graded = (
        Grade("D", f"{champion.model} is a formula: {champion.reason}")
        if champion.model in FORMULAS
        else grade(champion, judgements, coverage, len(trials))
    )
    return JudgedMargin(champion, judgements, coverage, learn_intervals(trials, champion.model, spec), graded)


def _of_margin(trial: Trial, money: str, labelled: pa.Table, horizon_days: int) -> Trial | None:
    """Return the trial with margin in the place of money: what came, and what each contender would have said."""
    if not has_costs(trial.rows) or money not in trial.said:
        return None
    said = {}
    for name, kind in KINDS.items():
        of_money = trial.said[NAIVE if kind.naive_money else money]
        if of_money.net_revenue is not None:
            share = Share.learn(trial.rows, kind.doubt).of(trial.rows)
            said[name] = Prediction(of_money.net_revenue * share, of_money.orders, of_money.active)
    rows = replace(trial.rows, future_revenue=_came(trial, labelled, horizon_days))
    return Trial(trial.origin, rows, said, said)


def _came(trial: Trial, labelled: pa.Table, horizon_days: int) -> FloatArray:
    mine = pc.equal(labelled["as_of"], pa.scalar(trial.origin, pa.date32()))
    if WINDOW in labelled.column_names:
        mine = pc.and_(mine, pc.equal(labelled[WINDOW], float(horizon_days)))
    window = labelled.filter(mine)
    place = pc.index_in(trial.rows.customer_id, value_set=window["customer_id"].combine_chunks())
    came: FloatArray = window[FUTURE_MARGIN].take(place).to_numpy().astype(np.float64)
    return came


def _losses(trial: Trial, name: str) -> FloatArray | None:
    said = trial.said[name].net_revenue if name in trial.said else None
    if said is None or trial.rows.future_revenue is None:
        return None
    return losses("net_revenue", np.nan_to_num(trial.rows.future_revenue), said)
