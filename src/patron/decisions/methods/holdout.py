"""Persistent draws: one uniform number per customer id and salt, the same on every day and in every audience.

The draw is FNV-1a (Fowler, Noll, Vo, 64 bits) over the id's UTF-8 bytes, started from a salted offset and finished by
the mixing step of SplitMix64 (Steele, Lea, Flood 2014), read as a fraction of 2^64. It depends on nothing else: not on
who else is in the audience, not on the order of rows, not on the machine.
"""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
WordArray = NDArray[np.uint64]

FNV_OFFSET = 0xCBF29CE484222325
_FNV_PRIME = np.uint64(0x100000001B3)


def fnv1a_64(ids: pa.Array, offset: int = FNV_OFFSET) -> WordArray:
    """Hash each text with FNV-1a, 64 bits.

    Args:
        ids: string array, shape (n,), nothing missing.
        offset: the start value; the published one by default.

    >>> f"{fnv1a_64(pa.array(['foobar']))[0]:x}"
    '85944171f73967e8'
    """
    text = ids.cast(pa.large_string())
    _, offsets, data = text.buffers()
    edges = (
        np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1] if len(text) else np.zeros(1, int)
    )
    octets = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    state = np.full(len(text), offset, np.uint64)
    starts, lengths = edges[:-1], np.diff(edges)
    position, live = 0, np.flatnonzero(lengths > 0)
    while live.size:
        state[live] = (state[live] ^ octets[starts[live] + position]) * _FNV_PRIME
        position += 1
        live = live[lengths[live] > position]
    return state


def uniform_draws(ids: pa.Array, salt: str) -> FloatArray:
    """Return one number in [0, 1) per customer id, fixed by the id and the salt alone.

    Args:
        ids: string array, shape (n,), nothing missing.
        salt: names the use; other salts give independent draws.
    """
    offset = int.from_bytes(sha256(salt.encode()).digest()[:8], "big")
    draws: FloatArray = (_mixed(fnv1a_64(ids, offset)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return draws


def held_out(ids: pa.Array, share: float, salt: str) -> BoolArray:
    """Tell which customers are held out: those whose draw lies below `share`.

    Raising the share adds customers and releases none.

    >>> held_out(pa.array(["c1", "c2", "c3"]), 1.0, "s").tolist()
    [True, True, True]
    """
    return uniform_draws(ids, salt) < share


def _mixed(word: WordArray) -> WordArray:
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))
