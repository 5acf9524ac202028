"""Maximum likelihood over positive parameters: Newton's method on their logarithms, from several starts.

Working on logarithms keeps every parameter positive without constraints and makes steps relative. Coefficients, which
may be of either sign, come last and are climbed as they are. The bounds are wide (e^±10 units, coefficients ±10) and
only reached when the data show no trace of a parameter's effect, such as no dropout at all; that is reported as
`at_bound`, not as a failure.

Most of the way is walked on samples of the rows; all of them are then met two or three times. Where Newton's method
finds no way up, L-BFGS-B climbs on.

References:
    Nocedal and Wright (2006), Numerical Optimization, 2nd ed., sections 3.1 (backtracking), 3.4 (Newton's method with
        modified Hessian) and 16.5 (working sets of bounds).
    Byrd, Lu, Nocedal and Zhu (1995), A limited memory algorithm for bound constrained optimization, SIAM Journal on
        Scientific Computing 16 (L-BFGS-B).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits  # ships no stubs

from patron.forecasts.methods.expansion import Expansion, stretch

FloatArray = NDArray[np.float64]

LOG_BOUND = 10.0
GRADIENT_TOLERANCE = 1e-4
NEGLIGIBLE = 1e-9  # of mean log-likelihood: a thousandth of a unit among a million customers
SAMPLES = (4_000, 100_000)
MOST_STEPS = 50
LONGEST_STEP = 3.0
SHORT_STEP = 5e-4  # the step after it, of the order of its square, is not worth another pass over the rows
TRUSTED_STEP = 0.01  # is short enough to believe the expansion


Objective = Callable[[FloatArray], Expansion]


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best point found: parameters, mean log-likelihood, curvature, and whether the slope is flat.

    `hessian` is that of the mean log-likelihood by the logarithms of the parameters, and by the coefficients, the last
    `n_coefficients` of the parameters, as they are.
    """

    parameters: FloatArray
    mean_log_likelihood: float
    hessian: FloatArray
    converged: bool
    at_bound: tuple[bool, ...]
    n_coefficients: int = 0

    @classmethod
    def at(cls, point: FloatArray, here: Expansion, units: FloatArray, n_coefficients: int) -> Self:
        """Return the optimum at log-parameters and coefficients `point`, where the function looks like `here`."""
        slope = np.where(_pinned(point, here.gradient), 0.0, here.gradient)
        flat = bool(np.abs(slope).max(initial=0.0) < GRADIENT_TOLERANCE)
        at_bound = tuple(bool(hit) for hit in _bounded(point))
        parameters = units * _stretched(point, n_coefficients)
        return cls(parameters, here.value, here.hessian, flat, at_bound, n_coefficients)

    def standard_errors(self, n_customers: float) -> FloatArray:
        """Return the standard error of each parameter: the delta method on the inverse of the observed information.

        NaN for parameters at a bound, which the others' errors take as given, and for all where there is no peak.
        """
        free = ~np.array(self.at_bound)
        errors = np.full(free.size, np.nan)
        information = -n_customers * self.hessian[np.ix_(free, free)]
        if _is_positive_definite(information):
            grown = stretch(self.parameters, self.n_coefficients)[free]
            errors[free] = grown * np.sqrt(np.diag(np.linalg.inv(information)))
        return errors


class MaximumLikelihood:
    """What an estimator of the parameters `_names` has learned once its likelihood is at its highest."""

    _names: ClassVar[tuple[str, ...]]

    def _learn(self, best: Optimum, n_customers: float) -> None:
        names = self._names
        own = slice(len(names))
        self.params_: dict[str, float] = dict(zip(names, best.parameters[own].tolist(), strict=True))
        errors = best.standard_errors(n_customers)[own]
        self.standard_errors_: dict[str, float] = dict(zip(names, errors.tolist(), strict=True))
        self.log_likelihood_ = best.mean_log_likelihood * n_customers
        self.converged_ = best.converged
        self.at_bound_ = tuple(name for name, hit in zip(names, best.at_bound[own], strict=True) if hit)


def maximise(
    mean_log_likelihood: Objective,
    starts: Sequence[Sequence[float]],
    units: Sequence[float] | None = None,
    n_coefficients: int = 0,
) -> Optimum:
    """Climb from each start and keep the highest point.

    Args:
        mean_log_likelihood: from parameters, shape (k,), to their mean log-likelihood with its derivatives.
        starts: parameters to start from, each of length k, counted in `units`.
        units: the size of each parameter that counts as 1, the middle between its bounds; 1 when not given.
        n_coefficients: how many of the parameters, the last ones, may be of either sign; their middle is 0.

    Returns:
        The highest point; `converged` when no component of the gradient by log-parameters that can still be followed
        exceeds 1e-4 per customer: a log-likelihood that a thousand customers could not tell from flat.
    """
    scale = np.ones(len(starts[0])) if units is None else np.asarray(units, dtype=np.float64)
    points = [np.clip(_point(start, n_coefficients), -LOG_BOUND, LOG_BOUND) for start in starts]

    def objective(point: FloatArray) -> Expansion:
        parameters = scale * _stretched(point, n_coefficients)
        return mean_log_likelihood(parameters).by_logarithms(parameters, n_coefficients)

    found = [_newton(objective, point) for point in points]
    return Optimum.at(*max(found, key=lambda one: one[1].value), scale, n_coefficients)


def maximise_on_samples(
    objective_of: Callable[[slice], Objective],
    n_rows: int,
    starts: Sequence[Sequence[float]],
    units: Sequence[float],
    n_coefficients: int = 0,
) -> Optimum:
    """Climb from each start on a few of the rows, and from the best point on more and at last on all of them.

    Args:
        objective_of: from a slice of the rows to their mean log-likelihood.
        n_rows: how many rows there are.
        starts: as in `maximise`; where a sample leaves a parameter undetermined they are tried again on the next.
        units: as in `maximise`.
        n_coefficients: as in `maximise`.
    """
    nearest = starts
    for size in SAMPLES:
        if n_rows > 2 * size:
            rough = maximise(objective_of(slice(None, None, n_rows // size)), nearest, units, n_coefficients)
            point = rough.parameters / np.asarray(units)
            nearest = [point, *starts] if any(rough.at_bound) else [point]
    return maximise(objective_of(slice(None)), nearest, units, n_coefficients)


def _newton(objective: Objective, point: FloatArray) -> tuple[FloatArray, Expansion]:
    """Return where Newton's method ends, and what the function looks like there."""
    here = objective(point)
    for _ in range(MOST_STEPS):
        step = _newton_step(point, here)
        length = float(np.abs(step).max())
        if length < SHORT_STEP or here.gradient @ step < NEGLIGIBLE:
            last = step * _room(point, step) * (length < TRUSTED_STEP)
            return point + last, here.moved(last)
        ahead = _ahead(objective, point, step, here)
        if ahead is None:
            break
        point, here = ahead
    return _climb(objective, point)


def _newton_step(point: FloatArray, here: Expansion) -> FloatArray:
    """Return the step to the peak of the expansion, past no bound that is touched already.

    Along directions in which the expansion bends upwards the step goes uphill as far as it would bend downwards.
    """
    free = ~_pinned(point, here.gradient)
    while True:
        bends, directions = np.linalg.eigh(here.hessian[np.ix_(free, free)])
        bends = np.maximum(np.abs(bends), 1e-10 * np.abs(bends).max(initial=1e-10))
        step = np.zeros(point.size)
        step[free] = directions @ ((directions.T @ here.gradient[free]) / bends)
        outward = _pinned(point, step)
        if not outward.any():
            return step * (LONGEST_STEP / max(float(np.linalg.norm(step)), LONGEST_STEP))
        free &= ~outward


def _ahead(
    objective: Objective, point: FloatArray, step: FloatArray, here: Expansion
) -> tuple[FloatArray, Expansion] | None:
    """Return the first of the whole, half, quarter … step that gains a fair share of what its slope promises."""
    step = step * _room(point, step)
    for share in 0.5 ** np.arange(12):
        there = objective(point + share * step)
        if there.value >= here.value + 1e-4 * share * (here.gradient @ step):
            return point + share * step, there
    return None


def _room(point: FloatArray, step: FloatArray) -> float:
    """Return what share of the step stays within the bounds, at most 1."""
    moving = step != 0
    room = (np.copysign(LOG_BOUND, step) - point)[moving] / step[moving]
    return float(np.clip(room.min(initial=1.0), 0.0, 1.0))


def _climb(objective: Objective, start: FloatArray) -> tuple[FloatArray, Expansion]:
    """Return where L-BFGS-B ends, and what the function looks like there."""

    def descend(point: FloatArray) -> tuple[float, FloatArray]:
        here = objective(point)
        return -here.value, -here.gradient

    bounds = [(-LOG_BOUND, LOG_BOUND)] * start.size
    options = {"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 20}
    with threadpool_limits(1, user_api="blas"):  # a few numbers: threads would only wait for one another
        found = minimize(descend, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    point = np.asarray(found.x, dtype=np.float64)
    return point, objective(point)


def _point(start: Sequence[float], n_coefficients: int) -> FloatArray:
    """Return the logarithms of the parameters, and the coefficients as they are."""
    point = np.array(start, dtype=np.float64)
    positive = slice(point.size - n_coefficients)
    point[positive] = np.log(point[positive])
    return point


def _stretched(point: FloatArray, n_coefficients: int) -> FloatArray:
    """Return the parameters of a point, in units: the way back from `_point`."""
    positive = point.size - n_coefficients
    return np.concatenate([np.exp(point[:positive]), point[positive:]])


def _bounded(point: FloatArray) -> NDArray[np.bool_]:
    at_bound: NDArray[np.bool_] = np.abs(point) >= LOG_BOUND - 1e-6
    return at_bound


def _pinned(point: FloatArray, direction: FloatArray) -> NDArray[np.bool_]:
    """Return which parameters lie at a bound and are pushed against it."""
    pinned: NDArray[np.bool_] = _bounded(point) & (np.sign(direction) == np.sign(point))
    return pinned


def _is_positive_definite(matrix: FloatArray) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True
