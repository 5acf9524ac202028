"""Small shops on disk for the tests of flow and of the doors."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

import patron
from patron import flow
from patron.forecasts import ForecastSpec
from patron.records import RecordSpec
from patron.segments import SegmentSpec

QUICK_FORECASTS = ForecastSpec(horizons_days=(90,), trees=20, bootstrap_draws=20, threads=1)
QUICK_SEGMENTS = SegmentSpec(method="k_means", k_max=5, unproven="publish")


def orders(n_customers: int = 160, days: int = 400, seed: int = 3, start: date = date(2025, 1, 1)) -> pa.Table:
    """Orders of customers with rates and spends of their own; one row an order."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(1.2, 1 / 40, n_customers)
    spends = rng.gamma(4.0, 12.0, n_customers)
    rows = []
    for customer in range(n_customers):
        day = float(rng.uniform(0, days * 0.7))
        leaves = day + rng.exponential(300)
        while day < min(days, leaves):
            rows.append(
                (
                    f"C{customer:04d}",
                    start + timedelta(days=int(day)),
                    round(float(rng.gamma(5, spends[customer] / 5)), 2),
                )
            )
            day += float(rng.exponential(1 / rates[customer])) + 0.5
    rows.sort(key=lambda row: (row[1], row[0]))
    return pa.table(
        {
            "order_id": [f"A{i:05d}" for i in range(len(rows))],
            "customer_id": [row[0] for row in rows],
            "ordered_at": [f"{row[1].isoformat()} 10:00:00" for row in rows],
            "total_amount": [row[2] for row in rows],
        }
    )


def make(home: Path, table: pa.Table | None = None, **knobs: object) -> Path:
    """Write a shop's folder: one export, a quick Plan, and a key of its own.

    Who is drawn to learn from hangs on the pseudonyms: with a new key every time, measures of so few customers would
    differ from one test run to the next.
    """
    (home / "shelf").mkdir(parents=True, exist_ok=True)
    (home / "shelf" / "pseudonym.key").write_text("the key of a made-up shop", encoding="utf-8")
    pyarrow.csv.write_csv(orders() if table is None else table, home / "orders.csv")
    plan = flow.Plan(
        name="Small shop",
        sources=(flow.Source(path="orders.csv"),),
        records=RecordSpec(currency="EUR"),
        **{"forecasts": QUICK_FORECASTS, "segments": QUICK_SEGMENTS, **knobs},
    )
    flow.write_plan(plan, home / flow.PLAN_FILE)
    return home


def hasten(home: Path) -> None:
    """Let a Plan that `patron init` wrote learn as little as those that `make` writes."""
    plan = flow.read_plan(home / flow.PLAN_FILE)
    quick = {"forecasts": QUICK_FORECASTS, "segments": QUICK_SEGMENTS}
    flow.write_plan(plan.model_copy(update=quick), home / flow.PLAN_FILE)


def as_messages(table: pa.Table) -> list[dict[str, object]]:
    """The same orders as messages."""
    renamed = {"total_amount": "order_revenue"}
    rows = table.rename_columns([renamed.get(name, name) for name in table.column_names]).to_pylist()
    return [{"table": "orders", "gross_amount": row["order_revenue"]} | row for row in rows]


def early(home: Path, day: str = "2025-11-01", **knobs: object) -> tuple[Path, list[dict[str, object]]]:
    """A shop as it was on a day, run then, and the orders that came after as messages."""
    table = orders()
    is_before = pc.less(table["ordered_at"], day)
    patron.open(make(home, table.filter(is_before), **knobs)).run()
    return home, as_messages(table.filter(pc.invert(is_before)))
