"""The whole story, top to bottom: exports to facts, tiles, features, segments, forecasts, actions, and a report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from patron.contracts.protocols import Watch
from patron.engines.duck import DuckEngine
from patron.engines.engine import Engine
from patron.engines.shelf import Shelf
from patron.flow.desk import Desk
from patron.flow.plan import Plan
from patron.flow.stages import (
    decisions,
    explanations,
    facts,
    forecasts,
    known,
    migration,
    money,
    next_categories,
    publish,
    realised,
    segment_stories,
    segments,
    tiles,
)
from patron.flow.stages.history import History


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run happens: the shop's folder, and what the engine may use."""

    home: Path
    pseudonym_key: bytes
    memory_limit: str = ""
    threads: int = 0
    spill: Path | None = None
    profiles: Path | None = None
    wait_seconds: float = 0.0
    engine: Literal["duckdb", "spark"] = "duckdb"
    spark_master: str = "local[*]"


def run(plan: Plan, place: Place, *, as_of: date | None, watch: Watch) -> Path:
    """Execute a Plan and return the folder of the finished run, which is then the current one.

    Stages whose inputs, spec and code have not changed are taken from the shelf. A run that has been made before is not
    made again. Whatever happens, the last good run stays current until the new one is complete.

    Args:
        plan: what to do.
        place: where.
        as_of: everything dated before this local day is known, nothing later; None: the day after the last order.
        watch: told of the progress.

    Raises:
        PatronError: whatever is refused, in words; the shelf is as it was, with the stages that were finished.
    """
    shelf = Shelf(place.home / "shelf")
    with (
        shelf.hold(wait_seconds=place.wait_seconds),
        _embedded(place, shelf) as embedded,
        _cluster(place, shelf) as cluster,
    ):
        desk = Desk(plan, place.home, shelf, embedded, watch, cluster)
        imported = facts.make(desk, place.pseudonym_key, place.profiles)
        tiled = tiles.make(desk, imported)
        first_day, last_day = tiles.span(desk, tiled[1])
        history = History(tiles.known_day(as_of, last_day), first_day)
        snapshot = known.snapshot(desk, tiled, history.as_of)
        trained = known.past(desk, tiled, history)
        forecast = forecasts.make(desk, tiled, snapshot, trained, history)
        categories = next_categories.make(desk, tiled, history)
        explained = explanations.make(desk, snapshot, forecast, money.currency(desk, imported))
        segmented = segments.make(desk, snapshot, trained, forecast, history.as_of)
        told = segment_stories.make(desk, imported, tiled, segmented, history.as_of)
        moved = migration.make(desk, snapshot, segmented, history.as_of)
        decided = decisions.make(desk, snapshot, forecast, segmented)
        came_true = realised.make(desk, tiled, history)
        made = publish.Stages(
            imported, tiled[0], snapshot, segmented, told, moved, forecast, categories, explained, decided, came_true
        )
        return publish.make(desk, made, history)


def _embedded(place: Place, shelf: Shelf) -> DuckEngine:
    """Open the engine; what it spills lies on the shelf, so that the next run clears up after one that was killed."""
    return DuckEngine(memory_limit=place.memory_limit, threads=place.threads, spill=place.spill or shelf.root)


@contextmanager
def _cluster(place: Place, shelf: Shelf) -> Iterator[Engine | None]:
    if place.engine == "duckdb":
        yield None
        return
    from patron.engines.spark import SparkEngine  # noqa: PLC0415  # optional: only those who ask pay for it

    spill = place.spill or shelf.root
    with SparkEngine(
        master=place.spark_master, memory_limit=place.memory_limit, threads=place.threads, spill=spill
    ) as engine:
        yield engine
