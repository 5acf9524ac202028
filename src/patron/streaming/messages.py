"""From messages to facts: every message becomes rows of one fact table, or is kept aside with its reason."""

from __future__ import annotations

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
_RAW_LINES = ibis.table(_RAW, name="raw")


class MessageReader:
    """Reads chunks into tables of the engine: `in_<fact table>`, `in_order_lines`, and `refused`.

    Every `in_` table has the columns of its contract, and `_key` and `_content`: digests of its key and of its text.
    Of several messages with one key, the last counts. Statements are compiled once, when a table's first message comes.
    """

    def __init__(self, engine: DuckEngine, shop: Reading) -> None:
        self._engine, self._shop, self._told = engine, shop, sql(told(_RAW_LINES))

    def read(self, chunk: Chunk, limit: datetime) -> tuple[str, ...]:
        """Bring a chunk in and return the fact tables it has rows of; what is dated `limit` or later is the future."""
        engine = self._engine
        self._bring(chunk, limit)
        engine.execute(f"CREATE OR REPLACE TEMP TABLE told AS {self._told}")
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
        engine, reading = self._engine, compiled(self._shop, name)
        engine.execute(f"CREATE OR REPLACE TEMP TABLE texts AS {reading.texts}")
        engine.execute(f"CREATE OR REPLACE TEMP TABLE in_{name} AS {reading.judged}")
        n_facts, n_refused, n_keys = engine.row(_COUNTED.format(name))
        if n_refused:
            engine.execute(f"INSERT INTO refused {_JUDGED.format(name)}")
            engine.execute(f"DELETE FROM in_{name} WHERE reason IS NOT NULL")
        if n_facts > n_keys:
            engine.execute(f"CREATE OR REPLACE TEMP TABLE in_{name} AS {reading.last}")
        if name == "orders":
            engine.execute(f"CREATE OR REPLACE TEMP TABLE in_order_lines AS {reading.lines}")
        return bool(n_facts)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The statements that read messages about one table: lines to fields, fields to judged rows, and the last of a key.

    `lines` unpacks the lines of orders.
    """

    texts: str
    judged: str
    last: str
    lines: str = ""


@cache
def compiled(shop: Reading, name: str) -> _Compiled:
    """Compile the statements that read a shop's messages about one table: only those of tables that come."""
    shape = SHAPES[name]
    read = texts(_standing("told", told(_RAW_LINES)), shape)
    judged = typed(_standing("texts", read), shape, shop)
    facts = _standing(f"in_{name}", judged)
    return _Compiled(
        texts=sql(read),
        judged=sql(judged),
        last=sql(last_versions(facts, shape)),
        lines=sql(order_lines.unpacked(facts)) if name == "orders" else "",
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
