from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import ibis.expr.types as ir
import pytest

from patron.contracts.accounts import REJECTS
from patron.contracts.facts import FACTS
from patron.engines.duck import DuckEngine
from patron.records.merging import merge as merged
from staged import imported, staged


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as engine:
        yield engine


def merge(old: Mapping[str, ir.Table], new: Mapping[str, ir.Table], engine: DuckEngine) -> dict[str, ir.Table]:
    return merged(old, new, engine).facts


def replaced(old: Mapping[str, ir.Table], new: Mapping[str, ir.Table], engine: DuckEngine) -> list[dict[str, Any]]:
    rows = REJECTS.check(engine.arrow(merged(old, new, engine).replaced)).to_pylist()
    return sorted(rows, key=lambda row: (row["source"], row["file"], row["row_no"]))


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


def test_what_a_newer_version_pushes_out_is_rejected_row_by_row(engine: DuckEngine) -> None:
    older = [
        line("1", "ann", 5, 3),
        line("1", "ann", 5, 1, "POST", _is_non_product=True),
        line("1", "ann", 5, -1),
        line("2", "bob", 6, 2, "cup"),
        line("C9", "ann", 9, -1),
    ]
    old = imported(engine, staged(engine, "line", older, path="old.csv")).facts
    new = imported(engine, staged(engine, "line", [line("1", "ann", 5, 7)]), import_id="import-2").facts
    gone = replaced(old, new, engine)
    assert [(row["source"], row["file"], row["row_no"]) for row in gone] == [
        ("import-1", "old.csv", n) for n in (1, 2, 3)
    ]
    assert {row["reason"] for row in gone} == {"replaced by a later version"}
    assert [row["amount"] for row in gone] == [30, 10, 10]
    said = [json.loads(row["row"]) for row in gone]
    assert (said[0]["order_id"], said[0]["product_id"], said[0]["quantity"]) == ("1", "tea", 3)
    assert not any(value is None for row in said for value in row.values())
    assert said[1] == {"order_id": "1", "kind": "postage or fee of an order", "amount": 10.0}
    assert said[2]["return_id"] == "1/tea/1"
    assert [row["row_no"] for row in contents(engine, merge(old, new, engine))["order_lines"]] == [1, 4]
    assert "order_extras" not in new


def test_an_import_of_heads_alone_replaces_no_line(engine: DuckEngine) -> None:
    heads = [{"order_id": "1", "customer_id": "ann", "ordered_at": "2026-01-05T10:00:00", "total_amount": 30}]
    old = imported(
        engine, staged(engine, "order", heads, path="heads.csv"), staged(engine, "line", [line("1", "ann", 5, 3)])
    ).facts
    new = imported(engine, staged(engine, "order", heads), import_id="import-2").facts
    assert [(row["file"], row["row_no"]) for row in replaced(old, new, engine)] == [("heads.csv", 1)]
    assert len(contents(engine, merge(old, new, engine))["order_lines"]) == 1


def test_facts_that_no_row_is_alone_behind_are_replaced_without_a_reject(engine: DuckEngine) -> None:
    bought = {
        "customer_id": "ann",
        "occurred_at": "2026-01-05T10:00:00",
        "type": "purchase",
        "price": 5,
        "product_id": "a",
    }
    events = {"path": "e.csv", "layout": {"orders_from": "order_id"}}
    old = imported(engine, staged(engine, "event", [{**bought, "order_id": "1", "event_id": "x"}], **events)).facts
    assert [(row["file"], row["row_no"]) for row in contents(engine, old)["order_lines"]] == [(None, None)]
    changed = [{**bought, "order_id": "1", "event_id": "y", "price": 6}]
    new = imported(engine, staged(engine, "event", changed, **events), import_id="import-2").facts
    assert replaced(old, new, engine) == []
    again = imported(
        engine, staged(engine, "event", [{**bought, "event_id": "x"}], **events), import_id="import-3"
    ).facts
    assert [(row["file"], row["row_no"]) for row in replaced(old, again, engine)] == [("e.csv", 1)]
