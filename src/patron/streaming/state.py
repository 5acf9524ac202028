"""What a live shop keeps on disk: one DuckDB file and the keys that have come, changed together or not at all.

| table | one row |
|---|---|
| `facts_<fact>` | a fact, as last reported |
| `parts_<source>` | a customer's day: tiles before anything looks back |
| `reduced` | a buyer, as of the day in `about`: what features are finished from |
| `positions` | a source, and where it goes on |
| `kept_aside` | a message that is no fact, with its reason |
| `segments_now`, `forecasts_now`, `changes` | where a customer stands, and when that became another segment |
| `waiting` | a customer whose features changed and who was not scored since |
| `dirty_days`, `dirty_customers` | what `parts` and `reduced` do not know yet |
| `key_runs`, `about` | the files of known keys that count; capabilities, signals, days |
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from patron.contracts.facts import FACTS
from patron.contracts.published import FORECASTS
from patron.contracts.tables import TableContract
from patron.engines.duck import DuckEngine
from patron.streaming.known_keys import KnownKeys
from patron.streaming.program import Program, compiled
from patron.streaming.shapes import LINES, SHAPES

FACT_TABLES = (*SHAPES, LINES.name)
DATABASE = "state.duckdb"
_DUCK = {"text": "VARCHAR", "json": "VARCHAR", "int": "BIGINT", "real": "DOUBLE", "money": "DECIMAL(18, 4)",
         "flag": "BOOLEAN", "day": "DATE", "instant": "TIMESTAMPTZ"}  # fmt: skip
_OWN_TABLES = (
    "positions (source VARCHAR, position BIGINT)",
    "kept_aside (source VARCHAR, place BIGINT, reason VARCHAR, line VARCHAR)",
    "dirty_days (source VARCHAR, day DATE)",
    "dirty_customers (customer_id VARCHAR)",
    "key_runs (turn INTEGER, name VARCHAR)",
    "waiting (customer_id VARCHAR)",
    "segments_now (customer_id VARCHAR, scheme VARCHAR, segment_key VARCHAR, segment_name VARCHAR, as_of DATE)",
    (
        "changes (number BIGINT, customer_id VARCHAR, scheme VARCHAR, before_key VARCHAR, before_name VARCHAR, "
        "after_key VARCHAR, after_name VARCHAR, as_of DATE)"
    ),
    "about (name VARCHAR, said VARCHAR)",
)


class State:
    """The tables of a live shop; close it, or use it in a `with` block. One process at a time.

    Args:
        folder: where they lie; made if it is not there.
        leave_out: features or families that are not wanted.
        memory_limit, threads: what DuckDB may use.
    """

    def __init__(
        self, folder: Path, *, leave_out: Sequence[str] = (), memory_limit: str = "", threads: int = 0
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.engine = DuckEngine(memory_limit=memory_limit, threads=threads, spill=folder, database=folder / DATABASE)
        self._leave_out = tuple(leave_out)
        for name in FACT_TABLES:
            self.engine.execute(f"CREATE TABLE IF NOT EXISTS facts_{name} ({_columns(FACTS[name])})")
        self.engine.execute(f"CREATE TABLE IF NOT EXISTS forecasts_now ({_columns(FORECASTS)})")
        for table in _OWN_TABLES:
            self.engine.execute(f"CREATE TABLE IF NOT EXISTS {table}")
        self.keys = KnownKeys(folder / "keys", self._runs())
        self._said: dict[str, str] | None = None  # what `about` holds, once looked up

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.engine.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Keep everything that the block changes, keys included, or nothing."""
        before = self.keys.runs
        try:
            with self.engine.transaction():
                yield
                if self.keys.runs != before:
                    self._keep_runs()
        except BaseException:
            self.keys.back_to(before)
            self._said = None
            raise
        if self.keys.runs != before:
            self.keys.sweep()

    def said(self, name: str, otherwise: Any = None) -> Any:
        """Return what is kept under a name."""
        if self._said is None:
            self._said = {row["name"]: row["said"] for row in self.engine.answer("FROM about").to_pylist()}
        return json.loads(self._said[name]) if name in self._said else otherwise

    def say(self, name: str, value: object) -> None:
        """Keep something under a name."""
        self.engine.execute(f"DELETE FROM about WHERE name = '{name}'")
        self.engine.insert("about", pa.table({"name": [name], "said": [json.dumps(value)]}))
        self._said = None

    @property
    def capabilities(self) -> frozenset[str]:
        """Which facts and which of their columns have held values."""
        return frozenset(self.said("capabilities", ()))

    @property
    def signals(self) -> tuple[str, ...]:
        """The names of the signals that have come."""
        return tuple(self.said("signals", ()))

    @property
    def as_of(self) -> date | None:
        """The day after the newest fact; None: there is none."""
        newest = self.said("newest_day")
        return date.fromisoformat(newest) + timedelta(days=1) if newest else None

    @property
    def settled_as_of(self) -> date | None:
        """The day that `reduced` is as of; None: it was never made."""
        day = self.said("settled_as_of")
        return date.fromisoformat(day) if day else None

    @property
    def is_unsettled(self) -> bool:
        """Whether facts have come that the tiles on disk do not know."""
        dirt = "SELECT 1 FROM dirty_days UNION ALL SELECT 1 FROM dirty_customers"
        return self.as_of is not None and (self.said("rebuild", True) or bool(self.engine.column(f"{dirt} LIMIT 1")))

    @property
    def program(self) -> Program:
        """The definition, compiled for what the facts hold."""
        return self.program_in("")

    def program_in(self, database: str) -> Program:
        """Return the definition, compiled to read from another database of the connection."""
        return compiled(self.capabilities, self.signals, self._leave_out, database)

    def position(self, source: str) -> int:
        """Return where a source goes on."""
        found = self.engine.column(f"SELECT position FROM positions WHERE source = {quoted(source)}")
        return int(found[0]) if found else 0

    def keep_position(self, source: str, position: int) -> None:
        """Keep where a source goes on."""
        self.engine.execute(f"DELETE FROM positions WHERE source = {quoted(source)}")
        self.engine.execute(f"INSERT INTO positions VALUES ({quoted(source)}, {position})")

    def near(self, name: str, where: str = "TRUE") -> None:
        """Let the next statements see some of the facts of a table as `near_<fact>`."""
        self.see(f"near_{name}", f"FROM facts_{name} WHERE {where}")

    def see(self, name: str, select: str, *, keep: bool = False) -> None:
        """Let the next statements see `select` under a name; `keep` computes it once."""
        if keep:
            self.engine.execute(f"CREATE OR REPLACE TEMP TABLE kept_{name} AS {select}")
            select = f"FROM kept_{name}"
        self.engine.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {select}")

    def _runs(self) -> list[str]:
        return self.engine.column("SELECT name FROM key_runs ORDER BY turn")

    def _keep_runs(self) -> None:
        self.engine.execute("DELETE FROM key_runs")
        turns = list(range(len(self.keys.runs)))
        self.engine.insert("key_runs", pa.table({"turn": turns, "name": list(self.keys.runs)}))


def listed(days: Iterable[date]) -> str:
    """Return days as a list that DuckDB looks up in the ranges of its row groups, so that others are never read."""
    return ", ".join(f"DATE '{day}'" for day in sorted(days)) or "NULL"


def columns(name: str) -> str:
    """Return the columns of a fact table as SQL lists them."""
    return ", ".join(f'"{column}"' for column in FACTS[name].names)


def _columns(contract: TableContract) -> str:
    return ", ".join(f'"{column.name}" {_DUCK[column.kind]}' for column in contract.columns)


def quoted(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
