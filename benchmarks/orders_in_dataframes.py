"""The question of `engines` in lazy polars and vectorised pandas, as people who know them well write it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import worlds
from benchmarks.measuring import Said
from benchmarks.orders_question import MEANS_DAYS, WANTED, WINDOWS_DAYS
from benchmarks.snapshot_writing import name

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_AS_OF = date.fromisoformat(worlds.AS_OF)


def with_polars(facts_in: Path, out: Path) -> Said:
    """One lazy query: polars plans it and reads only the columns it needs."""
    import polars as pl

    known = pl.col("day") < _AS_OF
    age = (pl.lit(_AS_OF) - pl.col("day")).dt.total_days()
    paid = pl.scan_parquet(facts_in / "orders.parquet").filter(known, pl.col("status") == "paid")
    orders = paid.select("customer_id", "day", "order_revenue", age=age)
    returned = pl.scan_parquet(facts_in / "returns.parquet").filter(known, pl.col("order_id").is_not_null())
    refunds = returned.select("customer_id", "amount", age=age).group_by("customer_id")
    whole = (
        _polars_counts(orders)
        .join(_polars_gaps(orders), on="customer_id")
        .join(refunds.agg(**_polars_sums("refund_sum", "amount")), on="customer_id", how="left")
    )
    filled = whole.with_columns(pl.col(column).fill_null(0) for column in whole.collect_schema() if "_sum_" in column)
    net = {
        name("net_revenue_sum", days): pl.col(name("revenue_sum", days)) - pl.col(name("refund_sum", days))
        for days in WINDOWS_DAYS
    }
    filled.with_columns(**net).select("customer_id", pl.col(WANTED).cast(pl.Float64)).sink_parquet(out)
    return {"features": len(WANTED)}


def _polars_counts(orders: pl.LazyFrame) -> pl.LazyFrame:
    import polars as pl

    return orders.group_by("customer_id").agg(
        days_since_last_order=pl.col("age").min(),
        days_since_first_order=pl.col("age").max(),
        **{name("orders_count", days): _polars_inside("age", days).count() for days in WINDOWS_DAYS},
        **_polars_sums("revenue_sum", "order_revenue"),
        **{
            name("order_value_mean", days): _polars_inside("order_revenue", days).cast(pl.Float64).mean()
            for days in MEANS_DAYS
        },
    )


def _polars_gaps(orders: pl.LazyFrame) -> pl.LazyFrame:
    import polars as pl

    days = orders.select("customer_id", "age").unique().sort("customer_id", "age", descending=[False, True])
    gaps = days.select("customer_id", gap=-pl.col("age").diff().over("customer_id"))
    return gaps.group_by("customer_id").agg(
        order_gap_days_mean_lifetime=pl.col("gap").mean(),
        order_gap_days_std_lifetime=pl.col("gap").std(),
        order_gap_days_max_lifetime=pl.col("gap").max(),
    )


def _polars_inside(column: str, days: int | None) -> pl.Expr:
    import polars as pl

    return pl.col(column) if days is None else pl.col(column).filter(pl.col("age") <= days)


def _polars_sums(what: str, column: str) -> dict[str, pl.Expr]:
    return {name(what, days): _polars_inside(column, days).sum() for days in WINDOWS_DAYS}


def with_pandas(facts_in: Path, out: Path) -> Said:
    """No Python per customer: customers are factorised while they are read, money becomes numbers before pandas."""
    import pyarrow.compute as pc

    orders = _pandas_rows(facts_in / "orders.parquet", "order_revenue", pc.field("status") == "paid")
    returns = _pandas_rows(facts_in / "returns.parquet", "amount", pc.field("order_id").is_valid())
    ages = orders.groupby("customer_id", observed=True)["age"].agg(["min", "max"])
    table = ages.rename(columns={"min": "days_since_last_order", "max": "days_since_first_order"})
    for days in WINDOWS_DAYS:
        bought = _pandas_window(orders, days, "order_revenue").reindex(table.index)
        refunded = _pandas_window(returns, days, "amount")["sum"].reindex(table.index, fill_value=0.0)
        table[name("orders_count", days)] = bought["size"].fillna(0)
        table[name("revenue_sum", days)] = bought["sum"].fillna(0)
        table[name("refund_sum", days)] = refunded
        table[name("net_revenue_sum", days)] = (table[name("revenue_sum", days)] - refunded).round(4)
        if days in MEANS_DAYS:
            table[name("order_value_mean", days)] = bought["mean"]
    _pandas_gaps(orders).join(table).reset_index().to_parquet(out)
    return {"features": len(WANTED)}


def _pandas_rows(path: Path, money: str, wanted: Any) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    filters = wanted & (pc.field("day") < pa.scalar(_AS_OF))
    read = pq.read_table(path, columns=["customer_id", "day", money], filters=filters, read_dictionary=["customer_id"])
    frame = (
        read.set_column(2, money, read[money].cast(pa.float64())).unify_dictionaries().to_pandas(date_as_object=False)
    )
    frame["age"] = (pd.Timestamp(_AS_OF) - frame["day"]).dt.days
    frame["customer_id"] = frame["customer_id"].astype("category")
    return frame


def _pandas_window(rows: pd.DataFrame, days: int | None, money: str) -> pd.DataFrame:
    recent = rows if days is None else rows[rows["age"] <= days]
    return recent.groupby("customer_id", observed=True)[money].agg(["size", "sum", "mean"])


def _pandas_gaps(orders: pd.DataFrame) -> pd.DataFrame:
    days = orders[["customer_id", "age"]].drop_duplicates().sort_values(["customer_id", "age"], ascending=[True, False])
    days["gap"] = -days.groupby("customer_id", observed=True)["age"].diff()
    gaps = days.groupby("customer_id", observed=True)["gap"].agg(["mean", "std", "max"])
    return gaps.rename(columns={how: f"order_gap_days_{how}_lifetime" for how in ("mean", "std", "max")})
