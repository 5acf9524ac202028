"""What comes back: each unit with the customer's own probability, two to thirty days later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.simulation.methods.arrays import FloatArray, IntArray
from patron.simulation.methods.baskets import Lines
from patron.simulation.methods.calendar import DAY_S

FIRST_DAYS, LAST_DAYS = 2, 30


@dataclass(frozen=True, slots=True)
class Returns:
    """Returned lines; `line` is a row of the lines."""

    line: IntArray
    quantity: IntArray
    amount_cents: IntArray
    returned_s: IntArray


def draw(rng: np.random.Generator, lines: Lines, unit_share: FloatArray, placed_s: IntArray) -> Returns:
    """Return each unit with probability `unit_share` of its line; refunds are pro rata of what was paid.

    `placed_s` is the instant of each line's order; the delay is uniform over 2 to 30 days.
    """
    units = rng.binomial(lines.quantity, unit_share)
    line = np.flatnonzero(units)
    amount = np.round(lines.revenue_cents[line] * units[line] / lines.quantity[line]).astype(np.int64)
    delay = rng.integers(FIRST_DAYS * DAY_S, LAST_DAYS * DAY_S, len(line))
    return Returns(line, units[line], amount, placed_s[line] + delay)


def share_refunded_within(days: FloatArray) -> FloatArray:
    """Return the share of the refunds that are paid within so many days of the order.

    >>> share_refunded_within(np.array([0.0, 16.0, 40.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.clip((days - FIRST_DAYS) / (LAST_DAYS - FIRST_DAYS), 0.0, 1.0)
