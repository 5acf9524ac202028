"""Statements that are planned once, over tables in memory that are emptied and filled again before each use.

DuckDB plans a prepared statement again at every `EXECUTE`, since its optimizer may build on what tables held, and
planning how customers are read takes longer than reading a few thousand. A plan that was made without the optimizer is
kept until a table of its database is made anew. It reads columns that nobody asked for, which costs more than planning
where rows are many: those are read by the statement itself.
"""

from __future__ import annotations

from patron.engines.duck import DuckEngine

_MANY_ROWS = 100_000  # a kept plan halves the time of reading 10,000 rows, and adds a tenth to that of 290,000


class Prepared:
    """Statements and their tables, in a database of the connection that nothing else changes.

    Args:
        engine: the connection.
        name: of the database; the statements name their tables with it.
    """

    def __init__(self, engine: DuckEngine, name: str) -> None:
        self._engine, self._name = engine, name
        self._statements: dict[str, str] = {}
        self._rows: dict[str, int] = {}
        engine.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {name}")

    def make(self, table: str, like: str) -> None:
        """Make an empty table with the columns of a select."""
        self._engine.execute(f"CREATE OR REPLACE TABLE {self._name}.{table} AS FROM ({like}) LIMIT 0")
        self._rows[table] = 0

    def empty(self, table: str) -> None:
        """Let a table hold nothing."""
        self._engine.execute(f"DELETE FROM {self._name}.{table}")

    def fill(self, table: str, select: str) -> None:
        """Let a table hold what a select answers, and nothing else."""
        self.empty(table)
        self._rows[table] = self._engine.column(f"INSERT INTO {self._name}.{table} {select}")[0]

    def prepare(self, name: str, statement: str) -> None:
        """Plan a statement, now that its tables are made."""
        self._statements[name] = statement
        with self._engine.unoptimized():
            self._engine.execute(f"PREPARE {self._name}_{name} AS {statement}")

    def statement(self, name: str) -> str:
        """Return what runs a statement fastest over what its tables hold now."""
        is_many = sum(self._rows.values()) > _MANY_ROWS
        return self._statements[name] if is_many else f"EXECUTE {self._name}_{name}"
