"""Fitting BG/NBD and Gamma-Gamma on customers drawn from these models, against lifetimes on the same rows.

Histories are in whole days, as lifetimes' own summaries are; Gamma-Gamma gets the mean spend of those who came back.
lifetimes gets every row, as its users call it, and once more its rows grouped by pandas with their number as weights.
Imports and inputs are not timed, grouping is. Each side reports the log-likelihood of all rows at its optimum.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.measuring import Bar, Benchmark, Said, Side, Work
from patron.forecasts.methods import BetaGeoNBD, GammaGamma
from patron.ground.dates import stopwatch

AGREE_AT = 5_000
R, ALPHA, A, B = 0.8, 42.0, 0.8, 2.5  # days
P, Q, GAMMA = 6.25, 3.74, 15.44

Rows = NDArray[np.float64]


class Customers(NamedTuple):
    """Histories (frequency, recency, T) in whole days, and (frequency, mean spend) of those who came back."""

    histories: Rows
    spending: Rows


def customers(size: int) -> Customers:
    rng = np.random.default_rng(size)
    rate, leave = rng.gamma(R, 1 / ALPHA, size), rng.beta(A, B, size)
    T = rng.integers(90, 540, size).astype(float)
    frequency, recency, clock, alive = np.zeros(size), np.zeros(size), np.zeros(size), np.ones(size, dtype=bool)
    while alive.any():
        clock = clock + rng.exponential(1 / rate)
        bought = alive & (clock < T)
        frequency[bought] += 1
        recency[bought] = np.clip(np.round(clock[bought]), 1, T[bought])
        alive = bought & (rng.random(size) > leave)
    again = frequency[frequency > 0]
    spend = rng.gamma(P * again) / again / rng.gamma(Q, 1 / GAMMA, again.size)
    return Customers(np.column_stack([frequency, recency, T]), np.column_stack([again, spend]))


def with_patron(given: Customers) -> Said:
    started = stopwatch()
    buying = BetaGeoNBD().fit(given.histories)
    between = stopwatch()
    spending = GammaGamma().fit(given.spending)
    return _said((started, between, stopwatch()), buying.log_likelihood_, spending.log_likelihood_)


def with_lifetimes(given: Customers, *, grouped: bool = False) -> Work:
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    columns, spent = list(np.ascontiguousarray(given.histories.T)), list(np.ascontiguousarray(given.spending.T))

    def work() -> Said:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            started = stopwatch()
            buying = BetaGeoFitter().fit(*(_grouped(columns) if grouped else columns))
            between = stopwatch()
            spending = GammaGammaFitter().fit(*spent)
            ended = stopwatch()
        # lifetimes counts time in units of its own: each purchase's density is that much higher
        unit = float(columns[0].sum() * np.log(buying._scale))
        heights = (-buying._negative_log_likelihood_ * columns[0].size + unit, -spending._negative_log_likelihood_)
        return _said((started, between, ended), heights[0], heights[1] * spent[0].size)

    return work


def _grouped(columns: list[Rows]) -> list[Rows]:
    frame = pd.DataFrame(dict(zip(("frequency", "recency", "T"), columns, strict=True)))
    kinds = frame.groupby(["frequency", "recency", "T"]).size().reset_index(name="customers")
    return [kinds[name].to_numpy() for name in kinds.columns]


def _said(clock: tuple[float, float, float], buying: float, spending: float) -> Said:
    return {
        "bg_nbd_s": round(clock[1] - clock[0], 3),
        "gamma_gamma_s": round(clock[2] - clock[1], 3),
        "bg_nbd_log_likelihood": float(buying),
        "gamma_gamma_log_likelihood": float(spending),
    }


def agree() -> None:
    """Demand log-likelihoods at least as high as the peer's, grouped or not."""
    given = customers(AGREE_AT)
    ours = with_patron(given)
    for grouped in (False, True):
        theirs = with_lifetimes(given, grouped=grouped)()
        for model in ("bg_nbd_log_likelihood", "gamma_gamma_log_likelihood"):
            mine, yours = float(str(ours[model])), float(str(theirs[model]))
            if not mine >= yours - 1e-6 * abs(yours):
                raise SystemExit(f"{model}: lifetimes found a better optimum: {yours} against {mine}")


def _patron(size: int) -> Work:
    given = customers(size)
    return lambda: with_patron(given)


BENCHMARK = Benchmark(
    name="purchase_process",
    what="Fitting BG/NBD and Gamma-Gamma",
    sizes=(10_000, 100_000, 1_000_000),
    sides=(
        Side("Patron", _patron),
        Side("lifetimes", lambda size: with_lifetimes(customers(size))),
        Side("lifetimes, equal rows grouped", lambda size: with_lifetimes(customers(size), grouped=True)),
    ),
    bars=(Bar("times faster than lifetimes", "at least", 50.0, lambda result: result.faster("lifetimes")),),
    agree=agree,
)
