"""The likelihood of BG/NBD and MBG/NBD row by row, each with parameters of its own, and its first two derivatives.

The terms are those of `beta_geo_likelihood`, where rows that share their parameters are added up before anything is
differentiated. Here every customer has their own α, a and b, as with covariates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, psi

from patron.forecasts.methods.beta_geo_likelihood import log_likelihood_of_rows, trigamma
from patron.forecasts.methods.covariates import RowExpansions

FloatArray = NDArray[np.float64]


def expand_rows(histories: FloatArray, parameters: FloatArray, first_purchase_throws: int) -> RowExpansions:
    """Expand ln L of each row (x, t_x, T) around its own r, α, a and b, shape (4, n)."""
    gradient, hessian = np.zeros((4, len(histories))), np.zeros((4, 4, len(histories)))
    throws = histories[:, 0] + first_purchase_throws
    _add_counts(gradient, hessian, histories[:, 0], throws, parameters)
    _add_exposure(gradient, hessian, histories, parameters)
    _add_dropout(gradient, hessian, histories, throws, parameters)
    return RowExpansions(log_likelihood_of_rows(histories, parameters, first_purchase_throws), gradient, hessian)


def _add_counts(
    gradient: FloatArray, hessian: FloatArray, x: FloatArray, throws: FloatArray, parameters: FloatArray
) -> None:
    r, _, a, b = parameters
    by_a, by_aa = psi(a + b) - psi(a + b + throws), trigamma(a + b) - trigamma(a + b + throws)
    gradient[0] += psi(r + x) - psi(r)
    gradient[2:] += by_a
    gradient[3] += psi(b + throws) - psi(b)
    hessian[0, 0] += trigamma(r + x) - trigamma(r)
    hessian[2:, 2:] += by_aa
    hessian[3, 3] += trigamma(b + throws) - trigamma(b)


def _add_exposure(gradient: FloatArray, hessian: FloatArray, histories: FloatArray, parameters: FloatArray) -> None:
    x, _, T = histories.T
    r, alpha, _, _ = parameters
    end = alpha + T
    gradient[0] -= np.log1p(T / alpha)
    gradient[1] += r / alpha - (r + x) / end
    hessian[[0, 1], [1, 0]] += 1.0 / alpha - 1.0 / end
    hessian[1, 1] += (r + x) / end**2 - r / alpha**2


def _add_dropout(
    gradient: FloatArray, hessian: FloatArray, histories: FloatArray, throws: FloatArray, parameters: FloatArray
) -> None:
    """Add those of ln(1 + odds): with g = odds/(1+odds) and v the log odds, g v′ and g(1−g) v′v′ᵀ + g v″."""
    x, t_x, T = histories.T
    r, alpha, a, b = parameters
    power, end, last = r + x, 1.0 / (alpha + T), 1.0 / (alpha + t_x)
    coin = 1.0 / np.where(throws > 0, b + throws - 1.0, 1.0)
    stretch, apart = np.log((alpha + T) * last), end - last
    left = np.where(throws > 0, expit(np.log(a * coin) + power * stretch), 0.0)
    slopes = np.stack([stretch, power * apart, 1.0 / a, -coin])
    gradient += left * slopes
    hessian += (left * (1.0 - left) * slopes)[:, None] * slopes
    hessian[[0, 1], [1, 0]] += left * apart
    hessian[1, 1] -= left * power * apart * (end + last)
    hessian[2, 2] -= left / a**2
    hessian[3, 3] += left * coin**2
