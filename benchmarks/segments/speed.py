"""What judging and placing cost: K-Means with all judgements beside scikit-learn alone, and a million customers placed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, davies_bouldin_score, silhouette_score

from patron.segments.methods import KLimits, KMeansSegmenter, choose_k

FloatArray = NDArray[np.float64]
SIZE = (100_000, 30)
PLACED = 1_000_000
LIMITS = KLimits(k_min=2, k_max=12, n_resamples=50)


def groups(rng: np.random.Generator) -> FloatArray:
    """Return six overlapping groups, as a shop's prepared features have them."""
    centres = rng.normal(0, 1.2, (6, SIZE[1]))
    return rng.normal(centres[rng.integers(0, 6, SIZE[0])], 1.0)


def cloud(rng: np.random.Generator) -> FloatArray:
    """Return one correlated cloud, the slowest case for K-Means."""
    return rng.normal(size=SIZE) @ rng.normal(0, 0.3, (SIZE[1], SIZE[1]))


def look() -> list[dict[str, Any]]:
    """Measure the wall clock of one choice on each kind of data, every row used for the fits, and of placing."""
    return [_looked(world) for world in (groups, cloud)]


def _looked(world: Callable[[np.random.Generator], FloatArray]) -> dict[str, Any]:
    X = world(np.random.default_rng(0))
    seconds, choice = _timed(lambda: choose_k(X, LIMITS, seed=0))
    peer_seconds, _ = _timed(lambda: _scikit_learn(X))
    many = np.tile(X, (PLACED // SIZE[0], 1))
    placing, _ = _timed(lambda: KMeansSegmenter.from_centres(X[:8], 1.0).assign(many))
    print(world.__name__, f"{seconds:.0f} s, scikit-learn {peer_seconds:.0f} s, placing {placing:.1f} s", flush=True)
    resamples = [cut.stability.n_resamples for cut in choice.cuts if cut.stability is not None]
    return {
        "world": world.__name__,
        "seconds": seconds,
        "scikit_learn_seconds": peer_seconds,
        "placing_seconds": placing,
        "k": choice.k,
        "resamples": resamples,
        "why": choice.why_en,
    }


def _scikit_learn(X: FloatArray) -> list[tuple[float, ...]]:
    """Judge the same K as its documentation shows: fits, the three indices, 50 resamples; no gap statistic, no choice."""
    rng = np.random.default_rng(0)
    found = []
    for k in range(LIMITS.k_min, LIMITS.k_max + 1):
        labels = KMeans(k, n_init=10, random_state=0).fit_predict(X)
        width = silhouette_score(X, labels, sample_size=LIMITS.silhouette_rows, random_state=0)
        agreed = []
        for start in range(LIMITS.n_resamples):
            rows = rng.integers(0, X.shape[0], LIMITS.resample_rows)
            agreed.append(
                adjusted_rand_score(labels[rows], KMeans(k, n_init=3, random_state=start).fit_predict(X[rows]))
            )
        found.append(
            (
                float(width),
                float(davies_bouldin_score(X, labels)),
                float(calinski_harabasz_score(X, labels)),
                float(np.mean(agreed)),
            )
        )
    return found


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made
