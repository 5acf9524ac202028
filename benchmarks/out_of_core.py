"""Ten million customers and two hundred million order lines on one machine: tiles and every feature of one snapshot.

DuckDB may hold far less than the facts are; what does not fit is spilled beside them, and the whole process is held to the
limit and what Python needs. It takes the better part of an hour and 60 GB of disk, so `make bench` leaves it out:
`make bench-large`.
"""

from __future__ import annotations

import shutil
import time
from datetime import date
from pathlib import Path

from benchmarks import worlds
from benchmarks.measuring import Bar, Benchmark, Said, Side, Work
from patron import features
from patron.engines.duck import DuckEngine

THREADS = 2
MEMORY_LIMIT = "8GB"
FACTS = ("orders", "order_lines", "returns")


def with_patron(facts_in: Path, out: Path) -> Said:
    """Facts to tiles on disk, tiles to the features of one day, in Parquet; the seconds of each."""
    tiles_in = out.with_suffix(".tiles")
    shutil.rmtree(tiles_in, ignore_errors=True)
    tiles_in.mkdir()
    begun = time.perf_counter()
    with DuckEngine(threads=THREADS, memory_limit=MEMORY_LIMIT, spill=out.parent) as engine:
        facts = {name: engine.parquet(facts_in / f"{name}.parquet") for name in FACTS}
        known = features.capabilities(facts, engine)
        tiles = features.keep(features.tile(facts, known), tiles_in, engine, lambda name: print(name, flush=True))
        tiled = time.perf_counter() - begun
        print(f"tiles: {tiled:.0f} s", flush=True)
        snapshot = features.build(tiles, date.fromisoformat(worlds.AS_OF))
        engine.write_parquet(snapshot, out)
        lines = engine.count(facts["order_lines"])
        return {
            "order_lines": lines,
            "customers": engine.count(engine.parquet(out)),
            "features": len(snapshot.columns) - 2,
            "tiles_seconds": round(tiled, 1),
        }


def _prepared(size: int) -> Work:
    facts_in = worlds.many_facts(size)
    return lambda: with_patron(facts_in, worlds.WORLDS / "out-of-core.parquet")


BENCHMARK = Benchmark(
    name="out_of_core",
    what=f"Tiles and every feature of orders, lines and returns, DuckDB held to {MEMORY_LIMIT}",
    sizes=(1_000_000, 10_000_000),
    sides=(Side("Patron", _prepared),),
    bars=(Bar("peak memory of the process, GB", "at most", 10.0, lambda result: result.peak_gb()),),
    ready=worlds.many_facts,
    is_large=True,
)
