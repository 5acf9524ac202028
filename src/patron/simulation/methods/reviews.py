"""Reviews: some buyers rate a product some days after they bought it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.simulation.methods.arrays import FloatArray, IntArray, chance
from patron.simulation.methods.calendar import DAY_S

SHARE = 0.02  # of the lines
TEXTS = (
    "Broke within a week.",
    "Not as described.",
    "Does the job, no more.",
    "Good value, would buy again.",
    "Wonderful, exactly what I hoped for.",
)


@dataclass(frozen=True, slots=True)
class Reviews:
    """Reviews; `line` is a row of the lines."""

    line: IntArray
    rating: IntArray  # 1 to 5
    reviewed_s: IntArray


def draw(rng: np.random.Generator, product: IntArray, quality: FloatArray, placed_s: IntArray) -> Reviews:
    """Rate about two lines in a hundred, three to forty days after the order, around the product's quality."""
    line = np.flatnonzero(chance(rng, SHARE, len(product)))
    rating = np.clip(np.round(quality[product[line]] + rng.normal(0, 0.9, len(line))), 1, 5).astype(np.int64)
    return Reviews(line, rating, placed_s[line] + rng.integers(3 * DAY_S, 40 * DAY_S, len(line)))
