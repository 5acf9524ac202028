"""The likelihood of Pareto/NBD: of each row, and of all rows together with its first two derivatives.

    L = Γ(r+x)/Γ(r) · α^r β^s · [ (α+T)^−(r+x) (β+T)^−s  +  s ∫ₜₓᵀ (α+t)^−(r+x) (β+t)^−(s+1) dt ]

The first term is that of customers still there at T, the second that of those who left at a time t after their last
purchase. Its logarithm falls apart into terms of x alone, terms of T and sums over x, and one that needs each row:

    ln L = lnΓ(r+x)/Γ(r)                                              counts: once per distinct x
         + r ln α − (r+x) ln(α+T) + s ln β − s ln(β+T)                exposure: once per distinct T
         + ln(1 + odds),                                              dropout: row by row
      odds = s ∫ₜₓᵀ ((α+T)/(α+t))^(r+x) ((β+T)/(β+t))^s dt/(β+t)      those of having left by T

The odds are integrated as `pareto_race` says; the derivatives are integrals of the derivatives, on the same nodes.

References:
    Schmittlein, Morrison and Colombo (1987), Counting your customers, Management Science 33.
    Fader and Hardie (2005), A note on deriving the Pareto/NBD model and related expressions,
        brucehardie.com/notes/009, eq. (18)–(20).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, psi, zeta

from patron.forecasts.methods.expansion import Expansion
from patron.forecasts.methods.pareto_race import Legs, Race, legs, log_chances
from patron.forecasts.methods.row_sums import SumsByNumber, chunks

FloatArray = NDArray[np.float64]

_ROWS = 1_024  # of a dozen nodes each: products too small for BLAS to start threads that wait for one another
_LEAST = 1e-300


Parameters = Sequence[FloatArray] | FloatArray  # r, α, s and β: each one number, or one per row


def log_odds_of_having_left(histories: FloatArray, parameters: Parameters) -> FloatArray:
    """Return the logarithm of the odds that each customer (x, t_x, T) has left by T, shape (n_customers,)."""
    race = leaving_before_buying(histories.T, *parameters)
    return log_chances(race) + _log_survival(race)


def log_likelihood_of_rows(histories: FloatArray, parameters: Parameters) -> FloatArray:
    """Return ln L of each row (x, t_x, T), as it is written above."""
    x, _, T = histories.T
    r, alpha, s, beta = parameters
    counts = gammaln(r + x) - gammaln(r)
    exposure = -r * np.log1p(T / alpha) - x * np.log(alpha + T) - s * np.log1p(T / beta)
    values: FloatArray = counts + exposure + np.logaddexp(0.0, log_odds_of_having_left(histories, parameters))
    return values


class MeanLogLikelihood:
    """The mean log-likelihood of weighted rows as a function of r, α, s and β, with gradient and Hessian."""

    def __init__(self, histories: FloatArray, weight: FloatArray) -> None:
        by_x, by_T, once, total = SumsByNumber(), SumsByNumber(), SumsByNumber(), weight.sum()
        again, filled = np.empty((4, np.count_nonzero(histories[:, 0]))), 0
        for part in chunks(weight.size):
            rows = np.vstack([histories[part].T, weight[part] / total])
            x, _, T, share = rows
            by_x.add(x, share)
            by_T.add(T, share, share * x)
            once.add(*rows[2:].compress(x == 0, axis=1))
            repeated = rows.compress(x > 0, axis=1)
            again[:, filled : filled + repeated.shape[1]] = repeated
            filled += repeated.shape[1]
        self._x, self._share_of_x = by_x.totals()
        self._T, self._share_of_T, self._purchases_of_T = by_T.totals()
        bought_once = np.pad(once.totals(), ((2, 0), (0, 0)))  # those who bought once differ in T only
        self._rows = [rows[:, part] for rows in (again, bought_once) for part in chunks(rows.shape[1], _ROWS)]

    def __call__(self, parameters: FloatArray) -> Expansion:
        """Expand the mean log-likelihood around r, α, s and β."""
        r, alpha, s, beta = (float(value) for value in parameters)
        parts = (_dropout(rows, r, alpha, s, beta) for rows in self._rows)
        return sum(parts, self._counts(r) + self._exposure(r, alpha, s, beta))

    def _counts(self, r: float) -> Expansion:
        x, share = self._x, self._share_of_x
        gradient, hessian = np.zeros(4), np.zeros((4, 4))
        gradient[0] = share @ (psi(r + x) - psi(r))
        hessian[0, 0] = share @ (zeta(2.0, r + x) - zeta(2.0, r))  # ζ(2, ·) = ψ′
        return Expansion(float(share @ (gammaln(r + x) - gammaln(r))), gradient, hessian)

    def _exposure(self, r: float, alpha: float, s: float, beta: float) -> Expansion:
        T, share, bought = self._T, self._share_of_T, self._purchases_of_T
        power = r * share + bought
        by_alpha, by_beta = 1.0 / (alpha + T), 1.0 / (beta + T)
        lived, stayed = share @ np.log1p(T / alpha), share @ np.log1p(T / beta)
        value = -r * lived - s * stayed - bought @ np.log(alpha + T)
        slope_a, slope_b = 1.0 / alpha - share @ by_alpha, 1.0 / beta - share @ by_beta
        gradient = np.array([-lived, r / alpha - power @ by_alpha, -stayed, s * slope_b])
        hessian = np.zeros((4, 4))
        hessian[0, 1] = hessian[1, 0] = slope_a
        hessian[1, 1] = power @ by_alpha**2 - r / alpha**2
        hessian[2, 3] = hessian[3, 2] = slope_b
        hessian[3, 3] = s * (share @ by_beta**2 - 1.0 / beta**2)
        return Expansion(float(value), gradient, hessian)


def leaving_before_buying(
    rows: FloatArray, r: FloatArray | float, alpha: FloatArray | float, s: FloatArray | float, beta: FloatArray | float
) -> Race:
    """Return the race of each row from its last purchase to T: leaving before another purchase."""
    x, t_x, T = rows
    return Race(r + x, alpha + t_x, np.broadcast_to(s, x.size), beta + t_x, T - t_x)


def _log_survival(race: Race) -> FloatArray:
    """Return minus the logarithm of the chance that neither clock has struck by the horizon."""
    silent: FloatArray = race.p * np.log1p(race.horizon / race.a) + race.q * np.log1p(race.horizon / race.b)
    return silent


def _dropout(rows: FloatArray, r: float, alpha: float, s: float, beta: float) -> Expansion:
    """Expand the weighted sum of ln(1 + odds)."""
    race = leaving_before_buying(rows[:3], r, alpha, s, beta)
    parts = (_dropout_of(race, some, rows[3, some.rows]) for some in legs(race))
    return sum(parts, Expansion(0.0, np.zeros(4), np.zeros((4, 4))))


class Leaving(NamedTuple):
    """What the derivatives of ln(1 + odds) are made of: per row, and per row and node (n, nodes).

    `density` is the integrand's share g f/∫f of each node times the row's weight, g = odds/(1+odds); `slopes` are the
    derivatives of its logarithm by r, α, s and β, shape (4, n, nodes).
    """

    log_odds: FloatArray
    density: FloatArray
    slopes: FloatArray
    inverse_a: FloatArray
    end_a: FloatArray
    apart_a: FloatArray
    inverse_b: FloatArray
    end_b: FloatArray
    apart_b: FloatArray


def leaving(own: Race, nodes: Legs, share: FloatArray) -> Leaving:
    """Return the pieces of the derivatives on rows that all have the given nodes, each of weight `share`."""
    p, a, q, b, horizon = (column[:, None] for column in own)
    since_a, since_b = np.log(1.0 + nodes.time / a), np.log(1.0 + nodes.time / b)
    density = nodes.weight * np.exp(-p * since_a - q * since_b)
    total = np.maximum(density.sum(axis=1), _LEAST)
    log_odds = np.log(own.q) + np.log(total) + _log_survival(own)
    density *= (share * expit(log_odds) / total)[:, None]

    inverse_a, inverse_b = 1.0 / (a + nodes.time), 1.0 / (b + nodes.time)
    end_a, end_b = 1.0 / (a + horizon), 1.0 / (b + horizon)
    apart_a, apart_b = end_a - inverse_a, end_b - inverse_b
    by_r, by_s = np.log1p(horizon / a) - since_a, 1.0 / q + np.log1p(horizon / b) - since_b
    slopes = np.stack([by_r, p * apart_a, by_s, q * apart_b - inverse_b])
    return Leaving(log_odds, density, slopes, inverse_a, end_a, apart_a, inverse_b, end_b, apart_b)


def _dropout_of(race: Race, nodes: Legs, share: FloatArray) -> Expansion:
    """Expand the weighted sum of ln(1 + odds) over rows whose nodes are given.

    With f(t) the integrand, v = ln f and ⟨·⟩ the mean over t by f / (1 + ∫f), the gradient of each row is ⟨v′⟩ and
    its Hessian ⟨v′v′ᵀ + v″⟩ − ⟨v′⟩⟨v′⟩ᵀ.
    """
    own = Race(*(column[nodes.rows] for column in race))
    log_odds, density, slopes, inverse_a, end_a, apart_a, inverse_b, end_b, apart_b = leaving(own, nodes, share)
    q = own.q[:, None]
    weighed = slopes * density
    means = weighed.sum(axis=2)
    products = weighed.reshape(4, -1) @ slopes.reshape(4, -1).T - (means / share) @ means.T
    hessian = (products + products.T) / 2.0  # the two halves differ by what each was rounded by
    hessian[[0, 1], [1, 0]] += _total(density, apart_a)
    hessian[[2, 3], [3, 2]] += _total(density, apart_b)
    hessian[1, 1] -= _total(weighed[1], inverse_a + end_a)
    hessian[2, 2] -= (density / q**2).sum()
    hessian[3, 3] += _total(density, inverse_b**2 - q * apart_b * (inverse_b + end_b))
    return Expansion(float(share @ np.logaddexp(0.0, log_odds)), means.sum(axis=1), hessian)


def _total(weight: FloatArray, values: FloatArray) -> float:
    """Return the weighted sum over rows and nodes, by one thread."""
    return float(np.einsum("nk,nk->", weight, values))
