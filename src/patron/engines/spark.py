"""Spark seen through Ibis: the same expressions on as many machines as there are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from patron.engines.engine import BatchFunction, Engine
from patron.ground.errors import ExtraMissing, InputError, ShelfFull, UnreadableFile

LEAST_JAVA = 17
_OPTIONS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "snappy",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.ansi.enabled": "false",  # a division by zero is absent, as everywhere
    # Hundreds of aggregates are more than one generated method may hold: code for single operators is quicker to make
    "spark.sql.codegen.wholeStage": "false",
}


class SparkEngine(Engine):
    """A Spark session seen through Ibis; close it, or use it in a `with` block. It needs `patron[spark]` and Java.

    A session that is there already, as in a notebook on a cluster, is used as it is and left running.

    Args:
        master: "local[*]", "local[2]", or the address of a cluster, such as "spark://host:7077". Every machine of a
            cluster must reach the shop's folder under the same path.
        memory_limit: what the driver may hold, such as "6GB"; empty: Spark's own default. Locally it does all the work.
        threads: partitions of a shuffle; 0: two for each core.
        spill: where the folder for spilled data is made, and removed at the end; None: the system's temporary folder.

    Raises:
        ExtraMissing: pyspark is not installed.
        InputError: there is no Java, or an old one; or the cluster does not answer.
    """

    name = "spark"

    def __init__(
        self, *, master: str = "local[*]", memory_limit: str = "", threads: int = 0, spill: Path | None = None
    ) -> None:
        _insist_on_java()
        super().__init__(spill)
        options = _OPTIONS | {
            "spark.local.dir": str(self._spill),
            "spark.sql.warehouse.dir": str(self._spill / "warehouse"),
            "spark.sql.shuffle.partitions": str(threads or 2 * (os.cpu_count() or 1)),
        }
        if memory_limit:
            options["spark.driver.memory"] = _memory(memory_limit)
        try:
            with _quiet(), _talking_to(self._spill / "spark.log"):
                self._session, self._is_ours = _session(master, options)
                self.ibis = ibis.pyspark.connect(self._session)
        except BaseException:
            shutil.rmtree(self._spill, ignore_errors=True)
            raise
        self._kept: dict[str, Any] = {}

    def _disconnect(self) -> None:
        if self._is_ours:
            with _quiet():
                self._session.stop()

    def table(self, data: pa.Table, name: str = "") -> ir.Table:
        """Bring an Arrow table in."""
        with _quiet(), _in_words():
            return self._named(self._session.createDataFrame(data), name or self._fresh("t"))

    def parquet(self, *paths: Path | str) -> ir.Table:
        """Read Parquet files (globs allowed) lazily."""
        name = self._fresh("p")
        try:
            with _quiet():
                frame = self._session.read.parquet(*(str(path) for path in paths))
                table = self._named(frame, name)
        except Exception as error:
            raise UnreadableFile(f"{paths[0]} cannot be read as Parquet: {_first_line(error)}") from error
        if len(paths) == 1:
            self._files[name] = Path(paths[0])
        return table

    def keep(self, expr: ir.Table, name: str = "") -> ir.Table:
        """Compute an expression once and keep its rows, in memory or spilled to disk."""
        named = name or self._fresh("k")
        with _in_words():
            frame = self._frame(expr).persist()
            frame.count()
        self._kept[named] = frame
        return self._named(frame, named)

    def drop(self, table: ir.Table) -> None:
        """Forget a kept table."""
        name = table.op().name
        if name in self._kept:
            self._kept.pop(name).unpersist()
            self._session.catalog.dropTempView(name)

    def arrow(self, expr: ir.Table) -> pa.Table:
        """Compute an expression as one Arrow table."""
        with _quiet(), _in_words():
            return self._frame(expr).toArrow()

    def batches(self, expr: ir.Table, rows: int = 200_000) -> Iterator[pa.RecordBatch]:
        """Compute an expression as a stream of record batches of at most `rows` rows, through a file."""
        path = self._spill / f"{self._fresh('b')}.parquet"
        self.write_parquet(expr, path)
        yield from pq.ParquetFile(path).iter_batches(rows)
        path.unlink()

    def map_batches(self, expr: ir.Table, function: BatchFunction, schema: pa.Schema) -> pa.Table:
        """Return what a function makes of an expression's rows; it travels to the machines where the rows are."""
        from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415  # optional, and slow to import

        with _quiet(), _in_words():
            made = self._frame(expr).mapInArrow(function, from_arrow_schema(schema)).toArrow()
        return made.cast(schema)

    def write_parquet(self, expr: ir.Table, path: Path, order_by: Sequence[str] = ()) -> None:
        """Write an expression to one Parquet file, sorted if asked; one machine writes it."""
        parts = path.with_name(f".{path.name}.parts")
        with _in_words():
            frame = self._frame(expr).coalesce(1)
            ordered = frame.sortWithinPartitions(*order_by) if order_by else frame
            ordered.write.mode("overwrite").parquet(str(parts))
        [part] = parts.glob("part-*.parquet")
        part.replace(path)
        shutil.rmtree(parts)

    def _frame(self, expr: ir.Table) -> Any:
        return self._session.sql(self.ibis.compile(expr))

    def _named(self, frame: Any, name: str) -> ir.Table:
        frame.createOrReplaceTempView(name)
        return self.ibis.table(name)


def _session(master: str, options: dict[str, str]) -> tuple[Any, bool]:
    """Return the session that is there already, as in a notebook on a cluster, or a new one; and whether it is new."""
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415  # optional, and slow to import
    except ModuleNotFoundError as error:
        raise ExtraMissing.named("spark", "The Spark engine") from error
    if (there := SparkSession.getActiveSession()) is not None:
        return there, False
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the workers' Python is the one that has Patron
    builder = SparkSession.builder.master(master).appName("patron")
    for name, value in options.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:
        raise InputError(
            f"Spark at {master!r} does not answer: {_first_line(error)}\n"
            "Next: check the address (PATRON_SPARK_MASTER); local[*] uses this machine alone."
        ) from error
    session.sparkContext.setLogLevel("ERROR")
    return session, True


def _insist_on_java() -> None:
    home = os.environ.get("JAVA_HOME")  # as Spark itself finds it
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        raise InputError(
            f"Spark needs Java {LEAST_JAVA} or newer and found none{f' at JAVA_HOME={home}' if home else ''}.\n"
            "Next: install one (on Debian and Ubuntu: apt-get install openjdk-17-jre-headless), or set JAVA_HOME."
        )
    said = subprocess.run([java, "-version"], check=False, capture_output=True, text=True).stderr  # noqa: S603
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    if found and int(found[1]) < LEAST_JAVA:
        raise InputError(
            f"Spark needs Java {LEAST_JAVA} or newer; {java} is Java {found[1]}.\nNext: set JAVA_HOME to a newer one."
        )


def _memory(limit: str) -> str:
    """Return a size as Spark spells it.

    >>> _memory("6GB"), _memory("500 MB")
    ('6g', '500m')
    """
    found = re.fullmatch(r"\s*(\d+)\s*([kmgt])i?b?\s*", limit, re.IGNORECASE)
    if not found:
        raise InputError(f"Memory limit: got {limit!r}; expected a size such as 4GB or 500MB.")
    return f"{found[1]}{found[2].lower()}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Spark not warn of pandas: what is exchanged with it is Arrow."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


@contextmanager
def _talking_to(log: Path) -> Iterator[None]:
    """Give the processes that start meanwhile a file for what they say: people are told in Patron's own words."""
    kept = os.dup(2)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        said = str(error)
        if "No space left" in said or "OutOfMemory" in said or "SparkOutOfMemory" in said:
            raise ShelfFull(
                f"Spark ran out of room: {_first_line(error)}\n"
                "Next: give it more with --memory-limit, or free disk space; finished stages are kept."
            ) from error
        if "FileNotFound" in said or "does not exist" in said:
            raise UnreadableFile(
                f"A machine of the cluster cannot read a file: {_first_line(error)}\n"
                "Next: keep the shop's folder where every machine reaches it under the same path."
            ) from error
        raise


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().split("\n")
    told = lines[1] if len(lines) > 1 and lines[0].startswith("An error occurred while calling") else lines[0]
    return told.lstrip(": ")[:300]
