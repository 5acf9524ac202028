"""Campaigns: who was looked at, who was sent, what they did, and the extra orders that sending caused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.simulation.methods.arrays import NEVER, BoolArray, FloatArray, IntArray, chance
from patron.simulation.methods.calendar import DAY_S

TREATMENT, HOLDOUT = 0, 1
COST_CENTS = 5


@dataclass(frozen=True, slots=True)
class Touches:
    """One row per customer and campaign looked at; `arm` 0 was sent, 1 was held out."""

    customer: IntArray
    campaign: IntArray
    arm: IntArray
    propensity: FloatArray  # probability of the arm the customer got
    sent_s: IntArray


def assign(
    rng: np.random.Generator,
    campaign_s: IntArray,
    eligible_from_s: IntArray,
    reach: float,
    send_probability: FloatArray,
) -> Touches:
    """Look at a random share `reach` of the customers eligible at each campaign and toss for the arm.

    `eligible_from_s` is when each customer may first be contacted; use the largest integer for never.
    """
    looked = (campaign_s[None, :] > eligible_from_s[:, None]) & (
        rng.random((len(eligible_from_s), len(campaign_s))) < reach
    )
    customer, campaign = (index.astype(np.int64) for index in np.nonzero(looked))
    sent = chance(rng, send_probability[customer], len(customer))
    chosen = send_probability[customer]
    return Touches(
        customer,
        campaign,
        np.where(sent, TREATMENT, HOLDOUT),
        np.where(sent, chosen, 1 - chosen),
        campaign_s[campaign] if len(campaign_s) else campaign,
    )


def extra_orders(
    rng: np.random.Generator, touches: Touches, uplift: FloatArray, window_days: int
) -> tuple[IntArray, IntArray]:
    """Give each sent touch one extra order with the customer's uplift as its probability.

    Returns customers and instants; the delay is exponential with mean a fifth of the window, folded into the window.
    """
    caused = (touches.arm == TREATMENT) & chance(rng, uplift[touches.customer], len(touches.customer))
    delay = np.mod(rng.standard_exponential(int(caused.sum())) * window_days / 5, window_days) * (DAY_S - 1)
    return touches.customer[caused], touches.sent_s[caused] + 60 + delay.astype(np.int64)


def responses(rng: np.random.Generator, touches: Touches, alive: BoolArray) -> tuple[IntArray, IntArray]:
    """Draw when each sent touch was first opened and clicked; NEVER where it was not.

    Customers who have left open one mail in twenty-five, the others two in five: opens tell who is still there.
    """
    size = len(touches.customer)
    opened = (touches.arm == TREATMENT) & chance(rng, np.where(alive, 0.4, 0.04), size)
    clicked = opened & chance(rng, 0.22, size)
    opened_s = touches.sent_s + 60 + (rng.standard_exponential(size) * 6 * 3600).astype(np.int64)
    clicked_s = opened_s + 5 + rng.integers(0, 600, size)
    return np.where(opened, opened_s, NEVER), np.where(clicked, clicked_s, NEVER)
