"""The question of `engines` in hand-written PySpark, with its DataFrame API."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import worlds
from benchmarks.measuring import Said
from benchmarks.orders_question import MEANS_DAYS, SHUFFLE_PARTITIONS, SPARK_MASTER, WANTED, WINDOWS_DAYS
from benchmarks.snapshot_writing import name

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_AS_OF = date.fromisoformat(worlds.AS_OF)
_OPTIONS = {
    "spark.driver.memory": "5g",
    "spark.sql.ansi.enabled": "false",  # pandas on Spark asks for it
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": str(SHUFFLE_PARTITIONS),
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def session() -> SparkSession:
    """Start Spark; it ends with the process."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable  # for what pandas on Spark asks of Python
    builder = SparkSession.builder.master(SPARK_MASTER).appName("benchmarks")
    for option, value in _OPTIONS.items():
        builder = builder.config(option, value)
    started: SparkSession = builder.getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    atexit.register(started.stop)
    return started


def with_dataframes(facts_in: Path, out: Path, spark: SparkSession) -> Said:
    """As an engineer writes it; Spark writes its parts as it likes best."""
    from pyspark.sql import functions as fn

    age = fn.date_diff(fn.lit(_AS_OF), "day").alias("age")
    paid = spark.read.parquet(str(facts_in / "orders.parquet")).where(
        (fn.col("status") == "paid") & (fn.col("day") < _AS_OF)
    )
    returned = spark.read.parquet(str(facts_in / "returns.parquet")).where(
        fn.col("order_id").isNotNull() & (fn.col("day") < _AS_OF)
    )
    orders = paid.select("customer_id", "day", "order_revenue", age)
    refunds = returned.select("customer_id", "amount", age).groupBy("customer_id").agg(*_sums("refund_sum", "amount"))
    whole = _counts(orders).join(_gaps(orders), "customer_id").join(refunds, "customer_id", "left")
    filled = whole.fillna(0, [column for column in whole.columns if "_sum_" in column])
    net = {
        name("net_revenue_sum", days): fn.col(name("revenue_sum", days)) - fn.col(name("refund_sum", days))
        for days in WINDOWS_DAYS
    }
    table = filled.withColumns(net).select("customer_id", *(fn.col(column).cast("double") for column in WANTED))
    table.write.mode("overwrite").parquet(str(out))
    return {"features": len(WANTED)}


def _counts(orders: DataFrame) -> DataFrame:
    from pyspark.sql import functions as fn

    return orders.groupBy("customer_id").agg(
        fn.min("age").alias("days_since_last_order"),
        fn.max("age").alias("days_since_first_order"),
        *(fn.count(_inside("age", days)).alias(name("orders_count", days)) for days in WINDOWS_DAYS),
        *_sums("revenue_sum", "order_revenue"),
        *(
            fn.avg(_inside("order_revenue", days).cast("double")).alias(name("order_value_mean", days))
            for days in MEANS_DAYS
        ),
    )


def _gaps(orders: DataFrame) -> DataFrame:
    from pyspark.sql import Window
    from pyspark.sql import functions as fn

    before = fn.lag("day").over(Window.partitionBy("customer_id").orderBy("day"))
    gaps = (
        orders.select("customer_id", "day").distinct().select("customer_id", fn.date_diff("day", before).alias("gap"))
    )
    return gaps.groupBy("customer_id").agg(
        fn.avg("gap").alias("order_gap_days_mean_lifetime"),
        fn.stddev_samp("gap").alias("order_gap_days_std_lifetime"),
        fn.max("gap").alias("order_gap_days_max_lifetime"),
    )


def _inside(column: str, days: int | None) -> Column:
    from pyspark.sql import functions as fn

    return fn.col(column) if days is None else fn.when(fn.col("age") <= days, fn.col(column))


def _sums(what: str, column: str) -> list[Column]:
    from pyspark.sql import functions as fn

    return [fn.sum(_inside(column, days)).alias(name(what, days)) for days in WINDOWS_DAYS]


def end_sessions() -> None:
    """Stop whatever session this process has, so that the next one starts with options of its own."""
    if find_spec("pyspark"):
        from pyspark.sql import SparkSession

        if (there := SparkSession.getActiveSession()) is not None:
            there.stop()


def no_spark() -> str:
    """Say why Spark cannot be asked here, or nothing."""
    if not find_spec("pyspark"):
        return "pyspark is not installed"
    return "" if os.environ.get("JAVA_HOME") or shutil.which("java") else "there is no Java"
