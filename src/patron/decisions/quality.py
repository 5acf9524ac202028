"""The judgement of a plan: is the budget kept, is the holdout fair, what may it bring, and could the effect be seen?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from patron.contracts.published import DECISIONS, QUALITY
from patron.decisions.candidates import absent_needs, by_assumption
from patron.decisions.methods.allocation import NONE, allocate
from patron.decisions.methods.experiment import minimum_detectable_effect, share_interval
from patron.decisions.methods.holdout import uniform_draws
from patron.decisions.model import Thinking, think
from patron.decisions.playbook import Action, Playbook
from patron.decisions.spec import DecisionSpec

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_ALL = "all"
_ROUNDING = 1e-9  # relative


def evaluate(
    decisions: pa.Table, customers: pa.Table, playbook: Playbook, spec: DecisionSpec, *, seed: int
) -> pa.Table:
    """Judge the decisions made from the same customers, playbook, spec and seed.

    Args:
        decisions: what `decide` returned.
        customers: what it was given.
        playbook: the same.
        spec: the same.
        seed: the same.

    Returns:
        Rows of the `quality` table. `slice` is "all" or an action's key. Measures: `cost` (baseline: the budget),
        `holdout_share` with its 95 % interval (baseline: the share asked for), `customers` per action (baseline: for
        how many it makes sense), `expected_margin` between the lower and upper ends of every assumed uplift (baseline:
        the playbook's priorities alone, at the same budget), `assumed_uplift_share`, `minimum_detectable_uplift`
        (baseline: the expected uplift), and `refused` for each action that the shop's data cannot support.
    """
    made = DECISIONS.check(decisions)
    thought = think(customers, playbook, spec, seed)
    rows = [*_rows(made, thought, playbook, spec)] if made.num_rows else []
    return QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema))


def _rows(decisions: pa.Table, thought: Thinking, playbook: Playbook, spec: DecisionSpec) -> Iterator[dict[str, Any]]:
    yield _cost(float(np.sum(decisions["cost"].to_numpy())), spec)
    yield _holdout(np.asarray(decisions["arm"].to_numpy()) == "holdout", spec)
    served = _treated(thought)
    yield from _expected(thought, playbook, spec, served)
    yield from _per_action(thought, playbook, served)
    yield _below_floor(thought, spec)
    if served.size:
        yield _assumed(thought, playbook, served)
        yield _detectable(thought, playbook)


def _cost(spent: float, spec: DecisionSpec) -> dict[str, Any]:
    if spec.budget is None:
        return _row("cost", _ALL, spent, verdict="info: no budget is set, everything that pays is done")
    kept = spent <= spec.budget * (1.0 + _ROUNDING)
    return _row(
        "cost", _ALL, spent, baseline=spec.budget, verdict="good: within the budget" if kept else "poor: over it"
    )


def _holdout(out: BoolArray, spec: DecisionSpec) -> dict[str, Any]:
    lower, upper = share_interval(int(out.sum()), out.size)
    fair = lower <= spec.holdout_share <= upper
    verdict = "good: as asked for, within chance" if fair else "fair: further from what was asked than chance explains"
    numbers = (float(out.mean()), lower, upper)
    return _row("holdout_share", _ALL, *numbers, baseline=spec.holdout_share, verdict=verdict)


def _treated(thought: Thinking) -> IntArray:
    """Return the pairs, among those that are worth it, of customers who really get their action."""
    pair: IntArray = thought.allocation.pair
    served: IntArray = pair[(pair != NONE) & ~thought.held_out]
    return served


def _expected(thought: Thinking, playbook: Playbook, spec: DecisionSpec, served: IntArray) -> Iterator[dict[str, Any]]:
    """Say what the plan may bring. The ends assume every uplift at its end at once: wider than chance alone."""
    if not np.isfinite(thought.worthwhile.margin[served]).any():
        why = "no amounts or no forecasts, so no money can be expected; the playbook's priorities decide"
        yield _row("expected_margin", _ALL, verdict=f"refused: {why}")
        return
    ends = [
        by_assumption(thought.worthwhile, playbook, thought.worth, spec, end).margin[served]
        for end in ("lower", "upper")
    ]
    mean, action = thought.worthwhile.margin[served], thought.worthwhile.action[served]
    total = [float(np.nansum(values)) for values in (mean, *ends)]
    verdict = "good: pays even at the lower ends" if total[1] > 0 else "fair: at the lower ends it would lose money"
    yield _row("expected_margin", _ALL, *total, baseline=_by_priority(thought, spec), verdict=f"{verdict}; assumed")
    for i in np.unique(action[np.isfinite(mean)]):
        numbers = [float(np.nansum(values[action == i])) for values in (mean, *ends)]
        yield _row(
            "expected_margin", playbook.actions[i].key, *numbers, verdict=f"info: {_source(playbook.actions[i])}"
        )


def _by_priority(thought: Thinking, spec: DecisionSpec) -> float:
    """Return the margin of the plan that the playbook's priorities alone would make at the same budget."""
    blind = replace(thought.possible, margin=np.full(len(thought.possible), np.nan))
    draw = uniform_draws(thought.customers.ids, "by-priority")
    budget = np.inf if spec.budget is None else spec.budget
    plan = allocate(blind, len(thought.customers), budget, ~thought.held_out, draw).pair
    return float(np.nansum(thought.possible.margin[plan[(plan != NONE) & ~thought.held_out]]))


def _per_action(thought: Thinking, playbook: Playbook, served: IntArray) -> Iterator[dict[str, Any]]:
    possible = np.bincount(thought.possible.action, minlength=len(playbook.actions))
    treated = np.bincount(thought.worthwhile.action[served], minlength=len(playbook.actions))
    conditions = playbook.conditions()
    for i, action in enumerate(playbook.actions):
        lacking = absent_needs(action, thought.customers)
        if not possible[i]:
            lacking = lacking or tuple(sorted(conditions[i].columns & thought.customers.absent))
        if lacking:
            why = f"refused: needs {', '.join(lacking)}, which this shop's data do not hold"
            reason = json.dumps({"key": "lacks", "columns": list(lacking)})
            yield _row("refused", action.key, verdict=why) | {"reason": reason}
            continue
        verdict = "info: of those for whom it makes sense" if possible[i] else "fair: makes sense for nobody"
        yield _row("customers", action.key, float(treated[i]), baseline=float(possible[i]), verdict=verdict)


def _below_floor(thought: Thinking, spec: DecisionSpec) -> dict[str, Any]:
    """Count the customers for whom an action pays and none brings enough for its cost."""
    paid = np.unique(thought.paying.customer)
    left = float(paid.size - np.unique(thought.worthwhile.customer).size)
    asked = f"{spec.least_return:g} × cost and {spec.least_margin * spec.cost_factor:g} a customer"
    why = f"info: left alone, because no action brings {asked}, net of cost"
    row = _row("below_floor", _ALL, left, baseline=float(paid.size), verdict=why)
    return row | {"reason": json.dumps({"key": "too_little"})}


def _assumed(thought: Thinking, playbook: Playbook, served: IntArray) -> dict[str, Any]:
    assumed = np.array([action.uplift.source.startswith("assumed") for action in playbook.actions])
    share = float(assumed[thought.worthwhile.action[served]].mean())
    said = "info: these effects are assumed, not measured yet" if share else "good: every effect was measured"
    return _row("assumed_uplift_share", _ALL, share, verdict=said)


def _detectable(thought: Thinking, playbook: Playbook) -> dict[str, Any]:
    pair = thought.allocation.pair
    acted = pair != NONE
    chosen = pair[acted]
    who, action = thought.worthwhile.customer[chosen], thought.worthwhile.action[chosen]
    p = np.empty(who.size)
    for i in np.unique(action):
        p[action == i] = thought.worth.order_probability(who[action == i], playbook.actions[i].measurement_days)
    out = int((acted & thought.held_out).sum())
    effect = minimum_detectable_effect(p, int(acted.sum()) - out, out)
    expected = float(thought.worthwhile.uplift[chosen].mean())
    if not np.isfinite(effect):
        return _row("minimum_detectable_uplift", _ALL, verdict="refused: nobody is held out, no effect can be measured")
    seen = "good: the expected effect can be seen" if effect <= expected else "fair: smaller effects stay unseen"
    return _row("minimum_detectable_uplift", _ALL, effect, baseline=expected, verdict=seen)


def _source(action: Action) -> str:
    return f"the uplift is {action.uplift.source}"


def _row(
    measure: str,
    of: str,
    value: float | None = None,
    lower: float | None = None,
    upper: float | None = None,
    *,
    baseline: float | None = None,
    verdict: str,
) -> dict[str, Any]:
    return {
        "room": "decisions",
        "measure": measure,
        "slice": of,
        "value": value,
        "lower": lower,
        "upper": upper,
        "baseline": baseline,
        "verdict": verdict,
    }
