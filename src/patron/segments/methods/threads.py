"""One thread for many small fits: OpenMP's barriers cost more than they gain, and sums stay the same everywhere."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """Return a context in which BLAS and OpenMP use one thread.

    >>> with one_thread():
    ...     pass
    """
    found: AbstractContextManager[Any] = _controller().limit(limits=1)
    return found


@cache
def _controller() -> ThreadpoolController:
    """Looking for the loaded libraries takes longer than a small fit does, so they are looked for once."""
    return ThreadpoolController()
