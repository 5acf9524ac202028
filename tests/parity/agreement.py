"""When rows of two engines are the same."""

from __future__ import annotations

import math
from datetime import date


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
    """Counts and money to the last bit, the rest to 1e-9; spreads from sums of squares lose some digits near zero."""
    if got is None or wanted is None or isinstance(wanted, date):
        return got == wanted
    if wanted == round(wanted, 4) and "_std_" not in name:
        return math.isclose(got, wanted, rel_tol=1e-15)
    return math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-4 if "_std_" in name or "_variation_" in name else 1e-12)
