"""When rows of two engines are the same."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass


@dataclass(slots=True)
class Compared:
    """What one test has compared so far."""

    rows: int = 0
    cells: int = 0
    identical: int = 0
    largest_relative: float = 0.0


COMPARED: dict[str, Compared] = {}  # by test, for the table in docs/parity.md


def differing(got, wanted):
    """Return the cells that are not the same, by row and name; the rows themselves must be, and there must be some."""
    assert got.keys() == wanted.keys()
    assert wanted, "no row was compared"
    _note(got, wanted)
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


def _note(got, wanted):
    seen = COMPARED.setdefault(os.environ.get("PYTEST_CURRENT_TEST", "").removesuffix(" (call)"), Compared())
    seen.rows += len(wanted)
    for key, row in wanted.items():
        for name, value in row.items():
            other = got[key][name]
            seen.cells += 1
            seen.identical += value == other
            if value != other and isinstance(value, float) and isinstance(other, float):
                seen.largest_relative = max(seen.largest_relative, abs(value - other) / max(abs(value), abs(other)))
