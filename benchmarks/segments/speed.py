"""What judging costs: K-Means with all judgements, K = 2 … 12, 50 resamples, 100,000 customers of 30 features."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patron.segments.methods import KLimits, choose_k

FloatArray = NDArray[np.float64]
SIZE = (100_000, 30)
LIMITS = KLimits(k_min=2, k_max=12, n_resamples=50)


def groups(rng: np.random.Generator) -> FloatArray:
    """Return six overlapping groups, as a shop's prepared features have them."""
    centres = rng.normal(0, 1.2, (6, SIZE[1]))
    return rng.normal(centres[rng.integers(0, 6, SIZE[0])], 1.0)


def cloud(rng: np.random.Generator) -> FloatArray:
    """Return one correlated cloud, the slowest case for K-Means."""
    return rng.normal(size=SIZE) @ rng.normal(0, 0.3, (SIZE[1], SIZE[1]))


def look() -> list[dict[str, Any]]:
    """Measure the wall clock of one choice on each kind of data, every row used for the fits and the silhouettes."""
    return [_looked(world) for world in (groups, cloud)]


def _looked(world: Any) -> dict[str, Any]:
    X = world(np.random.default_rng(0))
    start = time.perf_counter()
    choice = choose_k(X, LIMITS, seed=0)
    seconds = time.perf_counter() - start
    print(world.__name__, f"{seconds:.0f} s", flush=True)
    resamples = [cut.stability.n_resamples for cut in choice.cuts if cut.stability is not None]
    return {"world": world.__name__, "seconds": seconds, "k": choice.k, "resamples": resamples, "why": choice.why_en}
