"""The likelihood of BG/BB: of each row, and of all rows together with its first two derivatives.

    L = B(α+x, β+n−x)/B(α, β) · B(γ, δ+n)/B(γ, δ)  +  Σₘ B(α+x, β+m−x)/B(α, β) · B(γ+1, δ+m)/B(γ, δ),
        m = t_x … n−1

The first term is that of customers still there after n opportunities, the term of m that of those who saw m of them.
Every argument is a parameter plus a whole number, so that a table of each special function, as long as the longest
history, serves all rows and terms.

References:
    Fader, Hardie and Shang (2010), Customer-base analysis in a discrete-time noncontractual setting, Marketing
        Science 29.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp, psi, zeta

from patron.forecasts.methods.expansion import Expansion
from patron.forecasts.methods.row_sums import chunks

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_TERMS = 65_536  # in one go


@dataclass(frozen=True, slots=True)
class _Table:
    """A special function f at each parameter plus 0, 1, 2, …, as far as the longest history needs it."""

    alpha: FloatArray
    beta: FloatArray
    both: FloatArray  # α + β
    gamma: FloatArray
    delta: FloatArray
    all: FloatArray  # γ + δ

    @classmethod
    def of(cls, function: Callable[[FloatArray], FloatArray], parameters: FloatArray, longest: int) -> _Table:
        alpha, beta, gamma, delta = (float(value) for value in parameters)
        steps = np.arange(longest + 2.0)
        starts = (alpha, beta, alpha + beta, gamma, delta, gamma + delta)
        return cls(*(function(start + steps) for start in starts))

    def buying(self, x: IntArray, m: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return what f rises by from the prior to the posterior of p: at α, at β and at α + β."""
        return (
            self.alpha[x] - self.alpha[0] + np.zeros(m.shape),
            self.beta[m - x] - self.beta[0],
            self.both[m] - self.both[0],
        )

    def leaving(self, m: IntArray, left: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return what f rises by from the prior to the posterior of θ: at γ, at δ and at γ + δ."""
        return self.gamma[left] - self.gamma[0], self.delta[m] - self.delta[0], self.all[m + left] - self.all[0]


def log_likelihood_of_rows(histories: FloatArray, parameters: FloatArray) -> FloatArray:
    """Return ln L of each row (x, t_x, n), as it is written above."""
    rows = histories.astype(np.int64)
    logs = _Table.of(gammaln, parameters, int(rows[:, 2].max(initial=0)))
    values = np.empty(len(rows))
    for part in _parts(rows):
        values[part] = logsumexp(_terms(logs, rows[part])[0], axis=1)
    return values


def log_probability_there(histories: FloatArray, parameters: FloatArray) -> FloatArray:
    """Return ln P(still there after n opportunities) of each row: its first term in L."""
    rows = histories.astype(np.int64)
    logs = _Table.of(gammaln, parameters, int(rows[:, 2].max(initial=0)))
    x, _, n = rows.T
    there = _sum_of_three(logs.buying(x, n)) + _sum_of_three(logs.leaving(n, np.zeros_like(n)))
    return there - log_likelihood_of_rows(histories, parameters)


class MeanLogLikelihood:
    """The mean log-likelihood of weighted rows as a function of α, β, γ and δ, with gradient and Hessian."""

    def __init__(self, histories: FloatArray, weight: FloatArray) -> None:
        distinct, place = np.unique(histories.astype(np.int64), axis=0, return_inverse=True)
        by_length = np.argsort(distinct[:, 2] - distinct[:, 1], kind="stable")  # rows of like length lie together
        share = np.bincount(place.ravel(), weight) / weight.sum()
        self._rows, self._share = distinct[by_length], share[by_length]
        self._longest = int(distinct[:, 2].max(initial=0))
        self._parts = list(_parts(self._rows))

    def __call__(self, parameters: FloatArray) -> Expansion:
        """Expand the mean log-likelihood around α, β, γ and δ."""
        functions = (gammaln, psi, _trigamma)
        logs, slopes, bends = (_Table.of(function, parameters, self._longest) for function in functions)
        parts = (_expand(logs, slopes, bends, self._rows[part], self._share[part]) for part in self._parts)
        return sum(parts, Expansion(0.0, np.zeros(4), np.zeros((4, 4))))


def _parts(rows: IntArray) -> Iterator[slice]:
    """Return slices of the rows short enough for all their terms to lie side by side."""
    widest = int((rows[:, 2] - rows[:, 1]).max(initial=0)) + 1
    return chunks(len(rows), max(1, _TERMS // widest))


def _terms(logs: _Table, rows: IntArray) -> tuple[FloatArray, IntArray, IntArray]:
    """Return the logarithms of the terms of L, shape (n_rows, n_terms), and m and whether the customer left after m.

    The terms of a row are m = n first, n − 1, … down to t_x; those beyond are −∞.
    """
    _, t_x, n = (column[:, None] for column in rows.T)
    back = np.arange(int((n - t_x).max(initial=0)) + 1)
    m = np.maximum(n - back, t_x)
    left = np.broadcast_to((back > 0).astype(np.int64), m.shape)
    values = _sum_of_three(logs.buying(rows[:, :1], m)) + _sum_of_three(logs.leaving(m, left))
    return np.where(n - back >= t_x, values, -np.inf), m, left


def _sum_of_three(parts: tuple[FloatArray, FloatArray, FloatArray]) -> FloatArray:
    """Return the logarithm of a ratio of beta functions from those of its gamma functions."""
    one, other, both = parts
    return one + other - both


def _expand(logs: _Table, slopes: _Table, bends: _Table, rows: IntArray, share: FloatArray) -> Expansion:
    """Expand the weighted sum of ln L.

    With v the logarithm of a term and ⟨·⟩ the mean over the terms of a row by their size, the gradient of each row is
    ⟨v′⟩ and its Hessian ⟨v′v′ᵀ + v″⟩ − ⟨v′⟩⟨v′⟩ᵀ.
    """
    values, m, left = _terms(logs, rows)
    x = rows[:, :1]
    total = logsumexp(values, axis=1)
    density = np.exp(values - total[:, None]) * share[:, None]
    by_alpha, by_beta, by_both = slopes.buying(x, m)
    by_gamma, by_delta, by_all = slopes.leaving(m, left)
    slope = np.stack([by_alpha - by_both, by_beta - by_both, by_gamma - by_all, by_delta - by_all])
    weighed = slope * density
    means = weighed.sum(axis=2)
    hessian = weighed.reshape(4, -1) @ slope.reshape(4, -1).T - (means / share) @ means.T
    bend = [float(np.vdot(density, part)) for part in (*bends.buying(x, m), *bends.leaving(m, left))]
    hessian[np.arange(4), np.arange(4)] += (bend[0], bend[1], bend[3], bend[4])
    hessian[:2, :2] -= bend[2]
    hessian[2:, 2:] -= bend[5]
    return Expansion(float(share @ total), means.sum(axis=1), hessian)


def _trigamma(values: FloatArray) -> FloatArray:
    """Return ψ′, which is the Hurwitz zeta function ζ(2, ·)."""
    found: FloatArray = zeta(2.0, values)
    return found
