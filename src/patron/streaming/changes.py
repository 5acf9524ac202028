"""What time does to reduced rows, compiled once to statements over tables that have names.

| name | what |
|---|---|
| `arrived_<source>` | day parts that were not counted before |
| `left_<source>` | day parts that a window has left, with their ages as of both days |
| `reduced`, `spine` | the rows, and whose are asked for, as of when |
| `read_order_lines` | the order lines of the customers in `spine` |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import ibis

from patron.engines.duck import sql
from patron.streaming import program

_AGES = {"age_before": "int64", "age_days": "int64"}
_GAIN = {"sum": "{0} + coalesce({1}, 0)", "min": "least({0}, {1})", "max": "greatest({0}, {1})"}
_LOSS = "{0} - coalesce({1}, 0)"
_AFRESH = "CASE WHEN affinity.as_of IS NULL THEN {0} ELSE {1} END"


@dataclass(frozen=True, slots=True)
class Change:
    """A statement over what arrived or left, and how each column of `reduced` follows from itself, {0}, and it, {1}."""

    select: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changes the rows of `reduced`, for one set of capabilities.

    Attributes:
        columns: of `reduced`.
        gains, losses: by source, what `arrived_` and `left_` parts of it add and take away.
        unsure, late: by source, the statements that name whose parts left, or arrived, in ways that neither tells.
        affinity: what is counted over order lines; it takes the place of what was.
        affinity_days: the windows in which it is counted.
        zeros: the columns that are zero where nothing has happened yet.
    """

    columns: tuple[str, ...]
    gains: Mapping[str, Change]
    losses: Mapping[str, Change]
    unsure: Mapping[str, str]
    late: Mapping[str, str]
    affinity: Change
    affinity_days: frozenset[int]
    zeros: tuple[str, ...]


@cache
def compiled(capabilities: frozenset[str], signals: tuple[str, ...]) -> Changes:
    """Compile what changes reduced rows, for facts that hold these values."""
    passing, columns = program.passing(capabilities, signals)
    before, spine = ibis.table(columns["reduced"], name="reduced"), ibis.table(program.SPINE, name="spine")
    parts = {source: cells for source, cells in columns.items() if source != "reduced"}
    came = {source: ibis.table(cells, name=f"arrived_{source}") for source, cells in parts.items()}
    gone = {source: ibis.table(dict(cells) | _AGES, name=f"left_{source}") for source, cells in parts.items()}
    unsure = {source: passing.unsure(source, table) for source, table in gone.items()}
    late = {source: passing.late(source, table, before) for source, table in came.items()}
    affinities = [f.name for f in passing.affinities]
    return Changes(
        columns=tuple(columns["reduced"]),
        gains={
            source: Change(
                sql(passing.arrived(source, table, before, spine)),
                {f.name: _GAIN[f.tile.merge] for f in passing.gains(source)},
            )
            for source, table in came.items()
        },
        losses={
            source: Change(sql(passing.left(source, table)), {f.name: _LOSS for f in passing.loses(source)})
            for source, table in gone.items()
            if passing.loses(source)
        },
        unsure={source: sql(table) for source, table in unsure.items() if table is not None},
        late={source: sql(table) for source, table in late.items() if table is not None},
        affinity=Change(sql(passing.affinity(spine)) if affinities else "", dict.fromkeys(affinities, _AFRESH)),
        affinity_days=frozenset(f.days for f in passing.affinities if f.days is not None),
        zeros=tuple(passing.zeros),
    )
