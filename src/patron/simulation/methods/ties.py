"""Referrals and households: who is tied to whom, and how alike that makes them."""

from __future__ import annotations

import numpy as np

from patron.simulation.methods.arrays import ABSENT, FloatArray, IntArray, chance


def referrers(rng: np.random.Generator, acquired_s: IntArray, share: float) -> IntArray:
    """Give about `share` of the customers a referrer who was a customer before them.

    Returns, shape (customers,): the referrer's row, or ABSENT. Referrers were not referred themselves, so that ties
    never chain and likeness stays what was asked for.
    """
    size = len(acquired_s)
    referred = chance(rng, share, size)
    free = np.flatnonzero(~referred)
    free = free[np.argsort(acquired_s[free], kind="stable")]
    earlier = np.searchsorted(acquired_s[free], acquired_s)
    pick = (rng.random(size) * earlier).astype(np.int64)
    named = referred & (earlier > 0)
    return np.where(named, free[np.minimum(pick, max(len(free) - 1, 0))] if len(free) else ABSENT, ABSENT)


def alike(rng: np.random.Generator, referrer: IntArray, likeness: float) -> FloatArray:
    """Draw standard normals in which a referred customer correlates with the referrer by `likeness`."""
    own = rng.standard_normal(len(referrer))
    shared = likeness * own[np.maximum(referrer, 0)] + np.sqrt(1 - likeness**2) * own
    return np.where(referrer >= 0, shared, own)


def households(rng: np.random.Generator, size: int, share: float) -> tuple[IntArray, IntArray]:
    """Tie about `share` of the customers into pairs; returns the rows of the first and of the second of each pair."""
    pairs = int(size * share / 2)
    members = rng.permutation(size)[: 2 * pairs]
    return members[:pairs], members[pairs:]
