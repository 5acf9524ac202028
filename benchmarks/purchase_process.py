"""Fitting BG/NBD on customers drawn from the BG/NBD itself, against lifetimes on the same rows."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from benchmarks.measuring import Bar, Benchmark, Said, Side, Work
from patron.forecasts.methods import BetaGeoNBD

AGREE_AT = 2_000
R, ALPHA, A, B = 0.8, 6.0, 0.8, 2.5  # weeks


def histories(size: int) -> NDArray[np.float64]:
    """Draw (frequency, recency, T) in weeks of whole days, one row a customer."""
    rng = np.random.default_rng(size)
    rate, leave = rng.gamma(R, 1 / ALPHA, size), rng.beta(A, B, size)
    T = rng.integers(90, 540, size) / 7
    frequency, recency, clock, alive = np.zeros(size), np.zeros(size), np.zeros(size), np.ones(size, dtype=bool)
    while alive.any():
        clock = clock + rng.exponential(1 / rate)
        bought = alive & (clock < T)
        frequency[bought] += 1
        recency[bought] = np.maximum(np.round(clock[bought] * 7), 1) / 7
        alive = bought & (rng.random(size) > leave)
    return np.column_stack([frequency, np.minimum(recency, T), T])


def with_patron(rows: NDArray[np.float64]) -> Said:
    model = BetaGeoNBD().fit(rows)
    return {"log_likelihood": float(model.log_likelihood_)}


def with_lifetimes(rows: NDArray[np.float64]) -> Said:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import BetaGeoFitter

        model = BetaGeoFitter().fit(*rows.T)
    params = model.params_
    ours = BetaGeoNBD.from_params(**{name: float(params[name]) for name in ("r", "alpha", "a", "b")})
    return {"log_likelihood": float(np.sum(ours.log_likelihood(rows)))}


def agree() -> None:
    """Demand a log-likelihood at least as high as the peer's."""
    rows = histories(AGREE_AT)
    ours, theirs = (float(str(work(rows)["log_likelihood"])) for work in (with_patron, with_lifetimes))
    if ours < theirs - 1e-6 * abs(theirs):
        raise SystemExit(f"lifetimes found a better optimum: {theirs} against {ours}")


def _patron(size: int) -> Work:
    rows = histories(size)
    return lambda: with_patron(rows)


def _lifetimes(size: int) -> Work:
    rows = histories(size)
    return lambda: with_lifetimes(rows)


BENCHMARK = Benchmark(
    name="purchase_process",
    what="Fitting BG/NBD",
    sizes=(10_000, 100_000, 1_000_000),
    sides=(Side("Patron", _patron), Side("lifetimes", _lifetimes, largest=100_000)),
    bars=(Bar("times faster than lifetimes", "at least", 50.0, lambda result: result.faster("lifetimes")),),
    agree=agree,
)
