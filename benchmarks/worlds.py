"""The worlds that benchmarks read: simulated shops without dirt, made once per size under `benchmarks/worlds/`.

`python -m benchmarks.worlds facts 10000` makes one.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from patron.contracts.facts import FACTS
from patron.engines.duck import DuckEngine
from patron.simulation import ALL_TABLES, NO_DIRT, SimulationSpec, simulate
from patron.simulation.spec import TableName

WORLDS = Path(__file__).parent / "worlds"
SEED = 7
AS_OF = "2026-01-01"
_COPIED = 100_000  # customers of the shop that larger worlds are copies of
_ORDER_EXPORTS = ("orders", "order_lines", "products", "returns")

# What an import makes of the simulator's exports; columns of the contract that are not named here are absent.
_FACTS = {
    "orders": """
      SELECT o.*, cast(ordered_at AS DATE) AS day, hour(ordered_at) AS hour,
             coalesce(r.amount, 0) AS refunded_amount,
             gross_amount - coalesce(discount_amount, 0) AS order_revenue,
             gross_amount - coalesce(discount_amount, 0) - coalesce(r.amount, 0) AS net_revenue,
             l.item_count, l.line_count, false AS is_outlier
      FROM orders AS o
      LEFT JOIN (SELECT order_id, sum(quantity) AS item_count, count(*) AS line_count
                 FROM order_lines GROUP BY order_id) AS l USING (order_id)
      LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM returns GROUP BY order_id) AS r USING (order_id)""",
    "order_lines": """
      SELECT l.*, cast(ordered_at AS DATE) AS day, split_part(p.category, ' / ', 1) AS category, p.brand,
             quantity * unit_price - coalesce(line_discount, 0) AS line_revenue, p.list_price,
             0 AS returned_quantity, false AS is_outlier
      FROM order_lines AS l LEFT JOIN products AS p USING (product_id)""",
    "returns": "SELECT *, cast(returned_at AS DATE) AS day FROM returns",
    "events": "SELECT *, cast(occurred_at AS DATE) AS day, hour(occurred_at) AS hour FROM events",
    "reviews": "SELECT *, cast(reviewed_at AS DATE) AS day FROM reviews",
    "customers": "SELECT *, cast(created_at AS DATE) AS created_day FROM customers",
    "touches": """
      SELECT *, cast(sent_at AS DATE) AS day, cast(opened_at AS DATE) AS opened_day,
             cast(clicked_at AS DATE) AS clicked_day, cast(converted_at AS DATE) AS converted_day FROM touches""",
    "links": "SELECT *, cast(since AS DATE) AS day FROM links",
}
_SQL = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "real": "DOUBLE",
    "money": "DECIMAL(18, 4)",
    "flag": "BOOLEAN",
    "day": "DATE",
    "instant": "TIMESTAMPTZ",
    "json": "VARCHAR",
}


def exports(customers: int) -> Path:
    """Return a folder with orders, order_lines, products and returns as a shop would export them."""
    return made(f"exports-{customers}", lambda folder: _simulate(customers, folder, _ORDER_EXPORTS))


def facts(customers: int) -> Path:
    """Return a folder with every fact table, events included, as an import would leave them."""
    return made(f"facts-{customers}", lambda folder: _import(customers, folder))


def many_facts(customers: int) -> Path:
    """Return a folder with orders, order lines and returns of very many customers: copies of a simulated shop.

    Every copy has customers and orders of its own; that they buy alike changes nothing about the work.
    """
    return made(f"many-{customers}", lambda folder: _copied(customers, folder))


def _copied(customers: int, folder: Path) -> None:
    folder.mkdir()
    one, copies = facts(_COPIED), customers // _COPIED
    own = {"orders": "order_id", "order_lines": "order_id", "returns": "return_id"}
    with DuckEngine(threads=2, memory_limit="4GB", spill=WORLDS) as engine:
        for table, key in own.items():
            keys = dict.fromkeys((key, "order_id", "customer_id"))
            named = ", ".join(f"{name} || '-' || copy AS {name}" for name in keys)
            engine.execute(
                f"COPY (SELECT * EXCLUDE (copy) REPLACE ({named}) "
                f"FROM '{one / table}.parquet', range({copies}) AS copies(copy)) "
                f"TO '{folder / table}.parquet' (COMPRESSION zstd)"
            )


def made(name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder of that name, made once and whole."""
    folder = WORLDS / name
    if not folder.exists():
        WORLDS.mkdir(exist_ok=True)
        unfinished = WORLDS / f"{name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        make(unfinished)
        unfinished.rename(folder)
    return folder


def _simulate(customers: int, folder: Path, tables: tuple[TableName, ...] = ALL_TABLES) -> None:
    simulate(SimulationSpec(customers=customers, dirt=NO_DIRT, tables=tables), folder, seed=SEED)


def _import(customers: int, folder: Path) -> None:
    exported = folder.with_name(f"{folder.name}.exports")
    shutil.rmtree(exported, ignore_errors=True)
    _simulate(customers, exported)
    folder.mkdir()
    with DuckEngine(threads=2, memory_limit="4GB", spill=WORLDS) as engine:
        for table in (*_FACTS, "products"):
            engine.execute(f"CREATE VIEW {table} AS SELECT * FROM '{exported / table}.parquet'")
        for table, query in _FACTS.items():
            engine.execute(
                f"COPY ({_by_contract(engine, table, query)}) TO '{folder / table}.parquet' (COMPRESSION zstd)"
            )
    shutil.rmtree(exported)


def _by_contract(engine: DuckEngine, table: str, query: str) -> str:
    """Put the columns in the contract's sequence and types, those that are not there as NULL."""
    there = set(engine.ibis.con.sql(query).columns)
    columns = []
    for column in FACTS[table].columns:
        value = "'benchmark'" if column.name == "source" else column.name if column.name in there else "NULL"
        columns.append(f"cast({value} AS {_SQL[column.kind]}) AS {column.name}")
    return f"SELECT {', '.join(columns)} FROM ({query})"


def demand_equal(ours: Path, theirs: Path) -> None:
    """Raise unless two feature tables have the same customers and, to one part in 10⁹, the same cells; NULL is NULL."""
    with duckdb.connect() as connection:
        names = [set(connection.read_parquet(str(path)).columns) - {"as_of"} for path in (ours, theirs)]
        if names[0] != names[1]:
            raise AssertionError(f"Columns on one side only: {sorted(names[0] ^ names[1])}.")
        compared = sorted(names[0] - {"customer_id"})
        counts = ", ".join(
            f"count(CASE WHEN (a.{n} IS NULL) <> (b.{n} IS NULL)"
            f" OR abs(a.{n} - b.{n}) > 1e-9 * greatest(abs(a.{n}), abs(b.{n})) THEN 1 END)"
            for n in compared
        )
        row = connection.sql(
            f"SELECT {counts}, count(CASE WHEN a.customer_id IS NULL OR b.customer_id IS NULL THEN 1 END)"
            f" FROM '{ours}' AS a FULL JOIN '{theirs}' AS b ON a.customer_id = b.customer_id"
        ).fetchall()[0]
    differing = {name: n for name, n in zip([*compared, "customer_id"], row or (), strict=True) if n}
    if differing:
        raise AssertionError(f"{ours.name} and {theirs.name} differ; cells by column: {differing}.")


if __name__ == "__main__":
    print({"facts": facts, "exports": exports, "many": many_facts}[sys.argv[1]](int(sys.argv[2])))
