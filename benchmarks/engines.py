"""One question, every engine: RFM, windows, refunds and gaps of one snapshot, from orders and returns to Parquet.

Patron's expressions on DuckDB and on Spark, beside DuckDB SQL, polars, pandas, PySpark and pandas on Spark by hand.
Everybody reads the same files with two cores and writes the same table; Patron also keeps tiles that serve every later
snapshot. Spark runs in one local JVM, whose start is nobody's work; what it compiles and warms up afterwards is.
"""

from __future__ import annotations

import atexit
import importlib
import os
import shutil
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import worlds
from benchmarks.features import MEMORY_LIMIT, THREADS
from benchmarks.measuring import Bar, Benchmark, Said, Side, Work
from benchmarks.orders_in_dataframes import with_pandas, with_polars
from benchmarks.orders_in_pandas_on_spark import no_pandas_on_spark, with_pandas_on_spark
from benchmarks.orders_in_sql import with_sql
from benchmarks.orders_on_spark import end_sessions, no_spark, session, with_dataframes
from benchmarks.orders_question import SHUFFLE_PARTITIONS, SPARK_MASTER, WANTED
from benchmarks.worlds import WORLDS
from patron import features
from patron.engines.duck import DuckEngine
from patron.engines.engine import Engine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

AGREE_AT = 2_000
_COLUMNS = ("orders.order_revenue", "returns.amount")  # what is asked of each table beside its keys


def with_patron(engine: Engine, facts_in: Path, out: Path) -> Said:
    """Facts to tiles on disk, tiles to the wanted features, in Parquet: the same expressions on any engine."""
    tiles_in = out.with_suffix(".tiles")
    shutil.rmtree(tiles_in, ignore_errors=True)
    tiles_in.mkdir()
    facts = {table: engine.parquet(facts_in / f"{table}.parquet") for table in ("orders", "returns")}
    known = features.capabilities(facts, engine) & {*facts, *_COLUMNS}
    tiles = features.keep(features.tile(facts, known), tiles_in, engine)
    unwanted = {feature.name for feature in tiles.features} - set(WANTED)
    snapshot = features.build(tiles, date.fromisoformat(worlds.AS_OF), leave_out=unwanted)
    engine.write_parquet(snapshot, out)
    return {"features": len(snapshot.columns) - 2}


def _table(side: str) -> Path:
    return WORLDS / f"engines-{side.lower().replace(' ', '-')}.parquet"


def _on_duckdb(size: int) -> Work:
    def work() -> Said:
        with DuckEngine(threads=THREADS, memory_limit=MEMORY_LIMIT, spill=WORLDS) as engine:
            return with_patron(engine, worlds.facts(size), _table("Patron"))

    return work


def _on_spark(size: int) -> Work:
    from patron.engines.spark import SparkEngine

    engine = SparkEngine(master=SPARK_MASTER, memory_limit=MEMORY_LIMIT, threads=SHUFFLE_PARTITIONS, spill=WORLDS)
    atexit.register(engine.close)
    return lambda: with_patron(engine, worlds.facts(size), _table("Patron on Spark"))


def _by_hand(side: str, work: Callable[[Path, Path], Said], imported: str) -> Side:
    def prepare(size: int) -> Work:
        os.environ["POLARS_MAX_THREADS"] = str(THREADS)
        importlib.import_module(imported)
        return lambda: work(worlds.facts(size), _table(side))

    return Side(side, prepare, skip=lambda: "" if find_spec(imported) else f"{imported} is not installed")


def _on_spark_by_hand(
    side: str, work: Callable[[Path, Path, SparkSession], Said], skip: Callable[[], str] = no_spark
) -> Side:
    def prepare(size: int) -> Work:
        spark = session()
        return lambda: work(worlds.facts(size), _table(side), spark)

    return Side(side, prepare, skip=skip)


def agree() -> None:
    """Compare every side's table with Patron's on DuckDB cell by cell, at a size that takes seconds."""
    asked = [side for side in BENCHMARK.sides if not side.skip()]
    for side in asked:
        shutil.rmtree(_table(side.name), ignore_errors=True)
        side.prepare(AGREE_AT)()
        end_sessions()
    for side in asked[1:]:
        theirs = _table(side.name)
        worlds.demand_equal(_table("Patron"), theirs / "*.parquet" if theirs.is_dir() else theirs)


BENCHMARK = Benchmark(
    name="engines",
    what="RFM, windows, refunds and gaps of one snapshot, from orders and returns to Parquet; sizes are customers",
    sizes=(10_000, 100_000, 1_000_000),
    sides=(
        Side("Patron", _on_duckdb),
        Side("Patron on Spark", _on_spark, skip=no_spark),
        _by_hand("DuckDB SQL", with_sql, "duckdb"),
        _by_hand("polars", with_polars, "polars"),
        _by_hand("pandas", with_pandas, "pandas"),
        _on_spark_by_hand("PySpark", with_dataframes),
        _on_spark_by_hand("pandas on Spark", with_pandas_on_spark, no_pandas_on_spark),
    ),
    bars=(
        Bar("seconds over those of hand-written SQL", "at most", 1.5, lambda result: result.times("DuckDB SQL")),
        Bar(
            "seconds of Patron on Spark over those of hand-written PySpark",
            "at most",
            3.0,
            lambda result: result.times("PySpark", "Patron on Spark"),
        ),
    ),
    ready=worlds.facts,
    agree=agree,
)
