"""The tiles of active customers in memory: a chunk changes them, and the touched customers are read again at once.

Nothing here outlives the process: what is on disk and the facts make it again. What is new on the newest day is merged
into that day's part; whatever is corrected, late or depends on others' facts has its day made again. Memory grows with
the customers who were touched since the last settling, and with the visits of the newest day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from patron.streaming.concerned import add_tied, read_of, see_warm, whose
from patron.streaming.fold import both_versions
from patron.streaming.prepared import Prepared
from patron.streaming.settle import FACT_OF
from patron.streaming.shapes import LINES, shape_of
from patron.streaming.state import State, columns, listed

_READING = "reading"
_LINES = read_of(LINES.name)
_THEIRS = "customer_id IN (SELECT customer_id FROM {})"
_KEYS = "(customer_id, day) IN (SELECT (customer_id, day) FROM keys WHERE source = '{}')"


class Hot:
    """The parts of the customers who are active now, as `hot_<source>`; made from a state that is settled."""

    def __init__(self, state: State) -> None:
        self._state, self._engine = state, state.engine
        self.reset()

    @property
    def customers(self) -> int:
        """How many customers are held."""
        return int(self._engine.column("SELECT count(*) FROM hot_customers")[0])

    def reset(self) -> None:
        """Hold nobody any more; the state must be settled."""
        state, execute = self._state, self._engine.execute
        self._program, self._open_day = state.program_in(_READING), state.said("newest_day", "")
        for source in self._program.parts:
            execute(f"CREATE OR REPLACE TEMP TABLE hot_{source} AS FROM parts_{source} LIMIT 0")
        execute(f"CREATE OR REPLACE TEMP TABLE hot_order_lines AS SELECT {_LINES} FROM facts_order_lines LIMIT 0")
        execute("CREATE OR REPLACE TEMP TABLE hot_customers (customer_id VARCHAR)")
        execute("CREATE TEMP TABLE IF NOT EXISTS touched (customer_id VARCHAR)")  # who waits to be read still does
        opened = f"day = DATE '{self._open_day}'" if self._open_day else "FALSE"
        execute(
            "CREATE OR REPLACE TEMP TABLE hot_sessions AS SELECT DISTINCT customer_id, session_id "
            f"FROM facts_events WHERE {opened} AND session_id IS NOT NULL AND customer_id IS NOT NULL"
        )
        self._reading = self._prepare()

    def touch(self, tables: Sequence[str]) -> None:
        """Hold whom the facts that a fold has just changed concern, and change their parts."""
        self.hold(tables)
        for source in self._program.parts:
            if source == "events" and "events" in tables:
                self._merge_events()
            self._make_again(source)
        if "order_lines" in tables:
            self._lines_again()

    def hold(self, tables: Sequence[str]) -> None:
        """Hold whom the changed facts concern, with what is on disk of them."""
        self._find_keys(tables)
        self._engine.execute("CREATE OR REPLACE TEMP TABLE concerned AS SELECT DISTINCT customer_id FROM concerns")
        add_tied(self._state, "concerned")
        see_warm(self._state, "concerned")
        self._engine.execute("INSERT INTO touched SELECT DISTINCT customer_id FROM concerned")
        self._warm_up()

    def read(self, as_of: date) -> pa.Table:
        """Return the features of everyone touched since the last reading, as of a day, and forget who they were."""
        execute = self._engine.execute
        execute("CREATE OR REPLACE TEMP TABLE readers AS SELECT DISTINCT customer_id FROM touched")
        see_warm(self._state, "readers")
        self._warm_up()
        reading = self._reading
        reading.fill("spine", f"SELECT customer_id, DATE '{as_of}' FROM readers")
        for source in self._program.parts:
            reading.fill(f"read_{source}", f"FROM hot_{source} WHERE {_THEIRS.format('warm')}")
        for name in self._program.as_they_are:
            facts = "hot_order_lines" if name == LINES.name else f"facts_{name}"
            reading.fill(f"read_{name}", f"FROM {facts} WHERE {whose(name, 'warm')}")
        reading.empty("reduced_now")
        execute(reading.statement("reduce"))
        rows = self._engine.answer(reading.statement("finish"))
        execute("DELETE FROM touched")
        return rows

    def _prepare(self) -> Prepared:
        reading, program = Prepared(self._engine, _READING), self._program
        reading.make("spine", "SELECT NULL::VARCHAR AS customer_id, NULL::DATE AS as_of")
        for source in program.parts:
            reading.make(f"read_{source}", f"FROM hot_{source}")
        for name in program.as_they_are:
            reading.make(f"read_{name}", f"SELECT {read_of(name)} FROM facts_{name}")
        reading.make("reduced_now", program.reduce)
        reading.prepare("reduce", f"INSERT INTO {_READING}.reduced_now {program.reduce}")
        reading.prepare("finish", program.finish)
        return reading

    def _find_keys(self, tables: Sequence[str]) -> None:
        """List whom the changed facts concern (`concerns`), and which of their days are to be made again (`keys`)."""
        execute, newest = self._engine.execute, self._state.said("newest_day", "")
        if newest != self._open_day:
            self._open_day = newest
            execute("DELETE FROM hot_sessions")
        execute("CREATE OR REPLACE TEMP TABLE keys (source VARCHAR, customer_id VARCHAR, day DATE)")
        execute("CREATE OR REPLACE TEMP TABLE concerns (customer_id VARCHAR)")
        for name in tables:
            shape = shape_of(name)
            for person in shape.people or ("customer_id",):
                named = f"SELECT DISTINCT {person} FROM {both_versions(name)} WHERE {person} IS NOT NULL"
                execute(f"INSERT INTO concerns {named}")
            for source in [source for source in shape.feeds if source in self._program.parts]:
                for day in shape.days:
                    execute(f"INSERT INTO keys SELECT DISTINCT '{source}', customer_id, {day} FROM {self._again(name)}")
        execute("DELETE FROM keys WHERE customer_id IS NULL OR day IS NULL")
        execute("INSERT INTO concerns SELECT DISTINCT customer_id FROM keys")

    def _again(self, name: str) -> str:
        """Return the facts whose customer's day is to be made again."""
        if name == "events":
            return f"(SELECT * FROM {both_versions(name)} WHERE NOT ({self._fresh()}))"
        if name != LINES.name:
            return both_versions(name)
        days = self._engine.column(f"SELECT DISTINCT day FROM {both_versions(name)}")
        group = "(day, coalesce(category, ''))"  # a price is placed among those of its category on that day
        return (
            f"(SELECT customer_id, day FROM facts_order_lines WHERE day IN ({listed(days)}) "
            f"AND {group} IN (SELECT {group} FROM {both_versions(name)}) "
            f"UNION SELECT customer_id, day FROM {both_versions(name)})"
        )

    def _fresh(self) -> str:
        """Return the condition that an event is new on the open day."""
        is_corrected = self._engine.column("SELECT count(*) FROM old_events")[0]
        corrected = " AND event_id NOT IN (SELECT event_id FROM old_events)" if is_corrected else ""
        return f"day = DATE '{self._open_day}'{corrected}"

    def _warm_up(self) -> None:
        """Bring in from disk those who are not held yet."""
        execute = self._engine.execute
        execute("CREATE OR REPLACE TEMP TABLE cold AS FROM warm EXCEPT FROM hot_customers")
        if not self._engine.column("SELECT count(*) FROM cold")[0]:
            return
        for source in self._program.parts:
            execute(f"INSERT INTO hot_{source} FROM parts_{source} WHERE {_THEIRS.format('cold')}")
        execute(f"INSERT INTO hot_order_lines SELECT {_LINES} FROM facts_order_lines WHERE {_THEIRS.format('cold')}")
        execute("INSERT INTO hot_customers FROM cold")

    def _merge_events(self) -> None:
        """Merge what is new on the open day into that day's parts; a visit that was counted is not counted again."""
        execute = self._engine.execute
        seen = "(customer_id, session_id) IN (SELECT (customer_id, session_id) FROM hot_sessions)"
        self._state.see(
            "near_events",
            f"SELECT * REPLACE (CASE WHEN {seen} THEN NULL ELSE session_id END AS session_id) "
            f"FROM (SELECT {columns('events')} FROM in_events WHERE customer_id IS NOT NULL AND {self._fresh()})",
        )
        execute(f"CREATE OR REPLACE TEMP TABLE arrived AS {self._program.parts['events']}")
        stood = "(customer_id, day) IN (SELECT (customer_id, day) FROM arrived)"
        self._state.see("loose_events", f"FROM arrived UNION ALL BY NAME FROM hot_events WHERE {stood}")
        execute(f"CREATE OR REPLACE TEMP TABLE merged AS {self._program.merge_events}")
        execute(f"DELETE FROM hot_events WHERE {stood}")
        execute("INSERT INTO hot_events BY NAME FROM merged")
        execute(
            "INSERT INTO hot_sessions SELECT DISTINCT customer_id, session_id FROM in_events "
            f"WHERE customer_id IS NOT NULL AND session_id IS NOT NULL AND {self._fresh()} EXCEPT FROM hot_sessions"
        )

    def _make_again(self, source: str) -> None:
        """Make the listed days of customers again from their facts."""
        days = self._engine.column(f"SELECT DISTINCT day FROM keys WHERE source = '{source}'")
        if not days:
            return
        name, execute = FACT_OF[source], self._engine.execute
        shape = shape_of(name)
        within = " OR ".join(f"{day} IN ({listed(days)})" for day in shape.days)
        theirs = (
            "TRUE" if name == LINES.name else f"customer_id IN (SELECT customer_id FROM keys WHERE source = '{source}')"
        )
        self._state.near(name, f"({within}) AND {theirs}")
        parts, asked = self._program.parts[source], _KEYS.format(source)
        execute(f"CREATE OR REPLACE TEMP TABLE again AS SELECT * FROM ({parts}) WHERE {asked}")
        execute(f"DELETE FROM hot_{source} WHERE {asked}")
        execute(f"INSERT INTO hot_{source} BY NAME FROM again")

    def _lines_again(self) -> None:
        """Bring in the order lines of the days that changed."""
        days = self._engine.column("SELECT DISTINCT day FROM keys WHERE source = 'lines'")
        asked = _KEYS.format("lines")
        self._engine.execute(f"DELETE FROM hot_order_lines WHERE {asked}")
        self._engine.execute(
            f"INSERT INTO hot_order_lines SELECT {_LINES} FROM facts_order_lines "
            f"WHERE day IN ({listed(days)}) AND {asked}"
        )
