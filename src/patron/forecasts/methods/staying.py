"""The purchase process in which nobody leaves: the NBD, and how much better the histories are told with leaving.

Purchases come at a constant rate λ ~ Gamma(r, α) for ever [1]. A history of x purchases by age T, at known times, has

    ln L = ln Γ(r+x) − ln Γ(r) + r·ln α − (r+x)·ln(α+T).

(M)BG/NBD and Pareto/NBD hold it as the limit of no leaving. So twice their gain of log-likelihood over it is at most
χ² with two degrees of freedom, for their two parameters of leaving, when nobody leaves: at the edge of the parameters
the test errs on the side of saying so [2].

References:
    [1] Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8.
    [2] Self and Liang (1987), Asymptotic properties of maximum likelihood estimators and likelihood ratio tests under
        nonstandard conditions, JASA 82.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, psi
from scipy.stats import chi2

FloatArray = NDArray[np.float64]

NOTICED = float(chi2.ppf(0.95, 2)) / 2.0  # gain of log-likelihood that staying customers reach once in twenty shops
_BOUND = 10.0


def log_likelihood_of_staying(frequency: FloatArray, age: FloatArray) -> float:
    """Return the highest log-likelihood of these histories when nobody ever leaves.

    Args:
        frequency: purchases after the first one, shape (n_customers,).
        age: time since the first purchase, in any unit, shape (n_customers,); at least one is above zero.

    >>> round(log_likelihood_of_staying(np.array([0.0, 1.0, 4.0]), np.array([30.0, 60.0, 90.0])), 2)
    -22.92
    """
    kinds, counts = np.unique(np.column_stack([frequency, age]), axis=0, return_counts=True)
    x, T = kinds.T
    unit = float(T.max())
    T = T / unit

    def loss(logs: FloatArray) -> tuple[float, FloatArray]:
        r, alpha = np.exp(logs)
        value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T)
        by_r = psi(r + x) - psi(r) + np.log(alpha / (alpha + T))
        by_alpha = r / alpha - (r + x) / (alpha + T)
        slope = np.array([r * float(counts @ by_r), alpha * float(counts @ by_alpha)])
        return -float(counts @ value) / counts.sum(), -slope / counts.sum()

    bounds = [(-_BOUND, _BOUND)] * 2
    found = min(
        (minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", tol=1e-12) for start in ((-1, -1), (1, 1))),
        key=lambda it: float(it.fun),
    )
    return -float(found.fun) * float(counts.sum()) - float(frequency.sum()) * float(np.log(unit))
