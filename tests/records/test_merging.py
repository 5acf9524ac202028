from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import ibis.expr.types as ir
import pytest

from patron.contracts.facts import FACTS
from patron.engines.duck import DuckEngine
from patron.records.merging import merge
from staged import imported, staged


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as engine:
        yield engine


def line(order: str, customer: str, day: int, quantity: int, product: str = "tea", **more: Any) -> dict[str, Any]:
    return {
        "order_id": order,
        "customer_id": customer,
        "ordered_at": f"2026-01-{day:02d}T10:00:00",
        "product_id": product,
        "quantity": quantity,
        "unit_price": 10,
        **more,
    }


def contents(engine: DuckEngine, facts: Mapping[str, ir.Table]) -> dict[str, list[dict[str, Any]]]:
    return {name: engine.arrow(in_order(facts[name], name)).to_pylist() for name in sorted(facts)}


def in_order(table: ir.Table, name: str) -> ir.Table:
    return table.order_by(list(FACTS[name].key)).select(*[c for c in FACTS[name].names if c != "source"])


FIRST = [
    line("1", "ann", 5, 3, city="Bonn"),
    line("2", "bob", 6, 2, "cup"),
    line("C9", "ann", 9, -1),
    line("C8", "bob", 2, -4),
]
OLDER = [line("0", "bob", 1, 4)]


@pytest.fixture(scope="module")
def first(engine: DuckEngine) -> Mapping[str, ir.Table]:
    return imported(engine, staged(engine, "line", FIRST)).facts


def test_the_same_import_again_changes_nothing(engine: DuckEngine, first: Mapping[str, ir.Table]) -> None:
    again = imported(engine, staged(engine, "line", FIRST), import_id="import-2").facts
    once = merge({}, first, engine)
    twice = merge(once, again, engine)
    assert contents(engine, twice) == contents(engine, once) == contents(engine, first)
    for name, table in twice.items():
        FACTS[name].check(engine.arrow(table))


def test_an_older_file_adds_and_lets_loose_returns_find_their_order(
    engine: DuckEngine, first: Mapping[str, ir.Table]
) -> None:
    older = imported(engine, staged(engine, "line", OLDER), import_id="import-2").facts
    both = merge(first, older, engine)
    orders = {row["order_id"]: row for row in contents(engine, both)["orders"]}
    assert orders.keys() == {"0", "1", "2"}
    assert (orders["0"]["refunded_amount"], orders["0"]["net_revenue"]) == (40, 0)
    assert {row["return_id"]: row["order_id"] for row in contents(engine, both)["returns"]} == {
        "C9/tea/1": "1",
        "C8/tea/1": "0",
    }
    again = imported(engine, staged(engine, "line", FIRST), import_id="import-3").facts
    assert contents(engine, merge(both, again, engine)) == contents(engine, both)


def test_a_corrected_order_replaces_its_older_version(engine: DuckEngine, first: Mapping[str, ir.Table]) -> None:
    newer = [line("1", "ann", 5, 7, email="ann@x.com"), line("2", "bob", 6, 2, "cup", refunded_amount=5)]
    corrected = merge(first, imported(engine, staged(engine, "line", newer), import_id="import-2").facts, engine)
    got = contents(engine, corrected)
    assert [(row["order_id"], row["order_revenue"], row["refunded_amount"]) for row in got["orders"]] == [
        ("1", 70, 10),
        ("2", 20, 5),
    ]
    assert [(row["order_id"], row["quantity"], row["returned_quantity"]) for row in got["order_lines"]] == [
        ("1", 7, 1),
        ("2", 2, 0),
    ]
    assert len(got["returns"]) == 3
    (ann,) = [row for row in got["contacts"] if row["external_id"] == "ann"]
    assert ann["email"] == "ann@x.com"
    assert [row["city"] for row in got["customers"]] == ["Bonn"]
    back = merge(corrected, imported(engine, staged(engine, "line", FIRST), import_id="import-3").facts, engine)
    assert len(contents(engine, back)["returns"]) == 2
    assert contents(engine, back)["orders"] == contents(engine, first)["orders"]


def test_other_facts_are_merged_by_their_key(engine: DuckEngine, first: Mapping[str, ir.Table]) -> None:
    seen = [{"customer_id": "ann", "occurred_at": f"2026-01-0{i}T10:00:00", "type": "view"} for i in (1, 2)]
    early = imported(engine, staged(engine, "event", seen)).facts
    late = imported(engine, staged(engine, "event", [*seen[1:], {**seen[0], "type": "cart"}])).facts
    both = merge(merge(first, early, engine), late, engine)
    assert sorted(row["type"] for row in contents(engine, both)["events"]) == ["cart", "view", "view"]
    assert contents(engine, both)["orders"] == contents(engine, first)["orders"]
