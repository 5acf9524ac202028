"""Time passes over reduced rows: what arrived is added, what left is taken away, and nobody else is looked at.

| temporary table | what |
|---|---|
| `arrived_<source>` | day parts that were not counted before: of a new day, or of a customer who had none on that day |
| `left_<source>` | day parts that were inside a window before and are not any more, with their ages |
| `refresh` | whoever has to be read again: nothing can be added to their rows, or taken away |

Cost: linear in these, in one scan of who stands in the tables, and in one of the order lines for whoever bought, or
whose lines left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from patron.contracts.features import WINDOWS_DAYS
from patron.streaming.changes import Change, Changes, compiled
from patron.streaming.concerned import add_tied, read_of
from patron.streaming.shapes import LINES
from patron.streaming.state import State

_SURE = "customer_id NOT IN (SELECT customer_id FROM refresh)"


def prepare_to_pass(state: State) -> None:
    """Compile now what a day that passes takes."""
    compiled(state.capabilities, state.signals)


def pass_time(state: State, before: date, day: date) -> int:
    """Let what arrived and left since a day change the rows of whom it can, and return how many customers those are.

    Who has to be read again instead is added to `refresh`; their rows are not touched.
    """
    known = compiled(state.capabilities, state.signals)
    _enter_and_leave(state, before, day)
    _doubt(state, known)
    _begin(state, known, day)
    changes = _read_affinities(state, known, day)
    moved = " UNION ".join(
        f"SELECT customer_id FROM {what}_{source}" for source in state.program.parts for what in ("arrived", "left")
    )
    _look_at(state, f"SELECT customer_id FROM ({moved})", day)
    for source in state.program.parts:
        for what, found in (("left", known.losses), ("arrived", known.gains)):
            if source in found and _rows(state, f"{what}_{source}"):
                changes |= _worked_out(state, f"{what}_{source}", found[source])
    return _move(state, known.columns, changes)


def _enter_and_leave(state: State, before: date, day: date) -> None:
    """Let `arrived_<source>` be what counts now and did not before, and make `left_<source>`."""
    spans = [
        f"(day >= DATE '{before - timedelta(days=n)}' AND day < DATE '{day - timedelta(days=n)}')" for n in WINDOWS_DAYS
    ]
    ages = f"DATE '{before}' - day AS age_before, DATE '{day}' - day AS age_days"
    ahead = f"day >= DATE '{before}'"  # a contact may be opened on a day that has not come yet
    execute = state.engine.execute
    for source in state.program.parts:
        execute(f"DELETE FROM arrived_{source} WHERE {ahead}")
        execute(f"INSERT INTO arrived_{source} FROM parts_{source} WHERE {ahead} AND day < DATE '{day}'")
        execute(
            f"CREATE OR REPLACE TEMP TABLE left_{source} AS SELECT *, {ages} FROM parts_{source} "
            f"ANTI JOIN arrived_{source} USING (customer_id, day) WHERE {' OR '.join(spans)}"
        )


def _doubt(state: State, known: Changes) -> None:
    """Add to `refresh` those for whom nothing can be added or taken away."""
    execute, sources = state.engine.execute, state.program.parts
    for doubt in (known.unsure, known.late):
        for select in doubt.values():
            execute(f"INSERT INTO refresh {select}")
    new = "SELECT customer_id FROM arrived_orders WHERE customer_id NOT IN (SELECT customer_id FROM reduced)"
    execute(f"CREATE OR REPLACE TEMP TABLE new_buyers AS SELECT DISTINCT customer_id FROM ({new}) WHERE {_SURE}")
    if _rows(state, "new_buyers"):
        for source in (source for source in sources if source != "orders"):  # who has earlier orders has a row
            execute(
                f"INSERT INTO refresh SELECT customer_id FROM parts_{source} ANTI JOIN arrived_{source} "
                "USING (customer_id, day) WHERE customer_id IN (SELECT customer_id FROM new_buyers)"
            )
    if "links" in state.program.as_they_are:
        execute("INSERT INTO refresh SELECT customer_id FROM new_buyers")
        execute("CREATE OR REPLACE TEMP TABLE told_of AS FROM refresh UNION SELECT customer_id FROM arrived_orders")
        add_tied(state, "told_of", into="refresh")


def _begin(state: State, known: Changes, day: date) -> None:
    """Give whoever buys for the first time a row."""
    zeros = "".join(f", 0 AS {name}" for name in known.zeros)
    state.engine.execute(
        f"INSERT INTO reduced BY NAME SELECT customer_id, DATE '{day}' AS as_of{zeros} FROM new_buyers WHERE {_SURE}"
    )


def _read_affinities(state: State, known: Changes, day: date) -> dict[str, Change]:
    """Read again what is counted over the order lines of whoever bought, or whose lines left, if there is anybody."""
    if not known.affinity.columns:
        return {}
    left = " OR ".join(f"(age_before <= {days} AND age_days > {days})" for days in known.affinity_days) or "FALSE"
    _look_at(state, f"SELECT customer_id FROM arrived_lines UNION SELECT customer_id FROM left_lines WHERE {left}", day)
    if not _rows(state, "kept_spine"):
        return {}
    theirs = "customer_id IN (SELECT customer_id FROM kept_spine)"
    state.see("read_order_lines", f"SELECT {read_of(LINES.name)} FROM facts_order_lines WHERE {theirs}", keep=True)
    return _worked_out(state, "affinity", known.affinity)


def _look_at(state: State, customers: str, day: date) -> None:
    """Let `spine` be the buyers among some customers whose rows can be moved."""
    select = f"SELECT DISTINCT customer_id, DATE '{day}' AS as_of FROM ({customers}) WHERE {_SURE}"
    state.see("spine", f"{select} AND customer_id IN (SELECT customer_id FROM reduced)", keep=True)


def _worked_out(state: State, what: str, change: Change) -> dict[str, Change]:
    """Make `change_` and a name, what there is to add, to take away or to put in the place of what was."""
    state.engine.execute(f"CREATE OR REPLACE TEMP TABLE change_{what} AS {change.select}")
    return {what: change}


def _move(state: State, columns: Sequence[str], changes: Mapping[str, Change]) -> int:
    """Put the rows that follow from the changes in the place of those of the customers in `spine`.

    A row is written anew: on disk a column is changed as a whole, however few of its cells are other ones.
    """
    execute = state.engine.execute
    cells = {name: f"r.{name}" for name in columns}
    for what, change in changes.items():
        cells |= {name: how.format(cells[name], f"{what}.{name}") for name, how in change.columns.items()}
    joined = " ".join(f"LEFT JOIN change_{what} {what} USING (customer_id)" for what in changes)
    rows = ", ".join(f"{cell} AS {name}" for name, cell in cells.items())
    theirs = "customer_id IN (SELECT customer_id FROM kept_spine)"
    execute(f"CREATE OR REPLACE TEMP TABLE moved AS SELECT {rows} FROM (FROM reduced WHERE {theirs}) r {joined}")
    execute(f"DELETE FROM reduced WHERE {theirs}")
    execute("INSERT INTO reduced BY NAME FROM moved")
    execute("INSERT INTO waiting SELECT customer_id FROM moved")
    return _rows(state, "moved")


def _rows(state: State, table: str) -> int:
    return int(state.engine.column(f"SELECT count(*) FROM {table}")[0])
