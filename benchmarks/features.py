"""Tiles and every feature of one snapshot, against hand-written DuckDB SQL that computes the same numbers.

Patron stores tiles that serve every later snapshot; the SQL answers this one question and keeps nothing. Both get the
same facts, the same DuckDB with two threads and the same memory limit, and write the same table to Parquet, the SQL as
DuckDB packs it by default.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from benchmarks import snapshot_sql, worlds
from benchmarks.measuring import Bar, Benchmark, Said, Side, Work
from patron import features
from patron.engines.duck import DuckEngine

AGREE_AT = 20_000
THREADS = 2
MEMORY_LIMIT = "5GB"  # what DuckDB may hold; the process needs a little more, and the promise is 6 GB for all of it
FACTS = ("orders", "order_lines", "returns", "events", "reviews", "customers", "touches", "links")


def with_patron(facts_in: Path, out: Path) -> Said:
    """Facts to tiles on disk, tiles to the features of one day, in Parquet."""
    tiles_in = out.with_suffix(".tiles")
    shutil.rmtree(tiles_in, ignore_errors=True)
    tiles_in.mkdir()
    with DuckEngine(threads=THREADS, memory_limit=MEMORY_LIMIT, spill=out.parent) as engine:
        facts = {name: engine.parquet(facts_in / f"{name}.parquet") for name in FACTS}
        known = features.capabilities(facts, engine)
        tiles = features.keep(features.tile(facts, known), tiles_in, engine)
        snapshot = features.build(tiles, date.fromisoformat(worlds.AS_OF))
        engine.write_parquet(snapshot, out)
        return {"features": len(snapshot.columns) - 2}


def with_sql(facts_in: Path, out: Path) -> Said:
    """One query from facts to the same table."""
    with tempfile.TemporaryDirectory(dir=out.parent) as spill, duckdb.connect() as connection:
        connection.execute(f"SET threads = {THREADS}; SET memory_limit = '{MEMORY_LIMIT}'; SET TimeZone = 'UTC'")
        connection.execute(f"SET preserve_insertion_order = false; SET temp_directory = '{spill}'")
        for name in FACTS:
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{facts_in / name}.parquet'")
        for statement in snapshot_sql.snapshot(worlds.AS_OF):
            connection.execute(statement)
        connection.execute(f"COPY (FROM snapshot) TO '{out}' (FORMAT parquet)")
        return {"features": len(connection.sql("FROM snapshot").columns) - 2}


def agree() -> None:
    """Compare both tables cell by cell, at a size that takes seconds."""
    facts_in, tables = worlds.facts(AGREE_AT), {}
    for work in (with_patron, with_sql):
        tables[work] = worlds.WORLDS / f"agree-{work.__name__}.parquet"
        work(facts_in, tables[work])
    worlds.demand_equal(tables[with_patron], tables[with_sql])


def _prepared(work: Callable[[Path, Path], Said]) -> Callable[[int], Work]:
    def prepare(size: int) -> Work:
        facts_in = worlds.facts(size)
        return lambda: work(facts_in, worlds.WORLDS / f"features-{work.__name__}.parquet")

    return prepare


BENCHMARK = Benchmark(
    name="features",
    what="Tiles and every feature of one snapshot, from facts to Parquet",
    sizes=(10_000, 100_000, 1_000_000),
    sides=(Side("Patron", _prepared(with_patron)), Side("DuckDB SQL", _prepared(with_sql))),
    bars=(
        Bar("seconds over those of hand-written SQL", "at most", 1.5, lambda result: result.times("DuckDB SQL")),
        Bar("peak memory of Patron, GB", "at most", 6.0, lambda result: result.peak_gb()),
    ),
    ready=worlds.facts,
    agree=agree,
)
