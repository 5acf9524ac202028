"""Rule schemes as expressions: the learned thresholds and the tables of cells, for any engine that Ibis compiles to.

This must say the same as `rules.py` and `rule_placements.py` say with arrays; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np

from patron.ground.errors import InputError
from patron.segments import rows as columns_of
from patron.segments.definitions import Ladders
from patron.segments.methods.lifecycle import STAGES
from patron.segments.methods.personal_cadence import FEWEST_ORDERS, OVERDUE, OVERDUE_FROM_GAPS, UNKNOWN, WITHIN
from patron.segments.methods.quantile_scores import QuantileScorer
from patron.segments.rules import Rules
from patron.segments.schemes import GridScheme, Scheme
from patron.segments.scores import Money, Scorers

CELL, RESCUED, RHYTHM, POSITION = "cell", "rescued_cell", "rhythm", "position"
_CLOSE, _TINY = 1e-5, 1e-8  # what NumPy's isclose calls equal


@dataclass(frozen=True, slots=True)
class ScoreColumns:
    """R, F and M of a feature table, from 1; 0 where there is none."""

    r: ir.IntegerValue
    f: ir.IntegerValue
    m: ir.IntegerValue


def scored(scorers: Scorers, known: ir.Table) -> ScoreColumns:
    """Score a feature table by learned thresholds."""
    r = _score(scorers.r, known[columns_of.DAYS])
    f = _score(scorers.f, known[columns_of.ORDERS].nullif(0.0))
    has_both = (r > 0) & (f > 0)
    money = money_of(known, scorers.scale.money)
    m = ibis.literal(0) if scorers.m is None or money is None else _score(scorers.m, money)
    return ScoreColumns(*(has_both.ifelse(it, 0) for it in (r, f, m)))


def columns(scheme: Scheme, rules: Rules, ladders: Ladders, known: ir.Table) -> dict[str, ir.IntegerValue]:
    """Return what a scheme's position is read off: the cell of scores as one number, or the position itself."""
    if isinstance(scheme, GridScheme) and scheme.reads != "high_low":
        return _cells(rules, scheme, known)
    if isinstance(scheme, GridScheme):
        return {CELL: _high_low(rules, scheme, known)}
    return {POSITION: _stage(ladders, known) if scheme.reads == "lifecycle" else _tier(ladders, scheme, known)}


def positions(scheme: Scheme, scored: ir.Table) -> ir.IntegerValue:
    """Return each row's position in a scheme's card; the last one is for those who never ordered.

    Args:
        scheme: the one whose `columns` are in the table.
        scored: those columns and the scores.
    """
    if scheme.reads == "lifecycle":
        return scored[POSITION]
    found = _looked_up(scheme, scored) if isinstance(scheme, GridScheme) else scored[POSITION]
    return scored.r_score.notnull().ifelse(found, len(scheme.card.segments))


def money_of(known: ir.Table, money: Money) -> ir.FloatingValue | None:
    """Return the column that M is read off; None where the shop has no money.

    Raises:
        InputError: it is the forecast, which the feature table does not hold.
    """
    if money == "predicted" and columns_of.PREDICTED not in known.columns:
        raise InputError(
            "The scheme reads predicted_clv, which a feature table does not hold.\n"
            f"Next: join the run's forecasts to it under the name {columns_of.PREDICTED}, or take a scheme by history."
        )
    name = {"total": columns_of.MONEY, "mean_order": columns_of.ORDER_VALUE, "predicted": columns_of.PREDICTED}[money]
    return known[name] if name in known.columns else None


def _score(scorer: QuantileScorer, value: ir.NumericValue) -> ir.IntegerValue:
    above = _above(value, [float(edge) for edge in scorer.thresholds_[0]])
    found = above + 1 if scorer.higher_is_better else scorer.n_scores - above
    return value.isnull().ifelse(0, found)


def _above(value: ir.NumericValue, edges: Sequence[float]) -> ir.IntegerValue:
    """Return how many of the ascending edges a value lies above."""
    return ibis.cases(*((value > edge, i) for i, edge in reversed(list(enumerate(edges, start=1)))), else_=0)


def _cells(rules: Rules, scheme: GridScheme, known: ir.Table) -> dict[str, ir.IntegerValue]:
    found = scored(rules.scorers[rules.scale_of(scheme)], known)
    r, f = ibis.greatest(found.r, 1), ibis.greatest(found.f, 1)
    m = (found.m > 0).ifelse(found.m, f)
    if rules.one_order_cap and scheme.has_one_order_cap:
        once = known[columns_of.ORDERS] == 1
        f, m = once.ifelse(1, f), once.ifelse(1, m)
    cells = {CELL: r * 100 + f * 10 + m}
    if scheme.at_risk is None or not rules.personal_cadence or columns_of.GAP not in known.columns:
        return cells
    middle = (scheme.n_scores + 1) // 2
    silence, usual = known[columns_of.DAYS], known[columns_of.GAP]
    has_rhythm = ((known[columns_of.ORDERS] >= FEWEST_ORDERS) & (usual > 0)).fill_null(False)
    overdue = has_rhythm & (silence >= OVERDUE_FROM_GAPS * usual) & (r >= middle)
    within = has_rhythm & (silence <= usual) & (r < middle)
    rescued = ibis.greatest(r, middle) * 100 + f * 10 + m
    return cells | {RHYTHM: ibis.cases((overdue, OVERDUE), (within, WITHIN), else_=UNKNOWN), RESCUED: rescued}


def _high_low(rules: Rules, scheme: GridScheme, known: ir.Table) -> ir.IntegerValue:
    limits, worth = rules.high_low, money_of(known, rules.money)
    if limits is None:
        raise InputError(f"{scheme.card.key} needs money, which this shop does not have.\nNext: take another scheme.")
    r = _flag(known[columns_of.DAYS] <= limits.days)
    f = _flag(known[columns_of.ORDERS] >= limits.orders)
    m = ibis.literal(0) if worth is None else _flag(worth >= limits.money)
    return r * 100 + f * 10 + m


def _looked_up(scheme: GridScheme, scored: ir.Table) -> ir.IntegerValue:
    placed = _segment_of(scheme, scored[CELL])
    if RHYTHM not in scored.columns or scheme.at_risk is None:
        return placed
    rescued = _segment_of(scheme, scored[RESCUED])
    kept = (rescued == scheme.at_risk).ifelse(placed, rescued)
    return ibis.cases((scored[RHYTHM] == OVERDUE, scheme.at_risk), (scored[RHYTHM] == WITHIN, kept), else_=placed)


def _segment_of(scheme: GridScheme, cell: ir.IntegerValue) -> ir.IntegerValue:
    """Read the table of cells, whose three scores are the digits of `cell`; the largest segment is what is left."""
    lowest = 0 if scheme.reads == "high_low" else 1
    cells: dict[int, list[int]] = {}
    for scores, segment in np.ndenumerate(scheme.table.segments):
        r, f, m = (score + lowest for score in scores)
        cells.setdefault(int(segment), []).append(100 * r + 10 * f + m)
    largest = max(cells, key=lambda segment: len(cells[segment]))
    others = [(cell.isin(mine), segment) for segment, mine in cells.items() if segment != largest]
    return ibis.cases(*others, else_=largest) if others else ibis.literal(largest)


def _stage(ladders: Ladders, known: ir.Table) -> ir.IntegerValue:
    days, silence = ladders.lifecycle, known[columns_of.DAYS]
    has_ordered = (known[columns_of.ORDERS] > 0).fill_null(False) & silence.notnull()
    return ibis.cases(
        (~has_ordered, STAGES.index("prospect")),
        (silence > days.churned_after_days, STAGES.index("churned")),
        (silence > days.dormant_after_days, STAGES.index("dormant")),
        (silence > days.at_risk_after_days, STAGES.index("at_risk")),
        (known[columns_of.TENURE] <= days.at_risk_after_days, STAGES.index("new")),
        (_last_gap_is_above(known, days.dormant_after_days), STAGES.index("reactivated")),
        else_=STAGES.index("active"),
    )


def _last_gap_is_above(known: ir.Table, days: float) -> ir.BooleanValue:
    if columns_of.GAP not in known.columns or columns_of.LONGEST_GAP not in known.columns:
        return ibis.literal(False)
    mean, longest = known[columns_of.GAP], known[columns_of.LONGEST_GAP]
    is_last = (mean - longest).abs() <= _TINY + _CLOSE * longest.abs()
    return (is_last & (longest > days)).fill_null(False)


def _tier(ladders: Ladders, scheme: Scheme, known: ir.Table) -> ir.IntegerValue:
    name: dict[str, Money] = {"predicted_clv": "predicted", "net_revenue": "total"}
    worth = money_of(known, name[ladders.tier_by]) if ladders.tier_by in name else known[columns_of.ORDERS]
    edges = ladders.tier_edges if scheme.reads == "value_tiers" else ladders.percentile_edges
    value = ibis.literal(0.0) if worth is None else worth.fill_null(0.0)
    reached = [(value >= edge, i) for i, edge in enumerate(map(float, edges))]
    return ibis.cases(*reached, else_=len(edges))


def _flag(condition: ir.BooleanValue) -> ir.IntegerValue:
    return condition.fill_null(False).ifelse(1, 0)
