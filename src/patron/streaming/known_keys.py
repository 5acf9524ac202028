"""Which keys have come before: sorted runs of 64-bit digests on disk, the newest last, merged as they grow.

A look-up of n keys costs O(n log N), in the page cache and not in the process's own memory; adding n keys writes each
of them about log4(N / n) times before it lies still. Two of N keys share a digest with probability about N^2 / 2^65:
one in forty among a billion keys.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

UNKNOWN = int(np.iinfo(np.int32).min)
_GROWTH = 4
_BYTES = 16


@dataclass(frozen=True, slots=True)
class Entries:
    """Keys (64-bit digests, shape (n,)), each with the day and the 32-bit digest of the content that it came with last.

    A day is counted from 1970-01-01, as everywhere in NumPy; `UNKNOWN` where the key has not come before.
    """

    keys: npt.NDArray[np.uint64]
    days: npt.NDArray[np.int32]
    contents: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, places: npt.NDArray[np.intp]) -> Entries:
        """Return the entries at these places, in their order."""
        return Entries(self.keys[places], self.days[places], self.contents[places])


class KnownKeys:
    """The keys of everything that has come.

    Args:
        folder: where the runs lie; made if it is not there.
        runs: names of the runs that count, oldest first; other files are left-overs of a crash, and are removed.
    """

    def __init__(self, folder: Path, runs: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._open = {name: _read(folder / name) for name in runs}
        self._number = max((int(path.stem) for path in folder.glob("*.keys")), default=0)
        self.runs = tuple(runs)
        self.sweep()

    def find(self, keys: npt.NDArray[np.uint64]) -> Entries:
        """Return what is known of each key."""
        days = np.full(len(keys), UNKNOWN, np.int32)
        found = Entries(keys, days, np.zeros(len(keys), np.uint32))
        missing = np.argsort(keys)
        for name in reversed(self.runs):
            missing = _looked_up(self._open[name], missing, found)
        return found

    def add(self, entries: Entries) -> None:
        """Write entries, one a key, and merge runs of like size; they count from when `runs` is kept elsewhere."""
        if not len(entries):
            return
        fresh = entries.take(np.argsort(entries.keys))
        runs = list(self.runs)
        while runs and len(self._open[runs[-1]]) < _GROWTH * len(fresh):
            fresh = _merged(self._open[runs.pop()], fresh)
        self._number += 1
        name = f"{self._number:08d}.keys"
        _write(self._folder / name, fresh)
        self._open[name] = _read(self._folder / name)
        self.runs = (*runs, name)

    def back_to(self, runs: Sequence[str]) -> None:
        """Forget what was added since `runs` was kept."""
        self.runs = tuple(runs)

    def sweep(self) -> None:
        """Remove the runs that no longer count; only once those that count are kept elsewhere."""
        self._open = {name: self._open[name] for name in self.runs}
        for path in self._folder.glob("*.keys"):
            if path.name not in self._open:
                path.unlink()


def _looked_up(run: Entries, missing: npt.NDArray[np.intp], found: Entries) -> npt.NDArray[np.intp]:
    """Fill in what this run knows of the missing keys, and return those that it does not know."""
    asked = found.keys[missing]
    at = np.minimum(np.searchsorted(run.keys, asked), len(run) - 1)
    there = run.keys[at] == asked
    found.days[missing[there]] = run.days[at[there]]
    found.contents[missing[there]] = run.contents[at[there]]
    missing_still: npt.NDArray[np.intp] = missing[~there]
    return missing_still


def _merged(older: Entries, newer: Entries) -> Entries:
    """Return both as one sorted run; where they share a key, the newer entry counts."""
    at = np.minimum(np.searchsorted(newer.keys, older.keys), len(newer) - 1)
    kept = older.take(np.flatnonzero(newer.keys[at] != older.keys))
    both = (np.concatenate([getattr(kept, name), getattr(newer, name)]) for name in ("keys", "days", "contents"))
    merged = Entries(*both)
    return merged.take(np.argsort(merged.keys, kind="stable"))


def _write(path: Path, entries: Entries) -> None:
    with path.open("wb") as file:
        for column in (entries.keys, entries.days, entries.contents):
            np.ascontiguousarray(column).tofile(file)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> Entries:
    n = path.stat().st_size // _BYTES
    whole = np.memmap(path, dtype=np.uint8, mode="r")
    parts = whole[: 8 * n], whole[8 * n : 12 * n], whole[12 * n :]
    return Entries(parts[0].view(np.uint64), parts[1].view(np.int32), parts[2].view(np.uint32))
