"""A plan that is kept sees what its tables hold now, and answers as the statement itself does."""

from __future__ import annotations

import pytest

from patron.engines.duck import DuckEngine
from patron.streaming import prepared
from patron.streaming.prepared import Prepared

SUMS = "SELECT k, sum(x) AS total, max(y) AS most FROM kept.mine GROUP BY k"


@pytest.fixture
def engine():
    with DuckEngine(threads=1) as duck:
        yield duck


def made(engine):
    statements = Prepared(engine, "kept")
    statements.make("mine", "SELECT 0 AS k, 0 AS x, '' AS y")
    statements.prepare("sums", SUMS)
    return statements


def test_a_kept_plan_reads_what_was_filled_in_last(engine):
    statements = made(engine)
    for n_rows in (3, 50, 0):
        statements.fill("mine", f"SELECT range % 2, range, range::VARCHAR FROM range({n_rows})")
        kept = engine.answer(statements.statement("sums")).sort_by("k")
        assert statements.statement("sums").startswith("EXECUTE")
        assert kept.equals(engine.answer(SUMS).sort_by("k"))


def test_many_rows_are_read_by_the_statement_itself(engine, monkeypatch):
    monkeypatch.setattr(prepared, "_MANY_ROWS", 10)
    statements = made(engine)
    statements.fill("mine", "SELECT 1, 1, 'a' FROM range(11)")
    assert statements.statement("sums") == SUMS
    statements.fill("mine", "SELECT 1, 1, 'a' FROM range(10)")
    assert statements.statement("sums") != SUMS


def test_tables_are_made_again_and_other_tables_change_without_harm(engine):
    made(engine)
    engine.execute("CREATE OR REPLACE TEMP TABLE other AS SELECT 1 AS a")
    statements = made(engine)
    statements.fill("mine", "SELECT 7, 1, 'a'")
    engine.execute("CREATE OR REPLACE TEMP TABLE other AS SELECT 2 AS a")
    assert engine.row(statements.statement("sums")) == (7, 1, "a")


def test_the_optimizer_is_there_again_after_preparing(engine):
    made(engine)
    assert engine.row("SELECT current_setting('enable_optimizer')") == (True,)
