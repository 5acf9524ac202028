"""The story of decisions: who could get what, what that brings, who gets it within the budget, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from patron.contracts.published import DECISIONS
from patron.decisions import columns, reasons
from patron.decisions.candidates import Prospects, candidates, prospects
from patron.decisions.customers import Customers, read_customers
from patron.decisions.methods.allocation import NONE, Allocation, Pairs, allocate, is_worth_it, pays
from patron.decisions.methods.holdout import held_out, uniform_draws
from patron.decisions.playbook import NO_ACTION, Playbook
from patron.decisions.spec import DecisionSpec
from patron.ground.seeds import derive

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Thinking:
    """How a decision came about: who, what was possible, what pays, what was chosen.

    `possible` holds every pair that makes sense, `paying` those that bring more than they cost, `worthwhile` those of
    them that bring enough for their cost; `allocation.pair` points into `worthwhile`.
    """

    customers: Customers
    worth: Prospects
    possible: Pairs
    paying: Pairs
    worthwhile: Pairs
    held_out: BoolArray
    allocation: Allocation


def think(table: pa.Table, playbook: Playbook, spec: DecisionSpec, seed: int) -> Thinking:
    """Weigh every action for every customer and choose within the budget."""
    kinds = playbook.vocabulary.kinds
    read = playbook.columns_read | set(columns.MONEY_READ)
    customers = read_customers(table, {name: kinds[name] for name in sorted(read)})
    worth = prospects(customers, spec)
    possible = candidates(customers, playbook, worth, spec)
    paying = possible.where(pays(possible))
    worthwhile = paying.where(is_worth_it(paying, spec.least_return, spec.least_margin * spec.cost_factor))
    out = held_out(customers.ids, spec.holdout_share, spec.holdout_salt)
    ties = uniform_draws(customers.ids, f"ties-{derive(seed, 'decisions', 'ties')}")
    budget = np.inf if spec.budget is None else spec.budget
    chosen = allocate(worthwhile, len(customers), budget, ~out, ties)
    return Thinking(customers, worth, possible, paying, worthwhile, out, chosen)


def decide(customers: pa.Table, playbook: Playbook, spec: DecisionSpec, *, as_of: date, seed: int) -> pa.Table:
    """Choose an action for every customer, within the budget, with a persistent holdout.

    Every customer gets the action with the largest expected margin among those that make sense, pay, and bring enough
    for their cost (`least_return` and `least_margin` in the spec). When the budget is short, money goes where it
    returns most. Where margins cannot be known (no amounts, or no forecasts), the playbook's priority decides. The
    held-out keep the action they would have had, at no cost and no margin.

    Args:
        customers: one row per customer: `customer_id`, and as many as the shop has of `playbook.columns_read` and
            `columns.MONEY_READ`: one scheme of `segments`, one horizon of `forecasts`, features.
        playbook: what can be done.
        spec: budget, margin rate, holdout.
        as_of: everything before this local day is known.
        seed: the Plan's seed; it settles ties only. The holdout depends on the customer's id and the salt alone.

    Returns:
        One row per customer, in the order given, as the contract `DECISIONS` says. `expected_margin` is empty where
        it cannot be known; `propensity` is the probability of the arm the customer is in.

    Raises:
        MissingColumns, ContractBroken: `customers` is not such a table.

    >>> from patron.decisions.playbook import load
    >>> one = pa.table({"customer_id": ["c1"], "segment_key": ["cant_lose"], "lifecycle_stage": ["at_risk"]})
    >>> decide(one, load(), DecisionSpec(holdout_share=0.0), as_of=date(2026, 1, 1), seed=7)["action"].to_pylist()
    ['win_back']
    """
    thought = think(customers, playbook, spec, seed)
    chosen = thought.allocation.pair
    action = np.where(chosen == NONE, NONE, _at(thought.worthwhile.action, chosen))
    idle, out = chosen == NONE, thought.held_out
    spared = out & ~idle
    cost = np.where(idle | out, 0.0, _at(thought.worthwhile.cost, chosen))
    margin = _at(thought.worthwhile.margin, chosen)
    english, chinese = reasons.write_reasons(thought.customers, playbook, action, _why_none(thought), out)
    of = _Lookup(playbook, action)
    made = {
        "customer_id": thought.customers.ids,
        "action": of.texts([one.key for one in playbook.actions], NO_ACTION),
        "channel": of.texts([one.channel for one in playbook.actions]),
        "offer": of.texts([one.offer_en for one in playbook.actions]),
        "expected_uplift": _real(_at(thought.worthwhile.uplift, chosen), idle),
        "expected_margin": _real(np.where(spared & np.isfinite(margin), 0.0, margin), idle | np.isnan(margin)),
        "cost": pa.array(cost),
        "propensity": pa.array(np.where(out, spec.holdout_share, 1.0 - spec.holdout_share)),
        "arm": pa.array(["treatment", "holdout"]).take(pa.array(out.astype(np.int8))),
        "reason": english,
        "reason_zh": chinese,
        "owner": of.texts([one.owner for one in playbook.actions]),
        "measure_until": of.days([as_of + timedelta(days=one.measurement_days) for one in playbook.actions]),
        "as_of": pa.repeat(pa.scalar(as_of, pa.date32()), len(action)),
    }
    return DECISIONS.check(pa.table(made))


@dataclass(frozen=True, slots=True)
class _Lookup:
    playbook: Playbook
    action: IntArray

    def texts(self, said: list[str], otherwise: str | None = None) -> pa.Array:
        return pa.array([*said, otherwise], pa.string()).take(self._places)

    def days(self, said: list[date]) -> pa.Array:
        return pa.array([*said, None], pa.date32()).take(self._places)

    @property
    def _places(self) -> pa.Array:
        return pa.array(np.where(self.action == NONE, len(self.playbook.actions), self.action))


def _why_none(thought: Thinking) -> IntArray:
    why = np.full(len(thought.customers), reasons.NOTHING_FITS, np.int64)
    why[thought.possible.customer] = reasons.DOES_NOT_PAY
    why[thought.paying.customer] = reasons.TOO_LITTLE
    why[thought.worthwhile.customer] = reasons.BUDGET_SPENT
    return why


def _at(values: NDArray[T], chosen: IntArray) -> NDArray[T]:
    if not values.size:
        return np.zeros(chosen.size, values.dtype)
    return values[np.maximum(chosen, 0)]


def _real(values: NDArray[np.float64], empty: BoolArray) -> pa.Array:
    return pa.array(values, pa.float64(), mask=empty)
