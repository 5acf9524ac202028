"""Whatever the files hold, every row ends in exactly one place and the money adds up."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patron.engines.duck import DuckEngine
from patron.records.recipe import Imported
from patron.records.staging import StagedFile
from records.dirty_rows import KINDS, RARELY, SHOPS
from staged import imported, staged, table


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(SHOPS, st.sampled_from([0, 60]), RARELY)
def test_every_row_is_accounted_for(shop: tuple[list[dict[str, Any]], ...], near: int, keep: bool) -> None:
    with DuckEngine(threads=1) as engine:
        files = [
            staged(
                engine,
                level,
                rows,
                path=f"{i}.csv",
                layout={"keep_duplicates": keep, "orders_from": "order_id" if level == "event" else ""},
            )
            for i, ((level, _), rows) in enumerate(zip(KINDS, shop, strict=True))
            if rows
        ]
        if not files:
            return
        result = imported(
            engine, *files, currency="GBP", rates={"USD": 0.8}, near_duplicate_seconds=near, force_identity=True
        )
        per_file_counts_hold(result, files)
        money_holds(engine, result)


def per_file_counts_hold(result: Imported, files: list[StagedFile]) -> None:
    counts: Counter[str] = Counter()
    for row in result.ledger.to_pylist():
        counts[row["file"]] += row["row_count"]
    assert counts == {file.path: file.row_count for file in files}


def money_holds(engine: DuckEngine, result: Imported) -> None:
    orders = {row["order_id"]: row for row in table(engine, result, "orders")} if "orders" in result.facts else {}
    returns = table(engine, result, "returns") if "returns" in result.facts else []
    back: Counter[str] = Counter()
    for row in returns:
        assert row["quantity"] is None or row["quantity"] >= 0
        if row["order_id"] in orders:
            back[row["order_id"]] += row["amount"] or Decimal(0)
    for order_id, row in orders.items():
        assert (row["refunded_amount"] or 0) == back[order_id]
        if row["order_revenue"] is not None:
            assert row["net_revenue"] == row["order_revenue"] - row["refunded_amount"]
    lines = table(engine, result, "order_lines") if "order_lines" in result.facts else []
    for row in lines:
        assert 0 <= row["returned_quantity"] <= row["quantity"]
        assert row["customer_id"] == orders[row["order_id"]]["customer_id"]
        assert row["day"] == orders[row["order_id"]]["day"]
