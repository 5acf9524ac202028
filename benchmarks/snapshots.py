"""What a backtest's snapshots cost: every feature of six days against those of one, both from the same kept tiles.

The six days lie a quarter apart, the last of them is the one. Both sides write everyone's features to Parquet, so six
snapshots are up to six times the rows; customers who first bought later are not in the earlier ones. Planning the query
is paid once; aggregating and writing are linear in pairs of customer and day.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import ibis

from benchmarks import worlds
from benchmarks.features import FACTS, MEMORY_LIMIT, THREADS
from benchmarks.measuring import Bar, Benchmark, Said, Side, Work
from benchmarks.worlds import WORLDS
from patron import features
from patron.engines.duck import DuckEngine

AGREE_AT = 10_000
LAST = date.fromisoformat(worlds.AS_OF)
DAYS = tuple(LAST - timedelta(days=90 * i) for i in reversed(range(6)))


def kept(size: int) -> Path:
    """Return a folder with the tiles of a shop, made once."""
    folder, unfinished = (WORLDS / f"tiles-{size}{suffix}" for suffix in ("", ".unfinished"))
    if not folder.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        with DuckEngine(threads=THREADS, memory_limit=MEMORY_LIMIT, spill=WORLDS) as engine:
            facts = {name: engine.parquet(worlds.facts(size) / f"{name}.parquet") for name in FACTS}
            features.keep(features.tile(facts, features.capabilities(facts, engine)), unfinished, engine)
        unfinished.rename(folder)
    return folder


def snapshots(tiles_in: Path, days: Sequence[date], out: Path) -> Said:
    """One build over everyone known on each of the days, as a backtest asks for it."""
    with DuckEngine(threads=THREADS, memory_limit=MEMORY_LIMIT, spill=out.parent) as engine:
        tiles = features.reopen(tiles_in, engine)
        spines = [features.customers_before(tiles, day) for day in days]
        spine = engine.keep(ibis.union(*spines, distinct=False))
        engine.write_parquet(features.build(tiles, spine), out)
        return {"snapshots": len(days), "rows": engine.count(spine)}


def snapshot(tiles_in: Path, day: date, out: Path) -> Said:
    """One build over everyone known on one day, as a run asks for it."""
    with DuckEngine(threads=THREADS, memory_limit=MEMORY_LIMIT, spill=out.parent) as engine:
        tiles = features.reopen(tiles_in, engine)
        engine.write_parquet(features.build(tiles, day), out)
        return {"snapshots": 1, "rows": engine.count(engine.parquet(out))}


def _six(tiles_in: Path) -> Said:
    return snapshots(tiles_in, DAYS, WORLDS / "snapshots-six.parquet")


def _one(tiles_in: Path) -> Said:
    return snapshot(tiles_in, LAST, WORLDS / "snapshots-one.parquet")


def agree() -> None:
    """Demand that each of the six is, cell by cell, what a snapshot of that day alone is."""
    tiles_in = kept(AGREE_AT)
    _six(tiles_in)
    of_the_day, alone = (WORLDS / f"agree-snapshots-{which}.parquet" for which in ("six", "one"))
    for day in DAYS:
        snapshot(tiles_in, day, alone)
        with DuckEngine() as engine:
            six = engine.parquet(WORLDS / "snapshots-six.parquet")
            engine.write_parquet(six.filter(six.as_of == day), of_the_day)
        worlds.demand_equal(of_the_day, alone)


def _prepared(work: Callable[[Path], Said]) -> Callable[[int], Work]:
    def prepare(size: int) -> Work:
        tiles_in = kept(size)
        return lambda: work(tiles_in)

    return prepare


BENCHMARK = Benchmark(
    name="snapshots",
    what="Every feature of six snapshots a quarter apart, against one, from kept tiles to Parquet; sizes are customers",
    sizes=(10_000, 100_000, 1_000_000),
    sides=(Side("Patron", _prepared(_six)), Side("Patron, one snapshot", _prepared(_one))),
    bars=(
        Bar("seconds of six snapshots over those of one", "at most", 2.0, lambda r: r.times("Patron, one snapshot")),
    ),
    ready=kept,
    agree=agree,
)
