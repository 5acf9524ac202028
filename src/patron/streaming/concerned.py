"""Whom facts concern, and what has to be looked at to read them."""

from __future__ import annotations

from collections.abc import Sequence

from patron.features import LINES_READ
from patron.streaming.shapes import LINES, SHAPES
from patron.streaming.state import State


def add_tied(state: State, asked: str, *, into: str = "") -> None:
    """Add to `asked`, or `into` another table, who is tied to them: their features look at what the others did."""
    if "links" in state.program.as_they_are:
        state.engine.execute(_tied(into or asked, asked))


def see_warm(state: State, asked: str) -> None:
    """Make `warm`, all whose tiles are needed to read `asked`: they themselves, and those they are tied to."""
    state.engine.execute(f"CREATE OR REPLACE TEMP TABLE warm AS SELECT DISTINCT customer_id FROM {asked}")
    if "links" in state.program.as_they_are:
        state.engine.execute(_tied("warm", asked))


def _tied(into: str, to: str) -> str:
    return (
        f"INSERT INTO {into} SELECT to_customer FROM facts_links WHERE from_customer IN (SELECT customer_id FROM {to}) "
        f"UNION SELECT from_customer FROM facts_links WHERE to_customer IN (SELECT customer_id FROM {to})"
    )


def read_of(name: str) -> str:
    """Return the columns that are read of a fact that is read as it is."""
    return ", ".join(LINES_READ) if name == LINES.name else "*"


def whose(name: str, warm: str) -> str:
    """Return the condition that a fact that is read as it is concerns some customers."""
    people: Sequence[str] = SHAPES[name].people if name in SHAPES else ("customer_id",)
    return " OR ".join(f"{person} IN (SELECT customer_id FROM {warm})" for person in people)
