"""The definition of tiles and features, compiled once to statements over tables that have names.

| name | what |
|---|---|
| `near_<fact>` | the facts that the next statement looks at |
| `read_<source>`, `read_<fact>` | the day parts, and the facts that are read as they are, of the customers to be read |
| `spine` | who is read, as of when |
| `reduced_now` | reduced pairs that are to be finished |

The last three may lie in a database of their own, which nothing else changes: then statements can be prepared once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import ibis
import ibis.expr.types as ir

from patron import features
from patron.contracts.facts import FACTS
from patron.contracts.tiles import TILES
from patron.engines.duck import sql
from patron.features import AS_THEY_ARE, Tiles

SPINE = {"customer_id": "string", "as_of": "date"}
_FEEDS = {"lines": "order_lines", "cancellations": "orders.cancelled"}


@dataclass(frozen=True, slots=True)
class Program:
    """What is run for one set of capabilities.

    Attributes:
        parts: by source, the statement that reduces `near_` facts to day parts.
        merge_events: the statement that merges several day parts in `loose_events`; empty without events.
        as_they_are: facts that are read without tiles.
        reduce: `spine` and `read_` tables to reduced rows.
        finish: `reduced_now` and `read_customers` to features.
    """

    parts: Mapping[str, str]
    merge_events: str
    as_they_are: tuple[str, ...]
    reduce: str
    finish: str


@cache
def compiled(
    capabilities: frozenset[str], signals: tuple[str, ...], leave_out: tuple[str, ...], database: str = ""
) -> Program:
    """Compile the definition for facts that hold these values, to be read in the connection or in a `database`."""
    parts = _parts(capabilities, signals)
    tiles = _tiles(parts, capabilities, signals, database)
    reduced = features.reduce(tiles, ibis.table(SPINE, name="spine", **_in(database)))
    finished = features.finish(tiles, ibis.table(reduced.schema(), name="reduced_now", **_in(database)), leave_out)
    return Program(
        parts={source: sql(table) for source, table in parts.items()},
        merge_events=_merge_events(parts, capabilities),
        as_they_are=tuple(name for name in AS_THEY_ARE if name in tiles.tables),
        reduce=sql(reduced),
        finish=sql(finished),
    )


@cache
def passing(capabilities: frozenset[str], signals: tuple[str, ...]) -> tuple[features.Passing, Mapping[str, ir.Schema]]:
    """Return what time does to reduced rows; and the columns of day parts by source, and of `reduced`."""
    parts = _parts(capabilities, signals)
    tiles = _tiles(parts, capabilities, signals)
    reduced = features.reduce(tiles, ibis.table(SPINE, name="spine"))
    return features.Passing(tiles), {source: table.schema() for source, table in parts.items()} | {
        "reduced": reduced.schema()
    }


@cache
def reduce_everyone(capabilities: frozenset[str], signals: tuple[str, ...], as_of: date) -> str:
    """Return the statement that reduces everyone who has bought before one day, which needs no spine."""
    return sql(features.reduce(_tiles(_parts(capabilities, signals), capabilities, signals), as_of))


def _parts(capabilities: frozenset[str], signals: tuple[str, ...]) -> dict[str, ir.Table]:
    facts = {name: ibis.table(contract.types, name=f"near_{name}") for name, contract in FACTS.items()}
    sources = _sources(capabilities, signals)
    return {source: features.day_parts(source, facts, capabilities, signals) for source in sources}


def _in(database: str) -> dict[str, str]:
    return {"catalog": database, "database": "main"} if database else {}


def _merge_events(parts: Mapping[str, ir.Table], capabilities: frozenset[str]) -> str:
    if "events" not in parts:
        return ""
    loose = ibis.table(parts["events"].schema(), name="loose_events")
    return sql(features.merged_parts("events", loose, capabilities))


def _sources(capabilities: Collection[str], signals: tuple[str, ...]) -> tuple[str, ...]:
    there = tuple(source for source in TILES if _FEEDS.get(source, source) in capabilities)
    return (*there, "signals") if signals else there


def _tiles(
    parts: Mapping[str, ir.Table],
    capabilities: frozenset[str],
    signals: tuple[str, ...],
    database: str = "",
) -> Tiles:
    read = {
        source: ibis.table(table.schema(), name=f"read_{source}", **_in(database)) for source, table in parts.items()
    }
    tables = {source: features.from_day_parts(source, table, capabilities) for source, table in read.items()}
    as_they_are = {
        name: ibis.table(FACTS[name].types, name=f"read_{name}", **_in(database))
        for name in AS_THEY_ARE
        if name in capabilities
    }
    return Tiles(tables | as_they_are, capabilities, signals)
