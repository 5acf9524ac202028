"""When orders happen: Poisson arrivals in busy time, extra ones by promotion and touch, until the customer leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from patron.simulation.methods.arrays import BoolArray, FloatArray, IntArray, position_in_run

CAUSES = ("first", "usual", "promotion", "touch")
_SPAN_BITS = 34  # seconds of five centuries: a customer and a second fit one sortable integer


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders by customer and time; `customer` is a row of the block."""

    customer: IntArray
    placed_s: IntArray
    cause: IntArray  # index of CAUSES
    number: IntArray  # 0 = the customer's first order

    def __len__(self) -> int:
        """Count the orders."""
        return len(self.customer)

    def where(self, keep: BoolArray) -> Orders:
        """Return the orders kept, in the same sequence."""
        return Orders(self.customer[keep], self.placed_s[keep], self.cause[keep], self.number[keep])


def arrivals(
    rng: np.random.Generator, rate: FloatArray, opens: FloatArray, closes: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Draw a Poisson process per customer over ``[opens, closes)``.

    Returns the customer's row and the position of each arrival, unsorted within a customer.
    """
    width = np.maximum(closes - opens, 0.0)
    count = rng.poisson(rate * width)
    customer = np.repeat(np.arange(len(rate), dtype=np.int64), count)
    return customer, opens[customer] + rng.random(len(customer)) * width[customer]


def in_sequence(parts: list[tuple[IntArray, IntArray, Literal[0, 1, 2, 3]]]) -> Orders:
    """Merge (customer, instant, cause) parts into one table sorted by customer and time, and number the orders."""
    customer = np.concatenate([part[0] for part in parts])
    placed_s = np.concatenate([part[1] for part in parts])
    cause = np.repeat([part[2] for part in parts], [len(part[0]) for part in parts])
    opens_s = placed_s.min() if len(placed_s) else 0
    # The first order comes first even when another falls into the same second.
    key = (customer << _SPAN_BITS) + ((placed_s - opens_s) << 1) + (cause > 0)
    sequence = np.argsort(key, kind="stable")
    customer = customer[sequence]
    return Orders(customer, placed_s[sequence], cause[sequence].astype(np.int64), _number(customer))


def _number(customer: IntArray) -> IntArray:
    return position_in_run(np.bincount(customer).astype(np.int64)) if len(customer) else customer


def exponential_lifetimes(rng: np.random.Generator, hazard_per_day: FloatArray) -> FloatArray:
    """Draw days from acquisition to leaving; infinite where the hazard is zero."""
    draw = rng.standard_exponential(len(hazard_per_day))
    forever = np.full(len(draw), np.inf)
    return np.asarray(np.divide(draw, hazard_per_day, out=forever, where=hazard_per_day > 0), np.float64)


def last_repeat_orders(rng: np.random.Generator, leave_probability: FloatArray) -> IntArray:
    """Draw the number of the repeat order after which each customer leaves, from 1 on (geometric)."""
    return rng.geometric(np.maximum(leave_probability, 1e-9))


def instants_of(orders: Orders, number: IntArray, otherwise: int) -> IntArray:
    """Return when each customer placed the order of that number, or `otherwise` if there is none."""
    found = np.full(len(number), otherwise, np.int64)
    hit = orders.number == number[orders.customer]
    found[orders.customer[hit]] = orders.placed_s[hit]
    return found


def first_within(orders: Orders, customer: IntArray, after_s: IntArray, window_s: int) -> IntArray:
    """Find each row's first order of that customer in ``(after_s, after_s + window_s]``; -1 where there is none."""
    if not len(orders):
        return np.full(len(customer), -1, np.int64)
    opens_s = min(int(orders.placed_s.min()), int(after_s.min(initial=orders.placed_s.min())))
    key = (orders.customer << _SPAN_BITS) + (orders.placed_s - opens_s)
    row = np.searchsorted(key, (customer << _SPAN_BITS) + (after_s - opens_s), side="right")
    found = np.minimum(row, len(orders) - 1)
    inside = (row < len(orders)) & (orders.customer[found] == customer) & (orders.placed_s[found] <= after_s + window_s)
    return np.where(inside, found, -1)
