"""RFM, window and gap features from orders alone, against pandas.

Two pandas: the code of tutorials, which hands each customer's rows to a lambda, and the code of someone who knows
pandas well, vectorised throughout. Patron makes tiles of the same four columns and builds the same features.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir

from benchmarks import worlds
from benchmarks.features import MEMORY_LIMIT, THREADS
from benchmarks.measuring import Bar, Benchmark, Said, Side, Work
from patron import features
from patron.engines.duck import DuckEngine

AGREE_AT = 2_000
WINDOWS_DAYS = (7, 30, 90, 180, 365)
COLUMNS = ("customer_id", "ordered_at", "status", "order_revenue")
_NEEDED = {*COLUMNS, "order_id", "day", "is_outlier"}
_WANTED = {
    "days_since_last_order",
    "days_since_first_order",
    *(f"{what}_{days}d" for what in ("orders_count", "revenue_sum") for days in WINDOWS_DAYS),
    "orders_count_lifetime",
    "revenue_sum_lifetime",
    "order_gap_days_mean_lifetime",
    "order_gap_days_std_lifetime",
    "order_gap_days_max_lifetime",
}


def with_patron(facts_in: Path, out: Path) -> Said:
    """Orders to tiles on disk, tiles to the wanted features, in Parquet."""
    tiles_in = out.with_suffix(".tiles")
    shutil.rmtree(tiles_in, ignore_errors=True)
    tiles_in.mkdir()
    with DuckEngine(threads=THREADS, memory_limit=MEMORY_LIMIT, spill=out.parent) as engine:
        facts = {"orders": _four_columns(engine.parquet(facts_in / "orders.parquet"))}
        known = features.capabilities(facts, engine)
        tiles = features.keep(features.tile(facts, known), tiles_in, engine)
        unwanted = {feature.name for feature in tiles.features} - _WANTED
        snapshot = features.build(tiles, date.fromisoformat(worlds.AS_OF), leave_out=unwanted)
        engine.write_parquet(snapshot, out)
        return {"features": len(snapshot.columns) - 2}


def with_lambdas(facts_in: Path, out: Path) -> Said:
    """As tutorials write it: group, then a lambda for each customer."""
    import pandas as pd

    as_of = pd.Timestamp(worlds.AS_OF)
    orders = pd.read_parquet(facts_in / "orders.parquet", columns=list(COLUMNS))
    orders = orders[orders["status"] == "paid"]
    orders["order_revenue"] = orders["order_revenue"].astype(float)
    orders["day"] = orders["ordered_at"].dt.tz_localize(None).dt.normalize()
    orders = orders[orders["day"] < as_of]
    table = orders.groupby("customer_id").agg(
        days_since_last_order=("day", lambda day: (as_of - day.max()).days),
        days_since_first_order=("day", lambda day: (as_of - day.min()).days),
        orders_count_lifetime=("day", "count"),
        revenue_sum_lifetime=("order_revenue", "sum"),
    )
    for days in WINDOWS_DAYS:
        recent = orders[orders["day"] >= as_of - pd.Timedelta(days=days)].groupby("customer_id")
        table[f"orders_count_{days}d"] = recent["day"].count()
        table[f"revenue_sum_{days}d"] = recent["order_revenue"].sum()
    counted = [name for name in table.columns if name.endswith("d")]
    table[counted] = table[counted].fillna(0)

    def gaps(day: pd.Series) -> pd.Series:
        gap = day.drop_duplicates().sort_values().diff().dt.days
        return pd.Series({"mean": gap.mean(), "std": gap.std(), "max": gap.max()})

    found = orders.groupby("customer_id")["day"].apply(gaps).unstack()
    for name in ("mean", "std", "max"):
        table[f"order_gap_days_{name}_lifetime"] = found[name]
    table.reset_index().to_parquet(out)
    return {"features": table.shape[1]}


def with_vectors(facts_in: Path, out: Path) -> Said:
    """As someone who knows pandas writes it: no Python per customer."""
    import pandas as pd

    as_of = pd.Timestamp(worlds.AS_OF)
    orders = pd.read_parquet(facts_in / "orders.parquet", columns=list(COLUMNS))
    orders = orders[orders["status"] == "paid"]
    orders["customer_id"] = orders["customer_id"].astype("category")  # factorised once for every grouping
    orders["order_revenue"] = orders["order_revenue"].astype(float)
    orders["day"] = orders["ordered_at"].dt.tz_localize(None).dt.normalize()
    orders = orders[orders["day"] < as_of]
    spans = orders.groupby("customer_id", observed=True)["day"].agg(["min", "max"])
    table = pd.DataFrame(index=spans.index)
    table["days_since_last_order"] = (as_of - spans["max"]).dt.days
    table["days_since_first_order"] = (as_of - spans["min"]).dt.days
    for days in (*WINDOWS_DAYS, None):
        recent = orders if days is None else orders[orders["day"] >= as_of - pd.Timedelta(days=days)]
        window = recent.groupby("customer_id", observed=True)["order_revenue"].agg(["size", "sum"])
        suffix = "lifetime" if days is None else f"{days}d"
        table[f"orders_count_{suffix}"] = window["size"].reindex(table.index, fill_value=0)
        table[f"revenue_sum_{suffix}"] = window["sum"].reindex(table.index, fill_value=0.0)
    distinct = orders[["customer_id", "day"]].drop_duplicates().sort_values(["customer_id", "day"])
    distinct["gap"] = distinct.groupby("customer_id", observed=True)["day"].diff().dt.days
    gaps = distinct.groupby("customer_id", observed=True)["gap"].agg(["mean", "std", "max"])
    for name in gaps.columns:
        table[f"order_gap_days_{name}_lifetime"] = gaps[name]
    table.index = table.index.astype(str)
    table.reset_index().to_parquet(out)
    return {"features": table.shape[1]}


def agree() -> None:
    facts_in, tables = worlds.facts(AGREE_AT), {}
    for work in (with_patron, with_lambdas, with_vectors):
        tables[work] = worlds.WORLDS / f"agree-rfm-{work.__name__}.parquet"
        work(facts_in, tables[work])
    worlds.demand_equal(tables[with_patron], tables[with_lambdas])
    worlds.demand_equal(tables[with_patron], tables[with_vectors])


def _four_columns(orders: ir.Table) -> ir.Table:
    """Empty every column that the pandas code does not read, so that nothing more is computed."""
    schema = orders.schema()
    return orders.mutate(**{name: ibis.null(schema[name]) for name in orders.columns if name not in _NEEDED})


def _prepared(work: Callable[[Path, Path], Said]) -> Callable[[int], Work]:
    def prepare(size: int) -> Work:
        import pandas as pd  # noqa: F401  importing is nobody's work

        facts_in = worlds.facts(size)
        return lambda: work(facts_in, worlds.WORLDS / f"rfm-{work.__name__}.parquet")

    return prepare


BENCHMARK = Benchmark(
    name="rfm",
    what="RFM, window and gap features of one snapshot, from orders to Parquet",
    sizes=(10_000, 100_000, 1_000_000),
    sides=(
        Side("Patron", _prepared(with_patron)),
        Side("pandas with lambdas", _prepared(with_lambdas), largest=100_000),
        Side("pandas vectorised", _prepared(with_vectors)),
    ),
    bars=(
        Bar(
            "times faster than pandas with lambdas", "at least", 15, lambda result: result.faster("pandas with lambdas")
        ),
    ),
    ready=worlds.facts,
    agree=agree,
)
