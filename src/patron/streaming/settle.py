"""Settling: the tiles of days that changed are made again from their facts, and the rows of those in them follow.

The same expressions make them as a run's. What arrived is added to a row and what left a window is taken away; whose
facts were corrected, or came late where order matters, is read again from all tiles. Cost: linear in the facts of the
days that changed and in the rows that change; where anyone is read again, also in one scan of the parts on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from patron.ground.errors import InputError, NotEnoughData
from patron.streaming.concerned import read_of, see_warm, whose
from patron.streaming.passing import pass_time
from patron.streaming.program import reduce_everyone
from patron.streaming.shapes import LINES, SHAPES, shape_of
from patron.streaming.state import FACT_TABLES, State, listed

FACT_OF = {source: shape.name for shape in (*SHAPES.values(), LINES) for source in shape.feeds}


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling did: the days that were made again over all sources, and the customers whose rows changed.

    `moved` had what arrived added and what left a window taken away; `read_again` were made from all their tiles.
    """

    days: int
    moved: int
    read_again: int
    rebuilt: bool

    @property
    def customers(self) -> int:
        """Everyone whose row changed."""
        return self.moved + self.read_again


def settle(state: State, as_of: date | None = None) -> Settled:
    """Make what is on disk say what the facts say, as of a day.

    Args:
        state: the live shop.
        as_of: the day; None: the day after the newest fact.

    Raises:
        NotEnoughData: there is no fact yet.
        InputError: the day lies before facts that have come, or before the day that was settled last.
    """
    day = _checked(state, as_of)
    with state.change():
        rebuilt = bool(state.said("rebuild", True))
        done = _rebuild(state, day) if rebuilt else _refresh(state, day)
        state.engine.execute("DELETE FROM dirty_days")
        state.engine.execute("DELETE FROM dirty_customers")
        state.say("rebuild", False)
        state.say("settled_as_of", str(day))
    return done


def features_of(state: State, customers: str = "") -> pa.Table:
    """Return the features of buyers as of the day that was settled last, the same table as a run's.

    Args:
        state: the live shop.
        customers: a table of the state with their `customer_id`; empty: everyone.
    """
    day = state.settled_as_of
    if day is None or "orders" not in state.program.parts:
        raise NotEnoughData("No order has come yet.\nNext: fold some in with `patron stream`.")
    theirs = f"customer_id IN (SELECT customer_id FROM {customers})" if customers else "TRUE"
    state.see("reduced_now", f"SELECT * REPLACE (DATE '{day}' AS as_of) FROM reduced WHERE {theirs}")
    state.see("read_customers", f"FROM facts_customers WHERE {theirs}")
    return state.engine.answer(state.program.finish)


def _checked(state: State, as_of: date | None) -> date:
    newest, before = state.as_of, state.settled_as_of
    if newest is None:
        raise NotEnoughData("No fact has come yet.\nNext: fold some in with `patron stream`.")
    day = as_of or max(newest, before or newest)
    if day < newest or (before and day < before):
        raise InputError(
            f"as_of {day} lies before what is known: facts up to {newest - timedelta(days=1)} have come"
            f"{f', and {before} was read' if before else ''}.\nNext: `patron run --as-of` looks back."
        )
    return day


def _rebuild(state: State, day: date) -> Settled:
    """Make everything from the facts."""
    engine, program = state.engine, state.program
    for name in FACT_TABLES:
        state.near(name)
    for source, reduce in program.parts.items():
        engine.execute(f"CREATE OR REPLACE TABLE parts_{source} AS SELECT * FROM ({reduce}) ORDER BY day")
        state.see(f"read_{source}", f"FROM parts_{source}")
    for name in program.as_they_are:
        state.see(f"read_{name}", f"FROM facts_{name}")
    if "orders" not in program.parts:
        return Settled(0, 0, 0, rebuilt=True)
    everyone = reduce_everyone(state.capabilities, state.signals, day)
    engine.execute(f"CREATE OR REPLACE TABLE reduced AS {everyone}")
    engine.execute("INSERT INTO waiting SELECT customer_id FROM reduced")
    return Settled(0, 0, int(engine.column("SELECT count(*) FROM reduced")[0]), rebuilt=True)


def _refresh(state: State, day: date) -> Settled:
    """Make the days that changed again, and change the rows of those whom they, or the passing of time, concern."""
    engine, program = state.engine, state.program
    engine.execute("CREATE OR REPLACE TEMP TABLE refresh AS SELECT DISTINCT customer_id FROM dirty_customers")
    n_days = sum(_remade(state, source) for source in program.parts)
    if "orders" not in program.parts:
        return Settled(n_days, 0, 0, rebuilt=False)
    n_moved = pass_time(state, state.settled_as_of or day, day)
    return Settled(n_days, n_moved, _read_again(state, day), rebuilt=False)


def _remade(state: State, source: str) -> int:
    """Make a source's changed days again, and return how many.

    Parts where there were none are `arrived_<source>`; whose part is another than it was, or gone, is read again.
    """
    engine = state.engine
    arrived = f"CREATE OR REPLACE TEMP TABLE arrived_{source} AS"
    days = engine.column(f"SELECT day FROM dirty_days WHERE source = '{source}'")
    if not days:
        engine.execute(f"{arrived} FROM parts_{source} LIMIT 0")
        return 0
    within = f"day IN ({listed(days)})"
    name = FACT_OF[source]
    shape = shape_of(name)
    state.near(name, " OR ".join(f"{column} IN ({listed(days)})" for column in shape.days))
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE remade AS SELECT * FROM ({state.program.parts[source]}) WHERE {within}"
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE stood AS SELECT * FROM parts_{source} WHERE {within}")
    engine.execute("INSERT INTO refresh SELECT customer_id FROM (FROM stood EXCEPT FROM remade)")
    engine.execute(f"{arrived} FROM remade ANTI JOIN stood USING (customer_id, day)")
    engine.execute(f"DELETE FROM parts_{source} WHERE {within}")
    engine.execute(f"INSERT INTO parts_{source} BY NAME FROM remade")
    return len(days)


def _read_again(state: State, day: date) -> int:
    """Read the buyers in `refresh` again from all their tiles, and return how many they are."""
    engine, program = state.engine, state.program
    if not engine.column("SELECT count(*) FROM refresh")[0]:
        return 0
    see_warm(state, "refresh")
    buyers = "customer_id IN (SELECT customer_id FROM parts_orders)"
    spine = f"SELECT DISTINCT customer_id, DATE '{day}' AS as_of FROM refresh WHERE {buyers}"
    state.see("spine", spine, keep=True)
    for source in program.parts:
        theirs = "customer_id IN (SELECT customer_id FROM warm)"
        state.see(f"read_{source}", f"FROM parts_{source} WHERE {theirs}", keep=True)
    for name in program.as_they_are:
        state.see(f"read_{name}", f"SELECT {read_of(name)} FROM facts_{name} WHERE {whose(name, 'warm')}", keep=True)
    state.see("reduced_now", program.reduce, keep=True)
    engine.execute("DELETE FROM reduced WHERE customer_id IN (SELECT customer_id FROM refresh)")
    engine.execute("INSERT INTO reduced BY NAME FROM reduced_now")
    engine.execute("INSERT INTO waiting SELECT customer_id FROM reduced_now")
    return int(engine.column("SELECT count(*) FROM reduced_now")[0])
