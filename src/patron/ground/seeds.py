"""One seed in the Plan; every use derives its own by name, so that adding a use moves no other."""

from __future__ import annotations

import hashlib


def derive(seed: int, *names: str) -> int:
    """Return the 32-bit seed of one named use of the Plan's seed.

    >>> derive(7, "segments", "k_means") == derive(7, "segments", "k_means")
    True
    >>> derive(7, "segments") == derive(7, "forecasts")
    False
    """
    text = "\x1f".join((str(seed), *names)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big")
