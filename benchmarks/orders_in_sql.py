"""The question of `engines` in hand-written DuckDB SQL, from facts to the table in one query."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from benchmarks import worlds
from benchmarks.features import MEMORY_LIMIT, THREADS
from benchmarks.measuring import Said
from benchmarks.orders_question import MEANS_DAYS, WANTED, WINDOWS_DAYS
from benchmarks.snapshot_writing import name, windows


def with_sql(facts_in: Path, out: Path) -> Said:
    """One query from facts to the table."""
    with tempfile.TemporaryDirectory(dir=out.parent) as spill, duckdb.connect() as connection:
        connection.execute(f"SET threads = {THREADS}; SET memory_limit = '{MEMORY_LIMIT}'; SET TimeZone = 'UTC'")
        connection.execute(f"SET preserve_insertion_order = false; SET temp_directory = '{spill}'")
        connection.execute(f"CREATE MACRO as_of() AS DATE '{worlds.AS_OF}'")
        connection.execute(f"COPY ({_query(facts_in)}) TO '{out}' (FORMAT parquet)")
    return {"features": len(WANTED)}


def _query(facts_in: Path) -> str:
    counted = [
        *windows("orders_count", "count", WINDOWS_DAYS),
        *windows("revenue_sum", "sum", WINDOWS_DAYS, "order_revenue"),
        *windows("order_value_mean", "avg", MEANS_DAYS, "order_revenue::DOUBLE"),
    ]
    refunds = ", ".join(windows("refund_sum", "sum", WINDOWS_DAYS, "amount"))
    spans = [name("", days) for days in WINDOWS_DAYS]
    money = [f"coalesce(revenue_sum{s}, 0)::DOUBLE AS revenue_sum{s}" for s in spans]
    money += [f"coalesce(refund_sum{s}, 0)::DOUBLE AS refund_sum{s}" for s in spans]
    net = [f"(coalesce(revenue_sum{s}, 0) - coalesce(refund_sum{s}, 0))::DOUBLE AS net_revenue_sum{s}" for s in spans]
    same = [column for column in WANTED if column.startswith(("orders_count", "order_"))]
    return f"""
      WITH paid AS (
        SELECT customer_id, day, order_revenue FROM '{facts_in}/orders.parquet'
        WHERE status = 'paid' AND day < as_of()
      ), counted AS (
        SELECT customer_id, max(day) AS last_day, min(day) AS first_day, {", ".join(counted)}
        FROM paid GROUP BY customer_id
      ), gaps AS (
        SELECT customer_id, avg(gap) AS order_gap_days_mean_lifetime,
               stddev_samp(gap) AS order_gap_days_std_lifetime, max(gap) AS order_gap_days_max_lifetime
        FROM (SELECT customer_id, day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap
              FROM (SELECT DISTINCT customer_id, day FROM paid))
        GROUP BY customer_id
      ), refunds AS (
        SELECT customer_id, {refunds} FROM '{facts_in}/returns.parquet'
        WHERE order_id IS NOT NULL AND day < as_of() GROUP BY customer_id
      )
      SELECT customer_id, as_of() - last_day AS days_since_last_order, as_of() - first_day AS days_since_first_order,
             {", ".join([*same, *money, *net])}
      FROM counted JOIN gaps USING (customer_id) LEFT JOIN refunds USING (customer_id)"""
