"""Maximum likelihood over positive parameters: L-BFGS-B on their logarithms, from several starts.

Working on logarithms keeps every parameter positive without constraints and makes steps relative. The bounds are wide
(e^±10) and only reached when the data show no trace of a parameter's effect, such as no dropout at all; that is
reported as `at_bound`, not as a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits  # ships no stubs

FloatArray = NDArray[np.float64]
Objective = Callable[[FloatArray], tuple[float, FloatArray]]

LOG_BOUND = 10.0
GRADIENT_TOLERANCE = 1e-4
ROUGH_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best point found: log-parameters, mean log-likelihood, and whether its slope is flat."""

    log_parameters: FloatArray
    mean_log_likelihood: float
    converged: bool
    at_bound: tuple[bool, ...]
    n_evaluations: int


def maximise(mean_log_likelihood: Objective, starts: Sequence[Sequence[float]]) -> Optimum:
    """Climb from each start and keep the highest point.

    Args:
        mean_log_likelihood: from log-parameters, shape (k,), to the mean log-likelihood and its gradient.
        starts: parameters (not logarithms) to start from, each of length k.

    Returns:
        The highest point; `converged` when no component of the gradient that can still be followed exceeds 1e-4
        per customer: a log-likelihood that a thousand customers could not tell from flat.
    """
    with threadpool_limits(1, user_api="blas"):  # four numbers: threads would only wait for one another
        found = [_climb(mean_log_likelihood, start) for start in starts]
    return max(found, key=lambda optimum: optimum.mean_log_likelihood)


def maximise_in_two_steps(
    objective_of: Callable[[slice], Objective], n_rows: int, starts: Sequence[Sequence[float]]
) -> Optimum:
    """Climb from each start on a part of the rows, and polish the best point on all of them.

    Args:
        objective_of: from a slice of the rows to their mean log-likelihood.
        n_rows: how many rows there are; up to 20,000 all of them are used from the beginning.
        starts: as in `maximise`.
    """
    if n_rows > ROUGH_ROWS:
        rough = maximise(objective_of(slice(None, None, n_rows // ROUGH_ROWS)), starts)
        starts = [tuple(np.exp(rough.log_parameters))]
    return maximise(objective_of(slice(None)), starts)


def _climb(objective: Objective, start: Sequence[float]) -> Optimum:
    def descend(log_parameters: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = objective(log_parameters)
        return -value, -gradient

    found = minimize(
        descend,
        np.clip(np.log(np.asarray(start, dtype=np.float64)), -LOG_BOUND, LOG_BOUND),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LOG_BOUND, LOG_BOUND)] * len(start),
        options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 20},
    )
    point = np.asarray(found.x, dtype=np.float64)
    value, gradient = objective(point)
    at_bound = np.abs(point) >= LOG_BOUND - 1e-6
    outward = at_bound & (np.sign(gradient) == np.sign(point))
    flat = bool(np.max(np.abs(np.where(outward, 0.0, gradient)), initial=0.0) < GRADIENT_TOLERANCE)
    return Optimum(point, value, flat, tuple(bool(b) for b in at_bound), int(found.nfev))
