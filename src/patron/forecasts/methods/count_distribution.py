"""How many purchases a customer makes in a time to come: the chance of each number, and its quantiles.

While a customer stays, purchases are a Poisson process whose rate is Gamma(shape, rate) given the history: their
number in a time h is negative binomial,

    P(N = k) = Γ(shape+k)/(Γ(shape) k!) · (rate/(rate+h))^shape · (h/(rate+h))^k
    P(N >= k) = I_z(k, shape), z = h/(rate+h), the regularised incomplete beta function.

What ends it is leaving: at a purchase with a chance p ~ Beta(a, b) (BG/NBD, MBG/NBD), or at a time that is
Pareto(s, β) (Pareto/NBD).

References:
    [1] Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24, eq. (8), here with
        the parameters that the history has updated.
    [2] Fader and Hardie (2005), A note on deriving the Pareto/NBD model and related expressions,
        brucehardie.com/notes/009, §5.
    [3] Fader and Hardie (2013), The Gamma-Gamma model of monetary value, brucehardie.com/notes/025.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln, gammaln

FloatArray = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_MOST = 100_000  # purchases: whoever would make more is a machine
_HAIR = 1e-12
_HALVINGS, _DOUBLINGS = 50, 100


class Spends(Protocol):
    """A model of what purchases are worth, given the purchases seen: `GammaGamma`."""

    def probability_of_total_below(self, X: FloatArray, count: int, amount: FloatArray) -> FloatArray:
        """Return the chance that so many purchases are worth an amount together, or less."""
        ...


def chance_while_staying(shape: FloatArray, rate: FloatArray, horizon: FloatArray | float, count: int) -> FloatArray:
    """Return the chance of exactly `count` purchases within the horizon of someone who does not leave."""
    ways = gammaln(shape + count) - gammaln(shape) - gammaln(count + 1.0)
    with np.errstate(divide="ignore"):
        bought = count * np.log(horizon / (rate + horizon)) if count else 0.0
    chance: FloatArray = np.exp(ways - shape * np.log1p(horizon / rate) + bought)
    return chance


def chance_leaving_at_a_purchase(
    shape: FloatArray, rate: FloatArray, a: FloatArray | float, b: FloatArray, horizon: float, count: int
) -> FloatArray:
    """Return the chance of exactly `count` purchases of someone alive, who may leave right after each [1].

    Either `count` came and none was the last, or the last of them was: then any number would have come without it.
    """
    staying: FloatArray = np.exp(betaln(a, b + count) - betaln(a, b)) * chance_while_staying(
        shape, rate, horizon, count
    )
    if count == 0:
        return staying
    left = np.exp(betaln(a + 1.0, b + count - 1.0) - betaln(a, b)) * betainc(count, shape, horizon / (rate + horizon))
    chance: FloatArray = staying + left
    return chance


def chance_leaving_at_a_time(
    shape: FloatArray, rate: FloatArray, s: FloatArray | float, beta: FloatArray, horizon: float, count: int
) -> FloatArray:
    """Return the chance of exactly `count` purchases of someone alive, who may leave at any time [2].

    With v = (β/(β+u))^s the chance to stay beyond u, ∫ P(N(u) = count) dv from v(h) to 1, plus v(h) P(N(h) = count):
    by Gauss and Legendre, in whose variable leaving is even.
    """
    gone = -np.expm1(-s * np.log1p(horizon / beta))
    part = gone[:, None] * (_NODES + 1.0) / 2.0
    leaving = beta[:, None] * np.expm1(-np.log1p(-part) / np.asarray(s).reshape(-1, 1))
    there = chance_while_staying(shape[:, None], rate[:, None], np.maximum(leaving, 1e-300), count)
    stayed = (1.0 - gone) * chance_while_staying(shape, rate, horizon, count)
    chance: FloatArray = stayed + gone * (there @ _WEIGHTS) / 2.0
    return chance


def quantiles_of_counts(chance: Callable[[int], FloatArray], shares: FloatArray) -> FloatArray:
    """Return the smallest numbers that are reached or stayed below with each share, shape (n_customers, n_shares)."""
    below = chance(0)
    found = np.zeros((below.size, shares.size))
    for count in range(1, _MOST):
        short = below[:, None] < shares - _HAIR
        if not short.any():
            break
        found[short] = count
        below = below + chance(count)
    return found


def chance_of_spend_below(chances: FloatArray, value: Spends, spending: FloatArray, amount: FloatArray) -> FloatArray:
    """Return the chance that each customer spends an amount or less, shape (n_customers,) [3].

    P(spend <= y) = P(0) + Σ_k P(k) P(total of k purchases <= y); 0 below zero.

    Args:
        chances: the chance of 0, 1, 2, … purchases, shape (n_customers, most + 1).
        value: what purchases are worth.
        spending: number and mean value of the purchases seen, as `value` reads them, shape (n_customers, 2).
        amount: shape (n_customers,).
    """
    total, positive = chances[:, 0].copy(), np.maximum(amount, 0.0)
    for count in range(1, chances.shape[1]):
        total += chances[:, count] * value.probability_of_total_below(spending, count, positive)
    return np.where(amount < 0, 0.0, total)


def quantiles_of_spend(chances: FloatArray, value: Spends, spending: FloatArray, shares: FloatArray) -> FloatArray:
    """Return quantiles of the total spend of a random number of purchases, shape (n_customers, n_shares).

    `chance_of_spend_below` solved for the amount by halving; its arguments, and the shares wanted, between 0 and 1.
    """

    def below(amount: FloatArray) -> FloatArray:
        return chance_of_spend_below(chances, value, spending, amount)

    return np.column_stack([_solved(below, chances.shape[0], float(share)) for share in shares])


def _solved(below: Callable[[FloatArray], FloatArray], size: int, share: float) -> FloatArray:
    low, high = np.zeros(size), np.ones(size)
    nothing = below(low) >= share
    for _ in range(_DOUBLINGS):
        short = ~nothing & (below(high) < share)
        if not short.any():
            break
        low, high = np.where(short, high, low), np.where(short, 2.0 * high, high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        short = below(middle) < share
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where(nothing, 0.0, high)
