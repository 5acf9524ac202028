"""Every action that makes sense for every customer, with what it costs and what it may bring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from patron.decisions import columns
from patron.decisions.customers import Customers
from patron.decisions.methods.allocation import Pairs
from patron.decisions.methods.order_value import naive_probability, probability_in_window, value_given_order
from patron.decisions.playbook import Action, Playbook
from patron.decisions.spec import DecisionSpec

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Assumption = Literal["mean", "lower", "upper"]


@dataclass(frozen=True, slots=True)
class Prospects:
    """What each customer's next order is worth and how likely it is, shape (n_customers,) each; NaN where unknown.

    Args:
        order_value: expected net revenue of one order, in money.
        margin_rate: share of net revenue that is margin: as forecast, else the own one so far, else the spec's.
        order_count, days_as_customer: so far.
        probability: of an order within `horizon_days`, as forecast.
    """

    order_value: FloatArray
    margin_rate: FloatArray
    order_count: FloatArray
    days_as_customer: FloatArray
    probability: FloatArray
    horizon_days: FloatArray

    def order_probability(self, who: IntArray, window_days: int) -> FloatArray:
        """Return the probability of an order in the window if nothing is done.

        As forecast; where there is no forecast, at the rate so far; where nothing is known, 1, so that the cost of an
        offer is never put too low.
        """
        forecast = probability_in_window(self.probability[who], self.horizon_days[who], window_days)
        naive = naive_probability(self.order_count[who], self.days_as_customer[who], window_days)
        return np.where(np.isfinite(forecast), forecast, np.where(np.isfinite(naive), naive, 1.0))


def prospects(customers: Customers, spec: DecisionSpec) -> Prospects:
    """Read what an order of each customer is worth off the table."""
    numbers = customers.numbers
    horizon = numbers("horizon_days")
    expected, own = numbers(columns.EXPECTED_MARGIN_SHARE), numbers(columns.MARGIN_SHARE)
    margin = np.where(np.isfinite(expected), expected, own)
    value = value_given_order(
        numbers(columns.NET_REVENUE),
        numbers(columns.ORDERS),
        numbers("predicted_clv"),
        numbers("predicted_number_of_orders"),
    )
    return Prospects(
        value,
        np.where(np.isfinite(margin), margin, spec.margin_rate),
        numbers(columns.ORDERS),
        numbers(columns.DAYS_AS_CUSTOMER),
        numbers("repurchase_probability"),
        np.where(horizon > 0, horizon, float(spec.horizon_days)),
    )


def candidates(customers: Customers, playbook: Playbook, worth: Prospects, spec: DecisionSpec) -> Pairs:
    """Return the customer × action pairs that make sense, sorted by customer and then by priority."""
    order = sorted(range(len(playbook.actions)), key=lambda i: playbook.actions[i].priority)
    eligible = eligibility(customers, playbook)
    parts = []
    for rank, i in enumerate(order):
        who = np.flatnonzero(eligible[i])
        uplift, cost, margin = money(playbook.actions[i], who, worth, spec)
        parts.append((who, np.full(who.size, i), uplift, cost, margin, np.full(who.size, rank)))
    joined = [np.concatenate([part[column] for part in parts]) for column in range(6)]
    by_customer = np.argsort(joined[0], kind="stable")
    return Pairs(*(column[by_customer] for column in joined))


def eligibility(customers: Customers, playbook: Playbook) -> list[BoolArray]:
    """Tell, per action of the playbook, for which customers it makes sense.

    An action whose `needs` the shop lacks makes sense for nobody; one that takes precedence keeps its
    customers to itself.
    """
    rows = len(customers)
    nobody = np.zeros(rows, np.bool_)
    eligible = [
        nobody if absent_needs(action, customers) else condition.holds(customers.columns, rows)
        for action, condition in zip(playbook.actions, playbook.conditions(), strict=True)
    ]
    taken = nobody.copy()
    for i in sorted(range(len(eligible)), key=lambda i: playbook.actions[i].priority):
        if playbook.actions[i].takes_precedence:
            eligible[i] = eligible[i] & ~taken
            taken |= eligible[i]
    return [
        said if action.takes_precedence else said & ~taken
        for action, said in zip(playbook.actions, eligible, strict=True)
    ]


def absent_needs(action: Action, customers: Customers) -> tuple[str, ...]:
    """Return the columns that an action needs and the shop has for nobody."""
    return tuple(name for name in action.needs if name in customers.absent)


def money(
    action: Action, who: IntArray, worth: Prospects, spec: DecisionSpec, assume: Assumption = "mean"
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (uplift, cost, margin) of one action for the customers at positions `who`.

    With p the probability of an order in the action's window, v the value of an order and g the margin rate:

        uplift = min(assumed, 1 - p)
        cost   = contact + (p + uplift) × (offer + offer share × v)    (uplift alone if only extra orders use it)
        margin = uplift × v × g + saving - cost

    Margin is NaN where v is unknown or no forecast gives p.
    """
    p = worth.order_probability(who, action.measurement_days)
    uplift = np.minimum(float(getattr(action.uplift, assume)), 1.0 - p)
    value = worth.order_value[who]
    users = np.maximum(uplift, 0.0) if action.offer_applies_to == "extra_order" else np.maximum(p + uplift, 0.0)
    offer = action.offer_cost * spec.cost_factor + action.offer_cost_share * np.nan_to_num(value)
    cost = action.cost_per_contact * spec.cost_factor + users * offer
    known = np.isfinite(value) & np.isfinite(worth.probability[who])
    gain = uplift * value * worth.margin_rate[who] + action.saving * spec.cost_factor
    return uplift, cost, np.where(known, gain - cost, np.nan)


def by_assumption(pairs: Pairs, playbook: Playbook, worth: Prospects, spec: DecisionSpec, assume: Assumption) -> Pairs:
    """Return the same pairs with the money they bring at the lower or upper end of every uplift."""
    made = [pairs.uplift.copy(), pairs.cost.copy(), pairs.margin.copy()]
    for i, action in enumerate(playbook.actions):
        at = np.flatnonzero(pairs.action == i)
        for column, values in zip(made, money(action, pairs.customer[at], worth, spec, assume), strict=True):
            column[at] = values
    return replace(pairs, uplift=made[0], cost=made[1], margin=made[2])
