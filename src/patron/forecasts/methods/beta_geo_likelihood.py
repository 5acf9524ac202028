"""The likelihood of BG/NBD and MBG/NBD: of each row, and of all rows together with its first two derivatives.

With n the number of coins thrown and survived up to the last purchase but one (BG/NBD: n = x; MBG/NBD: n = x + 1),
both models share one likelihood:

    L = Γ(r+x) α^r / Γ(r) · B(a, b+n) / B(a, b) · [ (α+T)^−(r+x)  +  [n>0] · a/(b+n−1) · (α+t_x)^−(r+x) ]

Its logarithm falls apart into terms of x alone, terms of T and sums over x, and one term that needs each row:

    ln L = lnΓ(r+x)/Γ(r) + ln B(a, b+n)/B(a, b)                        counts: once per distinct x
         + r ln α − (r+x) ln(α+T)                                      exposure: once per distinct T
         + [n>0] ln(1 + odds),                                         dropout: row by row
      odds = a/(b+n−1) · ((α+T)/(α+t_x))^(r+x)                         those of having left by T

The derivatives are those of these terms.

References:
    Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24, eq. (6).
    Fader and Hardie (2013), Overcoming the BG/NBD model's #NUM! error problem, brucehardie.com/notes/027.
    Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for customer base
        analysis, IJRM 24 (MBG/NBD); Wagner and Hoppe (2008), Erratum on the MBG/NBD model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, psi, zeta

from patron.forecasts.methods.expansion import Expansion
from patron.forecasts.methods.row_sums import SumsByNumber, chunks

FloatArray = NDArray[np.float64]

_LARGEST_LOG = 650.0  # exp of much more overflows; from here on ln(1 + odds) grows with the log odds


Parameters = Sequence[FloatArray] | FloatArray  # r, α, a and b: each one number, or one per row


def log_likelihood_of_rows(histories: FloatArray, parameters: Parameters, first_purchase_throws: int) -> FloatArray:
    """Return ln L of each row (x, t_x, T), as it is written above."""
    x, t_x, T = histories.T
    r, alpha, a, b = parameters
    n = x + first_purchase_throws
    counts = gammaln(r + x) - gammaln(r) + gammaln(a + b) - gammaln(a + b + n) + gammaln(b + n) - gammaln(b)
    exposure = r * np.log(alpha) - (r + x) * np.log(alpha + T)
    last = np.where(n > 0, b + n - 1.0, 1.0)
    log_odds = np.log(a) - np.log(last) + (r + x) * (np.log(alpha + T) - np.log(alpha + t_x))
    values: FloatArray = counts + exposure + np.where(n > 0, np.logaddexp(0.0, log_odds), 0.0)
    return values


class MeanLogLikelihood:
    """The mean log-likelihood of weighted rows as a function of r, α, a and b, with gradient and Hessian."""

    def __init__(self, histories: FloatArray, weight: FloatArray, first_purchase_throws: int) -> None:
        self._throws = first_purchase_throws
        by_x, by_T, once, total = SumsByNumber(), SumsByNumber(), SumsByNumber(), weight.sum()
        thrown, filled = np.empty((4, np.count_nonzero(histories[:, 0]))), 0
        for part in chunks(weight.size):
            rows = np.vstack([histories[part].T, weight[part] / total])
            x, _, T, share = rows
            by_x.add(x, share)
            by_T.add(T, share, share * x)
            again = rows.compress(x > 0, axis=1)
            thrown[:, filled : filled + again.shape[1]] = again
            filled += again.shape[1]
            if first_purchase_throws:
                once.add(*rows[2:].compress(x == 0, axis=1))
        self._x, self._share_of_x = by_x.totals()
        self._T, self._share_of_T, self._purchases_of_T = by_T.totals()
        self._rows = [thrown[:, part] for part in chunks(filled)]
        if first_purchase_throws:  # those who bought once differ in T only
            bought_once = np.pad(once.totals(), ((2, 0), (0, 0)))
            self._rows += [bought_once[:, part] for part in chunks(bought_once.shape[1])]

    def __call__(self, parameters: FloatArray) -> Expansion:
        """Expand the mean log-likelihood around r, α, a and b."""
        r, alpha, a, b = (float(value) for value in parameters)
        return self._counts(r, a, b) + self._exposure(r, alpha) + self._dropout(r, alpha, a, b)

    def _counts(self, r: float, a: float, b: float) -> Expansion:
        x, n = self._x, self._x + self._throws

        def rise(function: Callable[[FloatArray | float], FloatArray], start: float, by: FloatArray) -> float:
            return float(self._share_of_x @ (function(start + by) - function(start)))

        value = rise(gammaln, r, x) - rise(gammaln, a + b, n) + rise(gammaln, b, n)
        by_a = -rise(psi, a + b, n)
        by_aa = -rise(trigamma, a + b, n)
        hessian = np.zeros((4, 4))
        hessian[0, 0] = rise(trigamma, r, x)
        hessian[2:, 2:] = by_aa
        hessian[3, 3] += rise(trigamma, b, n)
        return Expansion(value, np.array([rise(psi, r, x), 0.0, by_a, by_a + rise(psi, b, n)]), hessian)

    def _exposure(self, r: float, alpha: float) -> Expansion:
        end, share = alpha + self._T, self._share_of_T
        power = r * share + self._purchases_of_T
        log_end, inverse = np.log(end), 1.0 / end
        value = r * np.log(alpha) - power @ log_end
        gradient = np.array([np.log(alpha) - share @ log_end, r / alpha - power @ inverse, 0.0, 0.0])
        hessian = np.zeros((4, 4))
        hessian[0, 1] = hessian[1, 0] = 1.0 / alpha - share @ inverse
        hessian[1, 1] = power @ inverse**2 - r / alpha**2
        return Expansion(float(value), gradient, hessian)

    def _dropout(self, r: float, alpha: float, a: float, b: float) -> Expansion:
        parts = (_dropout_of(rows, r, alpha, a, b + self._throws - 1.0) for rows in self._rows)
        return sum(parts, Expansion(0.0, np.zeros(4), np.zeros((4, 4))))


def _dropout_of(rows: FloatArray, r: float, alpha: float, a: float, b: float) -> Expansion:
    """Expand the weighted sum of ln(1 + odds); the odds are a/(b+x) · ((α+T)/(α+t_x))^(r+x).

    With g = odds/(1+odds) and v the log odds, the gradient is Σ g v′ and the Hessian Σ g(1−g) v′v′ᵀ + g v″.
    """
    x, t_x, T, share = rows
    power, end = r + x, alpha + T
    from_end, from_last, from_throw = 1.0 / end, 1.0 / (alpha + t_x), 1.0 / (b + x)
    apart = from_end - from_last
    slopes = np.empty((4, x.size))  # v′, by r, α, a and b
    stretch = np.log(end * from_last, out=slopes[0])
    np.multiply(power, apart, out=slopes[1])
    slopes[2] = 1.0 / a
    np.negative(from_throw, out=slopes[3])
    growth = power * stretch
    finite = np.minimum(growth, _LARGEST_LOG)
    either = 1.0 + a * from_throw * np.exp(finite)
    staying = 1.0 / either
    weighed = np.empty((5, x.size))
    leaving = np.multiply(share, 1.0 - staying, out=weighed[4])
    np.multiply(slopes, leaving * staying, out=weighed[:4])
    sums = weighed @ slopes.T
    hessian, gradient = sums[:4], sums[4]
    hessian[[0, 1], [1, 0]] += apart @ leaving
    hessian[1, 1] -= (slopes[1] * (from_end + from_last)) @ leaving
    hessian[2, 2] -= gradient[2] / a
    hessian[3, 3] += from_throw**2 @ leaving
    return Expansion(float(share @ (np.log(either) + (growth - finite))), gradient, hessian)


def trigamma(values: FloatArray | float) -> FloatArray:
    """Return ψ′, which is the Hurwitz zeta function ζ(2, ·)."""
    found: FloatArray = zeta(2.0, values)
    return found
