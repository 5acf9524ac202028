"""When rows of two engines are the same."""

from __future__ import annotations

import math


def differing(got, wanted):
    """Return the cells that are not the same, by row and name; the rows themselves must be."""
    assert got.keys() == wanted.keys()
    return {
        (key, name): (got[key][name], value)
        for key, row in wanted.items()
        for name, value in row.items()
        if not _agrees(name, got[key][name], value)
    }


def _agrees(name, got, wanted):
    """Everything to the last bit, for what is summed is exact; signals, which are summed as they are read, to 1e-9."""
    if got is None or wanted is None or not name.startswith("signal_"):
        return got == wanted
    return math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-12)
