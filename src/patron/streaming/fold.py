"""The fold: a chunk of messages becomes facts, the newest version of each, in one transaction with its position.

Cost: linear in the chunk. What is new is never looked up among the facts; what is corrected is looked up among those of
the days on which it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa

from patron import features
from patron.contracts.facts import FACTS
from patron.features import AS_THEY_ARE
from patron.streaming.known_keys import UNKNOWN, Entries
from patron.streaming.messages import MessageReader
from patron.streaming.shapes import LINES, shape_of
from patron.streaming.sources import Chunk
from patron.streaming.state import State, columns, listed, quoted

EPOCH = date(1970, 1, 1)
_MOST_SIGNALS = 20
_UNDATED = ("customers", "links")  # they say nothing of how far time has come


@dataclass(frozen=True, slots=True)
class Folded:
    """What a chunk was: the fact tables that it changed, and its messages by what became of them.

    `repeated` said what was known already, or were corrected by a later message of the chunk. `grew` if facts came of a
    kind, or with a column filled, that had not come before.
    """

    tables: tuple[str, ...]
    taken: int
    repeated: int
    kept_aside: int
    grew: bool


class Fold:
    """Folds chunks into a state; afterwards temporary `in_<fact>` hold what is new, `old_<fact>` what it replaced."""

    def __init__(self, state: State, reader: MessageReader) -> None:
        self._state, self._reader, self._engine = state, reader, state.engine

    def fold(self, source: str, chunk: Chunk, limit: datetime) -> Folded:
        """Take a chunk in, with everything that follows from it on disk, or nothing."""
        with self._state.change():
            there = self._reader.read(chunk, limit)
            for name in there:
                self._absorb(name)
            changed = tuple(name for name in there if self._rows(f"in_{name}") or self._rows(f"old_{name}"))
            taken, aside = self._count(changed), self._keep_aside(source)
            grew = self._grow(changed)
            self._soil(changed)
            self._state.keep_position(source, chunk.position)
        return Folded(changed, taken, chunk.messages.num_rows - taken - aside, aside, grew)

    def _rows(self, table: str) -> int:
        return int(self._engine.column(f"SELECT count(*) FROM {table}")[0])

    def _count(self, names: Sequence[str]) -> int:
        return sum(self._rows(f"in_{name}") for name in names if name != LINES.name)

    def _absorb(self, name: str) -> None:
        """Put the new versions of a table's facts in the place of those that stood."""
        if name == LINES.name:
            return
        engine, days = self._engine, self._sorted_out(name)
        self._replace(name, ("customer_id",) if name == "customers" else FACTS[name].key, days)
        if name == "orders":
            engine.execute("DELETE FROM in_order_lines WHERE order_id NOT IN (SELECT order_id FROM in_orders)")
            self._silent_lines(days)
            self._replace(LINES.name, ("order_id",), days, "in_orders")

    def _sorted_out(self, name: str) -> list[date]:
        """Drop what has come before just so, know the rest from now on; return the days where corrected facts stood."""
        dated = "day" in FACTS[name].names
        came = self._engine.answer(f"SELECT _key, _content, {'day' if dated else 'NULL::DATE AS day'} FROM in_{name}")
        keys, contents = came["_key"].to_numpy(), came["_content"].to_numpy()
        days = came["day"].cast(pa.int32()).fill_null(0).to_numpy()
        found = self._state.keys.find(keys)
        is_known = found.days != UNKNOWN
        is_repeat = is_known & (found.contents == contents)
        if is_repeat.any():
            self._engine.table(pa.table({"_key": keys[is_repeat]}), "repeats")
            self._engine.execute(f"DELETE FROM in_{name} WHERE _key IN (SELECT _key FROM repeats)")
        fresh = Entries(keys, days, contents).take(np.flatnonzero(~is_repeat))
        self._state.keys.add(fresh)
        stood = np.unique(found.days[is_known & ~is_repeat])
        return [EPOCH + timedelta(days=int(day)) for day in stood]

    def _replace(self, name: str, key: Sequence[str], days: Sequence[date], by: str = "") -> None:
        """Move the facts whose key came again to `old_<name>`, and put the new ones in their place."""
        engine, cells = self._engine, columns(name)
        stood = f"day IN ({listed(days)})" if "day" in FACTS[name].names else "TRUE"
        keyed = "({})".format(", ".join(f'"{column}"' for column in key))
        where = f"{stood} AND {keyed} IN (SELECT {keyed} FROM {by or f'in_{name}'})"
        where = where if days else "FALSE"
        engine.execute(f"CREATE OR REPLACE TEMP TABLE old_{name} AS SELECT {cells} FROM facts_{name} WHERE {where}")
        if days:
            engine.execute(f"DELETE FROM facts_{name} WHERE {where}")
        if name == "customers" and days:
            self._fill_cells(name)
        engine.execute(f"INSERT INTO facts_{name} ({cells}) SELECT {cells} FROM in_{name}")

    def _fill_cells(self, name: str) -> None:
        """Let the cells that a message left empty keep what they held."""
        cells = ", ".join(f'coalesce(i."{column}", o."{column}") AS "{column}"' for column in FACTS[name].names)
        self._engine.execute(
            f"CREATE OR REPLACE TEMP TABLE in_{name} AS "
            f"SELECT {cells} FROM in_{name} i LEFT JOIN old_{name} o USING (customer_id)"
        )

    def _silent_lines(self, days: Sequence[date]) -> None:
        """Let an order that came again without a word on its lines keep them, under its new head."""
        if not days:
            return
        head = ("customer_id", "ordered_at", "day", "status")
        cells = ", ".join(f"i.{name}" if name in head else f"f.{name}" for name in FACTS[LINES.name].names)
        self._engine.execute(
            f"INSERT INTO in_order_lines SELECT {cells} FROM facts_order_lines f JOIN in_orders i USING (order_id) "
            f"WHERE f.day IN ({listed(days)}) AND i._lines IS NULL"
        )

    def _keep_aside(self, source: str) -> int:
        self._engine.execute(f"INSERT INTO kept_aside SELECT {quoted(source)}, place, reason, line FROM refused")
        return self._rows("refused")

    def _grow(self, changed: Sequence[str]) -> bool:
        """Note what facts can answer from now on that they could not before."""
        state, known = self._state, self._state.capabilities
        more = {what for name in changed for what in self._filled(name, known)} - known
        named: tuple[str, ...] = ()
        if "signals" in changed and len(state.signals) < _MOST_SIGNALS:
            table = self._engine.ibis.table("in_signals", database=("temp", "main"))
            named = tuple(
                name for name in features.signal_names({"signals": table}, self._engine) if name not in state.signals
            )
        if not more and not named:
            return False
        state.say("capabilities", sorted(known | more))
        state.say("signals", sorted((*state.signals, *named)[:_MOST_SIGNALS]))
        state.say("rebuild", True)
        return True

    def _filled(self, name: str, known: frozenset[str]) -> set[str]:
        asked = {f"{name}.{column}": f'count("{column}")' for column in FACTS[name].names}
        if name == "orders":
            asked["orders.cancelled"] = "count(*) FILTER (status = 'cancelled')"
        asked = {what: count for what, count in asked.items() if what not in known}
        if not asked or not self._rows(f"in_{name}"):
            return set()
        counts = self._engine.answer(f"SELECT {', '.join(asked.values())} FROM in_{name}").columns
        return {name} | {what for what, n in zip(asked, counts, strict=True) if n[0].as_py()}

    def _soil(self, changed: Sequence[str]) -> None:
        """Note which days and which customers' own facts the tiles on disk do not know yet."""
        for name in changed:
            shape = shape_of(name)
            both = both_versions(name)
            for day in shape.days:
                for source in shape.feeds:
                    self._engine.execute(
                        f"INSERT INTO dirty_days SELECT DISTINCT '{source}', {day} FROM {both} WHERE {day} IS NOT NULL "
                        f"EXCEPT FROM dirty_days"
                    )
            if name not in _UNDATED:
                self._advance(f"SELECT max(day) FROM in_{name}")
            if name == "customers":  # what they say of themselves is no part of their tiles, nor of what is reduced
                self._engine.execute(f"INSERT INTO waiting SELECT customer_id FROM {both}")
            elif name in AS_THEY_ARE:  # what is added is in tiles, too, but for links
                changed_rows = both if name == "links" else f"old_{name}"
                for person in shape.people or ("customer_id",):
                    self._engine.execute(f"INSERT INTO dirty_customers SELECT DISTINCT {person} FROM {changed_rows}")

    def _advance(self, newest: str) -> None:
        day = self._engine.column(newest)[0]
        before = self._state.said("newest_day", "")
        if day is not None and str(day) > before:
            self._state.say("newest_day", str(day))


def both_versions(name: str) -> str:
    """Return the new and the replaced facts of a table, as one subquery."""
    cells = columns(name)
    return f"(SELECT {cells} FROM in_{name} UNION ALL SELECT {cells} FROM old_{name})"
