"""How good a list of suggestions is: whether what came was on it, and how high up."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from patron.ground.errors import InputError
from patron.measures.arrays import FloatArray


def hits(held: ArrayLike, scores: ArrayLike, k: int) -> FloatArray:
    """Return 1 for each customer of whom any of the `k` things with the highest scores came true, else 0.

    Its mean is the hit rate at k. Tied things keep the order of the columns.

    >>> hits([[0, 1, 0], [0, 0, 1]], [[0.5, 0.4, 0.1], [0.5, 0.4, 0.1]], k=2).tolist()
    [1.0, 0.0]
    """
    return (_best_rank(held, scores) <= k).astype(np.float64)


def reciprocal_ranks(held: ArrayLike, scores: ArrayLike) -> FloatArray:
    """Return 1 over the place of the first thing on each customer's list that came true; 0 where none did.

    Its mean is the mean reciprocal rank.

    References:
        Voorhees (1999), The TREC-8 question answering track report, TREC, §3.

    >>> reciprocal_ranks([[0, 1, 0], [0, 0, 0]], [[0.5, 0.4, 0.1], [0.5, 0.4, 0.1]]).tolist()
    [0.5, 0.0]
    """
    return 1.0 / _best_rank(held, scores)


def _best_rank(held: ArrayLike, scores: ArrayLike) -> FloatArray:
    came, said = np.asarray(held, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if came.ndim != 2 or came.shape != said.shape or came.size == 0:
        raise InputError(
            f"'held' has shape {came.shape}, 'scores' {said.shape}.\n"
            "Both need one row per customer and one column per thing, at least one of each."
        )
    listed = np.take_along_axis(came, np.argsort(-said, axis=1, kind="stable"), axis=1) > 0
    return np.where(listed.any(axis=1), listed.argmax(axis=1) + 1.0, np.inf)
