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
from patron.streaming.fields import Reading, opened, texts, typed
from patron.streaming.last_of_key import last_versions, one_version
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
        came = self._engine.table(rows, "came")
        cells = {name: came[name] for name in rows.column_names if name != "place"}
        line = came.line if "line" in cells else row_as_json(cells)
        raw = came.select("place", line=line, _limit=ibis.literal(limit).cast(_RAW["_limit"]))
        self._engine.keep(raw, "raw")

    def _take(self, name: str) -> bool:
        engine = self._engine
        engine.execute(f"CREATE OR REPLACE TEMP TABLE opened AS {self._compiled.opened[name]}")
        engine.execute(f"CREATE OR REPLACE TEMP TABLE texts AS {self._compiled.texts[name]}")
        engine.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {self._compiled.judged[name]}")
        engine.execute(f"INSERT INTO refused {_JUDGED}")
        is_once = engine.column("SELECT count(*) = count(DISTINCT _key) FROM judged WHERE reason IS NULL")[0]
        facts = self._compiled.once[name] if is_once else self._compiled.facts[name]
        engine.execute(f"CREATE OR REPLACE TEMP TABLE in_{name} AS {facts}")
        if name == "orders":
            engine.execute(f"CREATE OR REPLACE TEMP TABLE in_order_lines AS {self._compiled.lines}")
        return bool(engine.column(f"SELECT count(*) FROM in_{name}")[0])


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The statements that read messages: lines to fields, fields to judged rows, judged rows to facts."""

    told: str
    opened: Mapping[str, str]
    texts: Mapping[str, str]
    judged: Mapping[str, str]
    once: Mapping[str, str]  # where every key came once
    facts: Mapping[str, str]
    lines: str


@cache
def compiled(shop: Reading) -> _Compiled:
    """Compile the statements that read a shop's messages."""
    said = told(ibis.table(_RAW, name="raw"))
    openings = {name: opened(_standing("told", said), shape) for name, shape in SHAPES.items()}
    read = {name: texts(_standing("opened", openings[name]), shape) for name, shape in SHAPES.items()}
    judged = {name: typed(_standing("texts", read[name]), shape, shop) for name, shape in SHAPES.items()}
    standing = {name: _standing("judged", table) for name, table in judged.items()}
    facts = {name: last_versions(standing[name], shape) for name, shape in SHAPES.items()}
    return _Compiled(
        told=sql(said),
        opened={name: sql(table) for name, table in openings.items()},
        texts={name: sql(table) for name, table in read.items()},
        judged={name: sql(table) for name, table in judged.items()},
        once={name: sql(one_version(standing[name], shape)) for name, shape in SHAPES.items()},
        facts={name: sql(table) for name, table in facts.items()},
        lines=sql(order_lines.unpacked(facts["orders"])),
    )


def _standing(name: str, table: ir.Table) -> ir.Table:
    """Return what an earlier statement has made."""
    return ibis.table(table.schema(), name=name)


_REFUSED = "SELECT place, rtrim(line, chr(10) || chr(13)) AS line, reason FROM told WHERE reason IS NOT NULL"
_JUDGED = (
    "SELECT place, rtrim(line, chr(10) || chr(13)), j.reason "
    "FROM judged j JOIN told USING (place) WHERE j.reason IS NOT NULL"
)
