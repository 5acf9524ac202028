"""The simulations of Tibshirani, Walther and Hastie (2001), §5: is the true K found?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from patron.segments.methods import KLimits, choose_k

FloatArray = NDArray[np.float64]
World = Callable[[np.random.Generator], FloatArray]

DRAWS = 30
LIMITS = KLimits(k_min=1, k_max=10)


def null(rng: np.random.Generator) -> FloatArray:
    """(a) Uniform in ten dimensions: one cluster."""
    return rng.uniform(size=(200, 10))


def three(rng: np.random.Generator) -> FloatArray:
    """(b) Three normal clusters in the plane."""
    return np.vstack([rng.normal([0, 0], 1, (25, 2)), rng.normal([0, 5], 1, (25, 2)), rng.normal([5, -3], 1, (50, 2))])


def four(n_features: int, variance: float) -> World:
    """(c), (d) Four normal clusters at random places; drawn again while points of two lie less than 1 apart."""

    def world(rng: np.random.Generator) -> FloatArray:
        while True:
            centres = rng.normal(0, np.sqrt(variance), (4, n_features))
            parts = [rng.normal(centre, 1, (rng.choice([25, 50]), n_features)) for centre in centres]
            if min(cdist(parts[i], parts[j]).min() for i in range(4) for j in range(i)) >= 1.0:
                return np.vstack(parts)

    return world


def elongated(rng: np.random.Generator) -> FloatArray:
    """(e) Two parallel elongated clusters in three dimensions."""
    along = np.linspace(-0.5, 0.5, 100)[:, None]
    return np.vstack([along + rng.normal(0, 0.1, (100, 3)), along + rng.normal(0, 0.1, (100, 3)) + 10])


WORLDS: dict[str, tuple[World, int]] = {
    "null: uniform, 10-d": (null, 1),
    "3 clusters, 2-d": (three, 3),
    "4 random clusters, 3-d": (four(3, 5.0), 4),
    "4 random clusters, 10-d": (four(10, 1.9), 4),
    "2 elongated, 3-d": (elongated, 2),
}


def look(first_seed: int = 0) -> list[dict[str, Any]]:
    """Choose K in every draw of every world; draw i has seed `first_seed` + i."""
    return [_looked(name, world, k, range(first_seed, first_seed + DRAWS)) for name, (world, k) in WORLDS.items()]


def _looked(name: str, world: World, k: int, seeds: range) -> dict[str, Any]:
    print(name, flush=True)
    chosen: Counter[int] = Counter()
    by_index: Counter[str] = Counter()
    for seed in seeds:
        choice = choose_k(world(np.random.default_rng(seed)), LIMITS, seed=seed)
        chosen[choice.k] += 1
        by_index.update({f"gap ({gap.reference})": int(gap.k == k) for gap in choice.gaps})
        by_index.update({vote.index: int(vote.k == k) for vote in choice.votes if not vote.index.startswith("gap")})
    return {
        "world": name,
        "k": k,
        "seeds": [seeds.start, seeds.stop - 1],
        "found": chosen[k],
        "chosen": {str(c): n for c, n in sorted(chosen.items())},
        "by_index": dict(by_index),
    }
