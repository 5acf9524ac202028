"""The desk of one run: the plan, the shelf, the engine and the watch, and the one way a stage is done."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from patron.contracts.protocols import Watch
from patron.engines.duck import DuckEngine
from patron.engines.engine import Engine
from patron.engines.shelf import Shelf, digest
from patron.flow.plan import Plan

_COMMON = ("ground", "contracts", "engines", "measures", "flow")


@dataclass(frozen=True, slots=True)
class Made:
    """A finished stage: its folder, and the key that names what went into it."""

    folder: Path
    key: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What every stage needs.

    Args:
        embedded: DuckDB in this process; exports are always read and cleaned by it.
        cluster: what computes tiles, features and labels instead of it; None: nothing.
    """

    plan: Plan
    home: Path
    shelf: Shelf
    embedded: DuckEngine
    watch: Watch
    cluster: Engine | None = None

    @property
    def engine(self) -> Engine:
        """Where everything after the facts is computed."""
        return self.cluster or self.embedded

    def key(self, name: str, rooms: tuple[str, ...], inputs: object) -> str:
        """Return the key of a stage: digest of its name, the code that it runs and everything else it depends on."""
        where = () if self.cluster is None else (self.cluster.name,)  # sums of signals differ in their last digits
        return digest(name, code_of(*_COMMON, *rooms), inputs, *where)

    def stage(
        self, name: str, rooms: tuple[str, ...], inputs: object, make: Callable[[Path], int | None], note: str = ""
    ) -> Made:
        """Do a stage once for its inputs.

        Args:
            name: the folder under the shelf, such as "tiles" or "stages/segments".
            rooms: the rooms whose code it runs; a change there makes the stage new.
            inputs: everything else it depends on, as JSON-able values.
            make: fills the folder it is given, and returns how many rows it made.
            note: tells apart two stages of one name, such as "90 days".
        """
        key = self.key(name, rooms, inputs)
        row_counts: list[int | None] = [None]

        def fill(folder: Path) -> None:
            row_counts[0] = make(folder)

        self.watch.begin(name.rsplit("/", 1)[-1], note)
        folder, cached = self.shelf.stage(name, key, fill)
        self.watch.end(cached=cached, row_count=row_counts[0])
        return Made(folder, key)


@cache
def code_of(*rooms: str) -> str:
    """Return the digest of the source of some of Patron's rooms: code and data files."""
    sha = hashlib.sha256()
    root = resources.files("patron")
    for room in sorted(set(rooms)):
        for path in _sources(root / room):
            sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:16]


def _sources(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir() and entry.name != "__pycache__":
            found += _sources(entry)
        elif entry.is_file() and entry.name.endswith((".py", ".toml", ".html", ".css", ".js")):
            found.append(entry)
    return found
