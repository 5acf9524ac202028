"""Over any sequence of imports that overlap, every row read is in exactly one place and the ledger says where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from patron.contracts.accounts import LEDGER, REJECTS
from patron.contracts.facts import FACTS
from patron.engines.duck import DuckEngine
from patron.ground.errors import ContractBroken
from patron.records import ledger, merge
from patron.records.ledgers import CELLWISE
from patron.records.staging import StagedFile
from records.dirty_rows import KINDS
from staged import imported, staged

SMALL = st.tuples(*(st.lists(rows, max_size=10) for _, rows in KINDS)).filter(any)

# a failure is shown as it was found: to shrink it would take longer than to read it
FEW = settings(
    max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate)
)


class Shelf:
    """The facts, rejects and ledger after each of a sequence of imports, as the flow keeps them."""

    def __init__(self, engine: DuckEngine) -> None:
        self.engine = engine
        self.facts: dict[str, ir.Table] = {}
        self.rejects: ir.Table = engine.table(REJECTS.empty())
        self.ledger: pa.Table = LEDGER.empty()
        self.rows_read: dict[str, int] = {}
        self.rows: set[tuple[str, str, int]] = set()

    def take(self, *files: StagedFile, **spec: Any) -> None:
        engine, source = self.engine, f"import-{len(self.rows_read) + 1}"
        new = imported(engine, *files, import_id=source, **spec)
        merged = merge(self.facts, new.facts, engine)
        self.rejects = engine.keep(ibis.union(self.rejects, new.rejects, merged.replaced))
        self.facts = {name: engine.keep(table) for name, table in merged.facts.items()}
        self.rows_read[source] = sum(file.row_count for file in files)
        self.rows |= {(source, file.path, n) for file in files for n in range(1, file.row_count + 1)}
        cellwise = engine.table(pa.concat_tables([self.ledger, new.ledger]))
        self.ledger = ledger(self.facts, self.rejects, cellwise, self.rows_read, engine)

    def places(self) -> dict[str, list[tuple[str, str, int]]]:
        tables = {name: table for name, table in self.facts.items() if "row_no" in FACTS[name].names}
        held = {name: self.engine.arrow(table) for name, table in {**tables, "rejects": self.rejects}.items()}
        keys = {name: table.select(["source", "file", "row_no"]).to_pylist() for name, table in held.items()}
        return {name: [tuple(row.values()) for row in rows if row["row_no"]] for name, rows in keys.items()}


def told(counts: pa.Table) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in counts.to_pylist():
        found[row["outcome"]] += row["row_count"]
    return found


def files_of(engine: DuckEngine, shop: Sequence[list[dict[str, Any]]]) -> list[StagedFile]:
    parts = [(f"{at}.csv", level, rows) for at, ((level, _), rows) in enumerate(zip(KINDS, shop, strict=True)) if rows]
    layouts = {"event": {"orders_from": "order_id"}}
    return [staged(engine, level, rows, path=path, layout=layouts.get(level)) for path, level, rows in parts]


@FEW
@given(st.lists(SMALL, min_size=2, max_size=3))
def test_every_row_of_every_import_is_in_exactly_one_place(shops: list[tuple[list[dict[str, Any]], ...]]) -> None:
    with DuckEngine(threads=1) as engine:
        shelf = Shelf(engine)
        for shop in shops:
            shelf.take(*files_of(engine, shop), currency="GBP", rates={"USD": 0.8}, force_identity=True)
            places, counts = shelf.places(), told(shelf.ledger)
            everywhere = [place for rows in places.values() for place in rows]
            assert len(set(everywhere)) == len(everywhere)
            assert set(everywhere) <= shelf.rows
            assert len(everywhere) + sum(counts[name] for name in CELLWISE) == len(shelf.rows)
            assert {name: len(rows) for name, rows in places.items() if rows} == {
                name: count for name, count in counts.items() if name not in CELLWISE
            }
            REJECTS.check(engine.arrow(shelf.rejects))


def whole_order(number: int, lines: list[tuple[str, int]], day: int) -> list[dict[str, Any]]:
    about = {"order_id": str(number), "customer_id": f"c{number % 3}", "ordered_at": f"2026-01-{day:02d}T10:00:00"}
    goods = [("tea", 5), *lines]  # a line that no return of the order outweighs
    return [{**about, "product_id": product, "quantity": units, "unit_price": 2} for product, units in goods]


ORDERS = st.dictionaries(
    st.integers(1, 3),
    st.tuples(
        st.lists(st.tuples(st.sampled_from(["cup", "pot"]), st.sampled_from([1, 2])), max_size=2), st.integers(1, 9)
    ),
    min_size=1,
)


@FEW
@given(ORDERS, ORDERS)
def test_one_import_after_the_other_is_both_together(first: dict[int, Any], second: dict[int, Any]) -> None:
    older = [row for number, (lines, day) in first.items() for row in whole_order(number, [*lines, ("tea", -1)], day)]
    newer = [row for number, (lines, day) in second.items() for row in whole_order(number, lines, day)]
    newer += whole_order(7, [("tea", -1)], 20)
    with DuckEngine(threads=1) as engine:
        files = [
            staged(engine, "line", rows, path=path, layout={"keep_duplicates": True})
            for rows, path in ((older, "old.csv"), (newer, "new.csv"))
        ]
        apart, together = Shelf(engine), Shelf(engine)
        for file in files:
            apart.take(file)
        together.take(*files)
        keys = [name for name in LEDGER.names if name not in ("source", "amount")]
        said = [Counter(tuple(row[k] for k in keys) for row in shelf.ledger.to_pylist()) for shelf in (apart, together)]
        assert said[0] == said[1]
        for name in together.facts:
            assert facts(apart, name) == facts(together, name), name


def facts(shelf: Shelf, name: str) -> list[dict[str, Any]]:
    own = [column for column in FACTS[name].names if column not in ("source", "is_outlier")]
    return shelf.engine.arrow(shelf.facts[name].order_by(list(FACTS[name].key)).select(*own)).to_pylist()


def test_a_return_that_finds_its_order_later_is_told_as_found() -> None:
    back = [{"order_id": "C9", "customer_id": "a", "ordered_at": "2026-01-09T10:00:00", "product_id": "tea"}]
    with DuckEngine(threads=1) as engine:
        shelf = Shelf(engine)
        shelf.take(staged(engine, "line", [{**back[0], "quantity": -1, "unit_price": 2}], path="back.csv"))
        assert shelf.ledger["reason"].to_pylist() == ["return kept apart, its order was not found"]
        bought = {**back[0], "order_id": "1", "ordered_at": "2026-01-02T10:00:00", "quantity": 1, "unit_price": 2}
        shelf.take(staged(engine, "line", [bought], path="bought.csv"))
        assert sorted(shelf.ledger["reason"].to_pylist()) == ["order line", "return of an order"]


def test_a_row_that_is_nowhere_or_twice_breaks_the_contract() -> None:
    with DuckEngine(threads=1) as engine:
        shelf = Shelf(engine)
        shelf.take(staged(engine, "line", whole_order(1, [("cup", 1)], 2)))
        cellwise = engine.table(LEDGER.empty())
        lines = shelf.facts["order_lines"]
        for kept in (lines.filter(lines["line_no"] > 1), ibis.union(lines, lines)):
            with pytest.raises(ContractBroken, match=r"does not account[\s\S]*Next:"):
                ledger({**shelf.facts, "order_lines": kept}, shelf.rejects, cellwise, shelf.rows_read, engine)
