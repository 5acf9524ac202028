"""What the backtest says, as the published tables `quality` and `calibration`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from patron import measures
from patron.contracts.published import CALIBRATION, QUALITY, SAME_ORIGIN, SHOP_A_YEAR_AGO, YEAR_BEFORE
from patron.forecasts.contenders import NAIVE, TARGETS
from patron.forecasts.grades import POINTS, Grade, grade
from patron.forecasts.habits import Gap
from patron.forecasts.intervals import Coverage
from patron.forecasts.judgement import BETTER, IDEAL, Judgement, outcome
from patron.forecasts.margin import evaluate_margin
from patron.forecasts.quality import Backtest
from patron.forecasts.seasons import LastYear
from patron.forecasts.spec import ForecastSpec

_ROOM = "forecasts"
_WORDS = {"A": "good", "B": "good", "C": "fair", "D": "info"}
_GOOD, _FAIR = 0.02, 0.05  # how far measured coverage may lie from the stated level


def evaluate(backtest: Backtest) -> pa.Table:
    """Return the judgements as rows of the `quality` table.

    One row per measure × target × model at the held-out origin, one per champion and its grade (4 = A to
    1 = D), one per coverage (and one per coverage of the purchase process's own intervals), one per refusal,
    `calibration_error` of the chances of customers with one order and with several: mean chance less the share who
    ordered, `year_before`: the amount per customer that forecasts of a day were drawn to, and `shop_a_year_ago`:
    what everyone brought in then.
    `slice` reads `{horizon}d/{target}/{model}`; `baseline` is the naive formula's value of the same measure.
    """
    used = {(champion.target, champion.model) for champion in backtest.champions}
    days = f"{backtest.horizon_days}d"
    rows = [
        _row(
            it.measure,
            f"{days}/{it.target}/{it.model}",
            it.value,
            it.lower,
            it.upper,
            it.baseline,
            _verdict(it, used=(it.target, it.model) in used),
        )
        for it in backtest.judgements
    ]
    for champion in backtest.champions:
        lead = champion.difference
        numbers = (lead.value, lead.lower, lead.upper) if lead else (None, None, None)
        word = "good" if champion.model not in (NAIVE, champion.formula) else "info"
        rows.append(
            _row("champion", f"{days}/{champion.target}", *numbers, 0.0, f"{word}: {champion.model}. {champion.reason}")
        )
        judged_by = backtest.active_trials if champion.target == "churn" else backtest.trials
        graded = grade(champion, backtest.judgements, backtest.coverage, len(judged_by))
        rows.append(_grade_row(graded, f"{days}/{champion.target}"))
    rows += [_gap_row(it, days) for it in backtest.gaps]
    rows += [row for day, it in backtest.seasons.items() for row in _season_rows(it, day, days)]
    rows += [_coverage_row(it, days, backtest.spec) for it in backtest.coverage]
    rows += [_process_row(it, days, backtest.spec) for it in backtest.process_coverage]
    rows += [
        {
            **_row(f"refused {i + 1}", f"{days}/{it.what}", None, None, None, None, f"refused: {it.why}"),
            "reason": json.dumps({"key": it.key, **it.numbers}) if it.key else None,
        }
        for i, it in enumerate(backtest.refusals)
    ]
    judged = QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema))
    margin = backtest.margin
    return judged if margin is None else pa.concat_tables([judged, evaluate_margin(margin, backtest.horizon_days)])


def held_out(backtest: Backtest) -> pa.Table:
    """Return what the champion said of the customers of the held-out origin, in money (in orders, without money).

    Columns `customer_id`, `as_of` and `held_out_forecast`, of the window [as_of, as_of + horizon_days). Nothing that
    came after the origin went into it but the choice of the champion.
    """
    trial = backtest.trials[-1]
    champion = backtest.champion("net_revenue") or backtest.champion("orders")
    said = None if champion is None else trial.said[champion.model].of(champion.target)
    return pa.table(
        {
            "customer_id": trial.rows.customer_id,
            "as_of": pa.array([trial.origin] * len(trial.rows), pa.date32()),
            "held_out_forecast": pa.nulls(len(trial.rows), pa.float64()) if said is None else pa.array(said),
        }
    )


def calibration(backtest: Backtest) -> pa.Table:
    """Return the deciles of every contender's forecasts at the held-out origin, for calibration and lift charts."""
    tables, judged = [], [(target, backtest.trials[-1]) for target in TARGETS]
    judged += [("churn", trial) for trial in backtest.active_trials[-1:]]
    for target, trial in judged:
        actual = outcome(trial.rows, target)
        for name, said in trial.said.items():
            predicted = said.of(target)
            if actual is None or predicted is None:
                continue
            table = measures.calibration_table(np.nan_to_num(actual), predicted)
            total = table.mean_actual * table.count
            n = table.count.size
            tables.append(
                pa.table(
                    {
                        "horizon_days": np.full(n, backtest.horizon_days),
                        "target": [target] * n,
                        "model": [name] * n,
                        "decile": np.arange(1, n + 1),
                        "customer_count": table.count,
                        "mean_predicted": table.mean_predicted,
                        "mean_actual": table.mean_actual,
                        "cumulative_share": np.cumsum(total[::-1])[::-1] / (total.sum() or 1.0),
                        "origin": [trial.origin] * n,
                    }
                )
            )
    return CALIBRATION.check(pa.concat_tables(tables)) if tables else CALIBRATION.empty()


def _row(*cells: Any) -> Mapping[str, Any]:
    names = ("measure", "slice", "value", "lower", "upper", "baseline", "verdict")
    plain = [None if isinstance(cell, float) and not np.isfinite(cell) else cell for cell in cells]
    return {"room": _ROOM, **dict(zip(names, plain, strict=True))}


def _verdict(it: Judgement, *, used: bool) -> str:
    if not np.isfinite(it.value):
        return "info: not defined on these customers"
    if not used:
        return "info: not used"
    if it.model == NAIVE:
        return "fair: the naive formula itself is used"
    direction, ideal = BETTER[it.measure], IDEAL.get(it.measure, 1.0)
    ours, naive = (it.value, it.baseline) if direction else (-abs(it.value - ideal), -abs(it.baseline - ideal))
    lead = (ours - naive) * (direction or 1)
    if lead > 0:
        return "good: better than the naive formula"
    return "fair: as good as the naive formula" if lead == 0 else "poor: worse than the naive formula"


def _grade_row(graded: Grade, where: str) -> Mapping[str, Any]:
    word = _WORDS[graded.letter]
    why = f"; {graded.reason}" if graded.reason else ""
    return _row("grade", where, POINTS[graded.letter], None, None, None, f"{word}: {graded.letter}{why}")


def _season_rows(it: LastYear, day: date, days: str) -> list[Mapping[str, Any]]:
    drawn = f"info: a customer, by the same window of the year before; forecasts of {day} are drawn to it"
    taken = f"info: everyone in the window of a year before that of {day}"
    told = [(YEAR_BEFORE, "orders", it.orders, drawn), (YEAR_BEFORE, "net_revenue", it.net_revenue, drawn)]
    told += [(SHOP_A_YEAR_AGO, "orders", it.shop_orders, taken)]
    told += [(SHOP_A_YEAR_AGO, "net_revenue", it.shop_net_revenue, taken)]
    return [
        _row(measure, f"{days}/{target}/{day}", value, None, None, None, said)
        for measure, target, value, said in told
        if value is not None
    ]


def _gap_row(it: Gap, days: str) -> Mapping[str, Any]:
    said = f"{it.word}: mean chance less the share who ordered, of {it.customers} customers"
    row = _row("calibration_error", f"{days}/active/{it.group}", it.it.value, it.it.lower, it.it.upper, it.naive, said)
    return {**row, "reason": json.dumps({"key": "calibrated_on", "customers": it.customers})}


def _coverage_row(it: Coverage, days: str, spec: ForecastSpec) -> Mapping[str, Any]:
    off = abs(it.value - it.promised)
    word = "good" if off <= _GOOD else "fair" if off <= _FAIR else "poor"
    where = "all" if it.tier is None else f"quarter {it.tier} of 4 by forecast"
    said = f"{word}: {it.value:.1%} of outcomes inside {it.level:.0%} intervals{_beyond(it)}; {it.how}"
    measure = _coverage_measure(it, spec)
    key = "same_origin" if it.how == SAME_ORIGIN else "earlier_origins"
    row = _row(measure, f"{days}/net_revenue/{where}", it.value, it.lower, it.upper, it.level, said)
    return {**row, "reason": json.dumps({"key": key, "promised": round(it.promised, 4)})}


def _process_row(it: Coverage, days: str, spec: ForecastSpec) -> Mapping[str, Any]:
    measure = f"process_{_coverage_measure(it, spec)}"
    said = f"info: not used: {it.value:.1%} of outcomes inside the {it.level:.0%} intervals of {it.how} itself"
    return _row(measure, f"{days}/net_revenue/{it.how}", it.value, it.lower, it.upper, it.level, f"{said}{_beyond(it)}")


def _coverage_measure(it: Coverage, spec: ForecastSpec) -> str:
    return "interval_coverage" if it.level == spec.interval_levels[0] else "wide_interval_coverage"


def _beyond(it: Coverage) -> str:
    """Return what to expect instead where so many buy nothing that the level cannot be met."""
    if it.promised - it.level < _GOOD:
        return ""
    return f" ({it.promised:.1%} expected: more buy nothing than an interval of {it.level:.0%} can leave out)"
