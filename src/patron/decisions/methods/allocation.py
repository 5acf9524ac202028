"""Allocation: at most one action per customer, the most expected margin that a budget buys.

A multiple-choice knapsack: maximise sum m_ij x_ij subject to sum over treated of c_ij x_ij <= B and sum_j x_ij <= 1.
Its linear relaxation is solved by a price of money, lambda: every customer takes the action with the largest
m - lambda c, and lambda is the least price at which the plan can be paid (Kellerer, Pferschy, Pisinger 2004, ch. 11).
Customers on whom the last price tips are added, best first, while money lasts; less than the cost of one action stays
unspent.
The rule reads nothing about a customer's arm, so that the held-out are those who would have had the action.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NONE = -1
_PRECISION = 1e-9  # relative, of the price; those on whom it tips are settled one by one


@dataclass(frozen=True, slots=True)
class Pairs:
    """Customer × action pairs that make sense, sorted by customer and then by priority.

    Args:
        customer: position of the customer, ascending, shape (n_pairs,).
        action: position of the action in the playbook.
        uplift: extra probability of an order.
        cost: expected cost in money, >= 0.
        margin: expected incremental margin less cost; NaN where it cannot be known.
        rank: the action's place in the playbook's order of priority, 0 first.
    """

    customer: IntArray
    action: IntArray
    uplift: FloatArray
    cost: FloatArray
    margin: FloatArray
    rank: IntArray

    def __len__(self) -> int:
        return int(self.customer.size)

    def where(self, keep: BoolArray) -> Pairs:
        """Return the pairs that are kept."""
        return Pairs(
            self.customer[keep],
            self.action[keep],
            self.uplift[keep],
            self.cost[keep],
            self.margin[keep],
            self.rank[keep],
        )


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who gets what.

    Args:
        pair: position of each customer's pair, shape (n_customers,); `NONE` for no action.
        price: expected margin that the last unit of budget brings, the shadow price; 0 when money is left over.
    """

    pair: IntArray
    price: float


def allocate(pairs: Pairs, customer_count: int, budget: float, charged: BoolArray, draw: FloatArray) -> Allocation:
    """Give each customer the action that brings the most, within the budget.

    Customers whose margins are known come first, by margin; those whose margins are unknown get the first action in
    the order of priority from what is left.

    Args:
        pairs: the candidates; only those that pay (see `pays`) should be handed over.
        customer_count: number of customers.
        budget: money to spend, infinite for no limit.
        charged: whether a customer's cost is spent (the held-out are not), shape (n_customers,).
        draw: a fixed number in [0, 1) per customer that settles ties, shape (n_customers,).

    >>> two = Pairs(*(np.array(x) for x in ([0, 1], [0, 0], [0.1, 0.1], [4.0, 4.0], [8.0, 6.0], [0, 0])))
    >>> allocate(two, 2, 5.0, np.array([True, True]), np.array([0.1, 0.2])).pair.tolist()
    [0, -1]
    """
    known = np.flatnonzero(np.isfinite(pairs.margin) & (pairs.cost <= budget))
    chosen, price = _by_margin(pairs, known, (customer_count, budget, charged, draw))
    taken = chosen[chosen != NONE]
    left = budget - float(pairs.cost[taken][charged[pairs.customer[taken]]].sum())
    unknown = np.flatnonzero(np.isnan(pairs.margin) & (pairs.cost <= left))
    first = _first_of_each(pairs.customer[unknown])
    unknown = unknown[first]
    order = unknown[np.lexsort((draw[pairs.customer[unknown]], pairs.rank[unknown]))]
    fits = _affordable(pairs.cost[order] * charged[pairs.customer[order]], left)
    kept = order[fits | (pairs.cost[order] == 0.0)]
    chosen[pairs.customer[kept]] = kept
    return Allocation(chosen, price)


def pays(pairs: Pairs) -> BoolArray:
    """Tell which pairs bring more than they cost, or cost nothing and lose nothing, or cannot be known."""
    free = (pairs.margin == 0.0) & (pairs.cost == 0.0)
    said: BoolArray = (pairs.margin > 0.0) | free | np.isnan(pairs.margin)
    return said


def is_worth_it(pairs: Pairs, least_return: float, least_margin: float) -> BoolArray:
    """Tell which pairs that pay also bring enough: `least_return` × their cost, and `least_margin` each.

    What costs nothing and loses nothing, and what cannot be known, need not.

    >>> one = np.ones(3)
    >>> pairs = Pairs(one, one, one, np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.9, 1.0]), one)
    >>> is_worth_it(pairs, 1.0, 0.05).tolist()
    [True, False, True]
    """
    enough = (pairs.margin >= least_return * pairs.cost) & (pairs.margin >= least_margin)
    said: BoolArray = pays(pairs) & (enough | (pairs.margin == 0.0) | np.isnan(pairs.margin))
    return said


_Terms = tuple[int, float, BoolArray, FloatArray]


def _by_margin(pairs: Pairs, known: IntArray, terms: _Terms) -> tuple[IntArray, float]:
    customer_count, budget, charged, _ = terms
    market = _Market.of(pairs, known, customer_count)
    paid = np.where(charged[pairs.customer], pairs.cost, 0.0)

    def spent(plan: IntArray) -> float:
        return float(paid[plan[plan != NONE]].sum())

    plan = market.plan(0.0)
    if spent(plan) <= budget:
        return plan, 0.0
    low, high = 0.0, market.dearest
    while high - low > _PRECISION * high:
        middle = 0.5 * (low + high)
        if spent(market.plan(middle)) <= budget:
            high = middle
        else:
            low = middle
    return _topped_up(pairs, (market.plan(high), market.plan(low)), paid, terms), high


@dataclass(frozen=True, slots=True)
class _Market:
    """The pairs of known margin; `starts` and `sizes` say where each customer's pairs lie among them."""

    known: IntArray
    customer: IntArray
    cost: FloatArray
    margin: FloatArray
    starts: IntArray
    sizes: IntArray
    customer_count: int

    @classmethod
    def of(cls, pairs: Pairs, known: IntArray, customer_count: int) -> _Market:
        customer = pairs.customer[known]
        starts = np.flatnonzero(_first_of_each(customer))
        sizes = np.diff(np.append(starts, customer.size))
        return cls(known, customer, pairs.cost[known], pairs.margin[known], starts, sizes, customer_count)

    @property
    def dearest(self) -> float:
        """A price at which nobody buys anything that costs."""
        costs = self.cost > 0
        return float((self.margin[costs] / self.cost[costs]).max(initial=0.0)) * 1.01 + 1e-9

    def plan(self, price: float) -> IntArray:
        """Return each customer's pair of largest margin less price × cost, or `NONE` where all are below zero."""
        chosen = np.full(self.customer_count, NONE, np.int64)
        if not self.known.size:
            return chosen
        score = self.margin - price * self.cost
        best = np.repeat(np.maximum.reduceat(score, self.starts), self.sizes)
        wins = np.flatnonzero((score == best) & (score >= 0.0))
        wins = wins[_first_of_each(self.customer[wins])]
        chosen[self.customer[wins]] = self.known[wins]
        return chosen


def _topped_up(pairs: Pairs, plans: tuple[IntArray, IntArray], paid: FloatArray, terms: _Terms) -> IntArray:
    """Move customers from the cheap plan to the dear one, best return first, while the budget lasts."""
    cheap, dear = plans
    _, budget, _, draw = terms
    movers = np.flatnonzero((cheap != dear) & (dear != NONE))
    extra = [_of(values, dear[movers]) - _of(values, cheap[movers]) for values in (pairs.cost, pairs.margin, paid)]
    left = budget - float(_of(paid, cheap).sum())
    fits = (extra[0] > 0.0) & (extra[0] <= left)
    movers, (cost, margin, charge) = movers[fits], [values[fits] for values in extra]
    order = np.lexsort((draw[movers], -margin / cost))
    kept = movers[order[_affordable(charge[order], left)]]
    made = cheap.copy()
    made[kept] = dear[kept]
    return made


def _of(values: FloatArray, plan: IntArray) -> FloatArray:
    return np.where(plan == NONE, 0.0, values[plan])


def _affordable(cost: FloatArray, budget: float) -> BoolArray:
    said: BoolArray = np.cumsum(np.maximum(cost, 0.0)) <= budget
    return said


def _first_of_each(sorted_keys: IntArray) -> BoolArray:
    first = np.ones(sorted_keys.size, np.bool_)
    first[1:] = sorted_keys[1:] != sorted_keys[:-1]
    return first
