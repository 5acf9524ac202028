"""From messages to facts: every message becomes rows of one fact table, or is kept aside with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import ibis
import ibis.expr.types as ir

from patron.engines.duck import DuckEngine, sql
from patron.engines.duck_functions import row_as_json
from patron.streaming import order_lines
from patron.streaming.fields import Reading, texts, typed
from patron.streaming.last_of_key import last_versions
from patron.streaming.shapes import SHAPES
from patron.streaming.sources import Chunk
from patron.streaming.told import told

_RAW = {"place": "int64", "line": "string", "_limit": "timestamp('UTC', 6)"}


class MessageReader:
    """Reads chunks into tables of the engine: `in_<fact table>`, `in_order_lines`, and `refused`.

    Every `in_` table has the columns of its contract, and `_key` and `_content`: digests of its key and of its text.
    Of several messages with one key, the last counts. The statements are compiled once.
    """

    def __init__(self, engine: DuckEngine, shop: Reading) -> None:
        self._engine, self._compiled = engine, compiled(shop)

    def read(self, chunk: Chunk, limit: datetime) -> tuple[str, ...]:
        """Bring a chunk in and return the fact tables it has rows of; what is dated `limit` or later is the future."""
        engine = self._engine
        self._bring(chunk, limit)
        engine.execute(f"CREATE OR REPLACE TEMP TABLE told AS {self._compiled.told}")
        engine.execute(f"CREATE OR REPLACE TEMP TABLE refused AS {_REFUSED}")
        about = engine.column("SELECT DISTINCT about FROM told WHERE reason IS NULL")
        there = [name for name in SHAPES if name in about and self._take(name)]
        return (*there, "order_lines") if "orders" in there else tuple(there)

    def _bring(self, chunk: Chunk, limit: datetime) -> None:
        rows = chunk.messages
        if "line" in rows.column_names:
            came = self._engine.lend(rows, "came_lines")
            line = came.line
        else:
            came = self._engine.table(rows, "came")
            line = row_as_json({name: came[name] for name in rows.column_names if name != "place"})
        raw = came.select("place", line=line, _limit=ibis.literal(limit).cast(_RAW["_limit"]))
        self._engine.execute(f"CREATE OR REPLACE TEMP VIEW raw AS {sql(raw)}")

    def _take(self, name: str) -> bool:
        """Make the facts that messages about one table are, and return whether there are any."""
        engine = self._engine
        engine.execute(f"CREATE OR REPLACE TEMP TABLE texts AS {self._compiled.texts[name]}")
        engine.execute(f"CREATE OR REPLACE TEMP TABLE in_{name} AS {self._compiled.judged[name]}")
        n_facts, n_refused, n_keys = engine.row(_COUNTED.format(name))
        if n_refused:
            engine.execute(f"INSERT INTO refused {_JUDGED.format(name)}")
            engine.execute(f"DELETE FROM in_{name} WHERE reason IS NOT NULL")
        if n_facts > n_keys:
            engine.execute(f"CREATE OR REPLACE TEMP TABLE in_{name} AS {self._compiled.last[name]}")
        if name == "orders":
            engine.execute(f"CREATE OR REPLACE TEMP TABLE in_order_lines AS {self._compiled.lines}")
        return bool(n_facts)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The statements that read messages: lines to fields, fields to judged rows, and those with a key to the last."""

    told: str
    texts: Mapping[str, str]
    judged: Mapping[str, str]
    last: Mapping[str, str]
    lines: str


@cache
def compiled(shop: Reading) -> _Compiled:
    """Compile the statements that read a shop's messages."""
    said = told(ibis.table(_RAW, name="raw"))
    read = {name: texts(_standing("told", said), shape) for name, shape in SHAPES.items()}
    judged = {name: typed(_standing("texts", read[name]), shape, shop) for name, shape in SHAPES.items()}
    facts = {name: _standing(f"in_{name}", table) for name, table in judged.items()}
    return _Compiled(
        told=sql(said),
        texts={name: sql(table) for name, table in read.items()},
        judged={name: sql(table) for name, table in judged.items()},
        last={name: sql(last_versions(facts[name], shape)) for name, shape in SHAPES.items()},
        lines=sql(order_lines.unpacked(facts["orders"])),
    )


def _standing(name: str, table: ir.Table) -> ir.Table:
    """Return what an earlier statement has made."""
    return ibis.table(table.schema(), name=name)


_REFUSED = "SELECT place, rtrim(line, chr(10) || chr(13)) AS line, reason FROM told WHERE reason IS NOT NULL"
_COUNTED = (
    "SELECT count(*) FILTER (reason IS NULL), count(reason), count(DISTINCT _key) FILTER (reason IS NULL) FROM in_{}"
)
_JUDGED = (
    "SELECT place, rtrim(line, chr(10) || chr(13)), j.reason "
    "FROM in_{} j JOIN told USING (place) WHERE j.reason IS NOT NULL"
)
