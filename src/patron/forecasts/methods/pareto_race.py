"""Two clocks that strike at Pareto-distributed times: the chance that a given one strikes first, and before a horizon.

An event at a rate that is Gamma(q, b) over customers has struck by time u with probability 1 − (b/(b+u))^q. Beside
another such clock, of shape p and scale a, the one of q and b strikes first and within h with probability

    race = ∫₀ʰ (a/(a+u))^p · (b/(b+u))^q · q/(b+u) du

All of Pareto/NBD that is not elementary is such a race: leaving against buying, or buying against leaving. The papers
write it as a difference of two ₂F₁ of large arguments, with a case for each order of a and b; here it is integrated.
With c = min(a, b) and y = ln(1 + u/c) the integrand is smooth in y, its nearest singularity π away from the real
axis. What lies behind the point from which it is less than e⁻³⁶ of its start is left out, and the rest is cut into
equal panels, none longer than 2 and none in which the integrand falls by more than e¹⁰: on each, Gauss-Legendre's
rule with twelve nodes is exact to about twelve digits.

References:
    Schmittlein, Morrison and Colombo (1987), Counting your customers: who are they and what will they do next?
        Management Science 33, appendix.
    Fader and Hardie (2005), A note on deriving the Pareto/NBD model and related expressions,
        brucehardie.com/notes/009, section 3.
    Davis and Rabinowitz (1984), Methods of Numerical Integration, 2nd ed., section 4.6 (error of Gauss rules for
        analytic functions).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from patron.forecasts.methods.row_sums import chunks

FloatArray = NDArray[np.float64]

_NODES = 12
_LONGEST_PANEL = 2.0
_DEEPEST_PANEL = 10.0
_NEGLIGIBLE = 36.0  # e⁻³⁶ is less than the rounding of a sum
_LARGEST_LOG = 500.0


class Race(NamedTuple):
    """The races of some rows: shapes and scales of both clocks, and the horizon; each of shape (n,)."""

    p: FloatArray
    a: FloatArray
    q: FloatArray
    b: FloatArray
    horizon: FloatArray


class Legs(NamedTuple):
    """Nodes of races of equally many panels: which rows, times u, and weights of q·(survival of both); (n, nodes)."""

    rows: NDArray[np.intp]
    time: FloatArray
    weight: FloatArray


def legs(race: Race) -> Iterator[Legs]:
    """Return the nodes of all races, those of equally many panels together."""
    nearest = np.minimum(race.a, race.b)
    length, n_panels = _lengths(race, nearest)
    for panels in np.unique(n_panels):
        rows = np.flatnonzero(n_panels == panels)
        place, share = _rule(int(panels))
        stretch, near = length[rows, None], nearest[rows, None]
        time = near * np.expm1(stretch * place)
        weight = stretch * share * ((near + time) / (race.b[rows, None] + time))
        yield Legs(rows, time, weight)


def log_chances(race: Race) -> FloatArray:
    """Return the logarithm of the chance that the clock of q and b strikes first and in time, shape (n,).

    >>> one, two = np.ones(1), np.full(1, 2.0)
    >>> np.exp(log_chances(Race(p=one, a=one, q=two, b=one, horizon=np.full(1, 1e9)))).round(6).tolist()
    [0.666667]
    """
    logs = np.empty(race.horizon.size)
    for part in chunks(logs.size):
        some = Race(*(column[part] for column in race))
        for rows, time, weight in legs(some):
            p, a, q, b, _ = (column[rows, None] for column in some)
            survived = np.exp(-p * np.log1p(time / a) - q * np.log1p(time / b))
            with np.errstate(divide="ignore"):  # nobody strikes in no time
                logs[part][rows] = np.log(q[:, 0]) + np.log((weight * survived).sum(axis=1))
    return logs


def _lengths(race: Race, nearest: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return how far in y each race is worth following, and into how many panels that is cut."""
    p, a, q, b, horizon = race
    growth = np.log1p(horizon / nearest) - np.log1p(horizon / b)  # of the factor (c+u)/(b+u)
    worth = _NEGLIGIBLE + growth
    by_p = a * np.expm1(np.minimum(worth / p, _LARGEST_LOG))
    by_q = b * np.expm1(np.minimum(worth / q, _LARGEST_LOG))
    reach = np.minimum(horizon, np.minimum(by_p, by_q))
    length = np.log1p(reach / nearest)
    fall = p * np.log1p(reach / a) + q * np.log1p(reach / b)
    panels = np.ceil(np.maximum(length / _LONGEST_PANEL, fall / _DEEPEST_PANEL))
    return length, np.maximum(panels, 1.0).astype(np.int64)


@cache
def _rule(panels: int) -> tuple[FloatArray, FloatArray]:
    """Return places and weights on [0, 1] of Gauss-Legendre's rule on each of some equal panels."""
    place, weight = np.polynomial.legendre.leggauss(_NODES)
    places = (np.arange(panels)[:, None] + (place + 1.0) / 2.0).ravel() / panels
    return places, np.tile(weight / 2.0, panels) / panels
