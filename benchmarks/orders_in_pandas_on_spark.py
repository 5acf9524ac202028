"""The question of `engines` in pandas on Spark (pyspark.pandas), where it works with the installed pandas."""

from __future__ import annotations

import importlib.metadata
import warnings
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import worlds
from benchmarks.measuring import Said
from benchmarks.orders_on_spark import no_spark
from benchmarks.orders_question import MEANS_DAYS, WANTED, WINDOWS_DAYS
from benchmarks.snapshot_writing import name

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_AS_OF = date.fromisoformat(worlds.AS_OF)
_SECONDS_A_DAY = 86_400


def no_pandas_on_spark() -> str:
    """Say why pandas on Spark cannot be asked here, or nothing: it does not know every pandas."""
    if why := no_spark():
        return why
    try:
        _pandas_on_spark()
    except ImportError as error:
        pyspark, pandas = (importlib.metadata.version(package) for package in ("pyspark", "pandas"))
        return f"pandas on Spark {pyspark} does not import with pandas {pandas}: {str(error).split(' (')[0]}"
    return ""


def _pandas_on_spark() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyspark.pandas as ps
    return ps


def with_pandas_on_spark(facts_in: Path, out: Path, spark: SparkSession) -> Said:  # noqa: ARG001  found by itself
    """The pandas code, as far as pandas on Spark knows it."""
    ps = _pandas_on_spark()
    orders = ps.read_parquet(
        str(facts_in / "orders.parquet"), columns=["customer_id", "day", "status", "order_revenue"]
    )
    returns = ps.read_parquet(str(facts_in / "returns.parquet"), columns=["customer_id", "day", "order_id", "amount"])
    orders, returns = _aged(ps, orders[orders["status"] == "paid"]), _aged(ps, returns.dropna(subset=["order_id"]))
    table = orders.groupby("customer_id").agg(
        days_since_last_order=("age", "min"), days_since_first_order=("age", "max")
    )
    for days in WINDOWS_DAYS:
        asked = {"orders_count": ("age", "count"), "revenue_sum": ("order_revenue", "sum")}
        asked |= {"order_value_mean": ("order_revenue", "mean")} if days in MEANS_DAYS else {}
        table = table.join(_window(orders, days, asked)).join(_window(returns, days, {"refund_sum": ("amount", "sum")}))
    table = table.join(_rhythm(orders))
    filled = table.fillna({column: 0 for column in table.columns if "_sum_" in column or "_count_" in column})
    for days in WINDOWS_DAYS:
        net = filled[name("revenue_sum", days)] - filled[name("refund_sum", days)]
        filled[name("net_revenue_sum", days)] = net.astype("float64").round(4)
    filled[list(WANTED)].astype("float64").to_parquet(str(out), index_col="customer_id")
    return {"features": len(WANTED)}


def _aged(ps: Any, rows: Any) -> Any:
    known = rows[rows["day"] < _AS_OF]
    known["age"] = (ps.to_datetime(str(_AS_OF)) - ps.to_datetime(known["day"])) // _SECONDS_A_DAY
    return known


def _window(rows: Any, days: int | None, asked: Mapping[str, tuple[str, str]]) -> Any:
    recent = rows if days is None else rows[rows["age"] <= days]
    return recent.groupby("customer_id").agg(**{name(what, days): how for what, how in asked.items()})


def _rhythm(orders: Any) -> Any:
    days = orders[["customer_id", "age"]].drop_duplicates().sort_values(["customer_id", "age"], ascending=[True, False])
    days["gap"] = -days.groupby("customer_id")["age"].diff()
    statistics = {f"order_gap_days_{how}_lifetime": ("gap", how) for how in ("mean", "std", "max")}
    return days.groupby("customer_id").agg(**statistics)
