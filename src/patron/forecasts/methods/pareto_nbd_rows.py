"""The likelihood of Pareto/NBD row by row, each with parameters of its own, and its first two derivatives.

The terms are those of `pareto_nbd_likelihood`, where rows that share their parameters are added up before anything is
differentiated. Here every customer has their own α and β, as with covariates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, psi, zeta

from patron.forecasts.methods.covariates import RowExpansions
from patron.forecasts.methods.pareto_nbd_likelihood import leaving, leaving_before_buying
from patron.forecasts.methods.pareto_race import Legs, Race, legs

FloatArray = NDArray[np.float64]


def expand_rows(histories: FloatArray, parameters: FloatArray) -> RowExpansions:
    """Expand ln L of each row (x, t_x, T) around its own r, α, s and β, shape (4, n)."""
    found = _counts_and_exposure(histories, parameters)
    race = leaving_before_buying(histories.T, *parameters)
    for nodes in legs(race):
        _add_dropout(found, Race(*(column[nodes.rows] for column in race)), nodes)
    return found


def _counts_and_exposure(histories: FloatArray, parameters: FloatArray) -> RowExpansions:
    x, _, T = histories.T
    r, alpha, s, beta = parameters
    lived, stayed, by_alpha, by_beta = np.log1p(T / alpha), np.log1p(T / beta), 1.0 / (alpha + T), 1.0 / (beta + T)
    value = gammaln(r + x) - gammaln(r) - r * lived - x * np.log(alpha + T) - s * stayed
    gradient = np.stack(
        [psi(r + x) - psi(r) - lived, r / alpha - (r + x) * by_alpha, -stayed, s * (1.0 / beta - by_beta)]
    )
    hessian = np.zeros((4, 4, x.size))
    hessian[0, 0] = zeta(2.0, r + x) - zeta(2.0, r)  # ζ(2, ·) = ψ′
    hessian[[0, 1], [1, 0]] = 1.0 / alpha - by_alpha
    hessian[1, 1] = (r + x) * by_alpha**2 - r / alpha**2
    hessian[[2, 3], [3, 2]] = 1.0 / beta - by_beta
    hessian[3, 3] = s * (by_beta**2 - 1.0 / beta**2)
    return RowExpansions(value, gradient, hessian)


def _add_dropout(found: RowExpansions, own: Race, nodes: Legs) -> None:
    """Add those of ln(1 + odds) to the rows of these nodes: ⟨v′⟩ and ⟨v′v′ᵀ + v″⟩ − ⟨v′⟩⟨v′⟩ᵀ, as they are there."""
    part, q = leaving(own, nodes, np.ones(nodes.rows.size)), own.q[:, None]
    weighed = part.slopes * part.density
    means = weighed.sum(axis=2)
    hessian = np.einsum("ink,jnk->ijn", weighed, part.slopes) - means[:, None] * means
    hessian[[0, 1], [1, 0]] += (part.density * part.apart_a).sum(axis=1)
    hessian[[2, 3], [3, 2]] += (part.density * part.apart_b).sum(axis=1)
    hessian[1, 1] -= (weighed[1] * (part.inverse_a + part.end_a)).sum(axis=1)
    hessian[2, 2] -= (part.density / q**2).sum(axis=1)
    hessian[3, 3] += (part.density * (part.inverse_b**2 - q * part.apart_b * (part.inverse_b + part.end_b))).sum(axis=1)
    found.value[nodes.rows] += np.logaddexp(0.0, part.log_odds)
    found.gradient[:, nodes.rows] += means
    found.hessian[:, :, nodes.rows] += hessian
