"""What all tests share: one engine, and a workbench that runs the features room on many small worlds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date

import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import settings

from patron import features
from patron.contracts.facts import FACTS
from patron.engines.duck import DuckEngine
from patron.features import Tiles
from worlds import SIGNALS, World, capabilities_of

settings.register_profile("quick", max_examples=20, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("thorough", max_examples=300, deadline=None, print_blob=True)
settings.load_profile("quick")

Pair = tuple[str, date]
Features = dict[Pair, dict[str, float | None]]
Reading = Callable[[Tiles, ir.Table], ir.Table]
SOME_DAY = date(1601, 2, 3)  # stands in a compiled snapshot for the day that is asked for


def pytest_configure(config: pytest.Config) -> None:
    # Ibis 12 still calls this DuckDB method by its old name; nothing we can change
    config.addinivalue_line("filterwarnings", r"ignore:fetch_arrow_table\(\) is deprecated:DeprecationWarning")


@pytest.fixture(scope="session")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as duck:
        yield duck


@pytest.fixture(scope="session")
def workbench(engine: DuckEngine) -> Workbench:
    return Workbench(engine)


class Workbench:
    """The features room behind fixed table names: compiled once per shape of shop, then run on many worlds."""

    def __init__(self, engine: DuckEngine) -> None:
        self.engine = engine
        self._compiled: dict[object, tuple[list[str], str]] = {}

    def features(self, world: World, pairs: Iterable[Pair], known: Collection[str] | None = None) -> Features:
        """Return the published features of these pairs; `known` overrides what the world is seen to hold."""
        return self._run("features", features.build, world, pairs, known)

    def snapshot(self, world: World, as_of: date, known: Collection[str] | None = None) -> Features:
        """Return the published features of everyone who had paid before one day."""
        return self._run("snapshot", lambda tiles, _: features.build(tiles, SOME_DAY), world, (), known, as_of)

    def labels(
        self, world: World, pairs: Iterable[Pair], horizon_days: int, known: Collection[str] | None = None
    ) -> Features:
        """Return what happened to these pairs afterwards."""
        return self._run(
            f"label {horizon_days}",
            lambda tiles, spine: features.label(tiles, spine, horizon_days),
            world,
            pairs,
            known,
        )

    def tiles(self, world: World, known: Collection[str] | None = None) -> Tiles:
        """Return the tiles of a world."""
        self._load_facts(world)
        return self._tile(world, frozenset(capabilities_of(world) if known is None else known))

    def _run(
        self,
        what: str,
        read: Reading,
        world: World,
        pairs: Iterable[Pair],
        known: Collection[str] | None,
        as_of: date = SOME_DAY,
    ) -> Features:
        spine = list(pairs)
        days = pa.array([as_of for _, as_of in spine], pa.date32())
        self._load("spine", pa.table({"customer_id": pa.array([c for c, _ in spine], pa.string()), "as_of": days}))
        seen = frozenset(capabilities_of(world) if known is None else known)
        self._load_facts(world)
        if (what, seen) not in self._compiled:
            self._compiled[what, seen] = self._compile(read, world, seen)
        steps, query = self._compiled[what, seen]
        for step in steps:
            self.engine.execute(step)
        answer = self.engine.ibis.con.execute(query.replace(_written(SOME_DAY), _written(as_of)))
        names = [column[0] for column in answer.description]
        rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        return {(row.pop("customer_id"), row.pop("as_of")): row for row in rows}

    def _compile(self, read: Reading, world: World, seen: frozenset[str]) -> tuple[list[str], str]:
        made = self._tile(world, seen)
        sql = {name: self.engine.ibis.compile(table) for name, table in made.tables.items()}
        steps = [f'CREATE OR REPLACE TEMP TABLE "tile_{name}" AS {text}' for name, text in sql.items()]
        for step in steps:
            self.engine.execute(step)
        kept = {name: self._table(f"tile_{name}") for name in sql}
        return steps, self.engine.ibis.compile(read(Tiles(kept, seen, made.signals), self._table("spine")))

    def _tile(self, world: World, seen: frozenset[str]) -> Tiles:
        signals = SIGNALS if "signals" in seen else ()
        return features.tile({name: self._table(f"fact_{name}") for name in world}, seen, signals)

    def _load_facts(self, world: World) -> None:
        for name in FACTS:
            self._load(f"fact_{name}", world.get(name, FACTS[name].empty()))

    def _table(self, name: str) -> ir.Table:
        return self.engine.ibis.table(name, database=("temp", "main"))

    def _load(self, name: str, data: pa.Table) -> None:
        self.engine.ibis.con.register(f"{name}_in", data)
        self.engine.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM "{name}_in"')
        self.engine.ibis.con.unregister(f"{name}_in")


def _written(day: date) -> str:
    return f"MAKE_DATE({day.year}, {day.month}, {day.day})"
