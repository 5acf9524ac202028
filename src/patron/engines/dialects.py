"""Expressions as SQL of other databases."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis.config import Config
from sqlglot import expressions as sg

from patron.ground.errors import PlanError

DIALECTS: Mapping[str, str] = {
    "bigquery": "bigquery",
    "duckdb": "duckdb",
    "postgres": "postgres",
    "snowflake": "snowflake",
    "spark": "pyspark",
    "trino": "trino",
}
"""What people call a dialect, and what Ibis calls it."""


_WITHOUT_PROPERTIES = ("postgres", "snowflake")  # their regular expressions know classes, not Unicode properties
_WORD_CHARACTERS = (r"[^\p{L}\p{N}]", "[^[:alnum:]]")


class _SparkOptions(Config):  # type: ignore[misc]  # Ibis' own options are of this kind
    treat_nan_as_null: bool = False


def to_sql(expr: ir.Table, dialect: str) -> str:
    """Return one query of a dialect.

    Raises:
        PlanError: it is none of `DIALECTS`.

    >>> print(to_sql(ibis.table({"x": "int64", "y": "int64"}, name="t").select("x"), "postgres"))
    SELECT
      "t0"."x"
    FROM "t" AS "t0"
    """
    named = _named(dialect)
    if named == "pyspark" and ibis.options.pyspark is None:
        # Ibis compiles for Spark without Spark, but for one option that its backend brings
        ibis.options.pyspark = _SparkOptions()
    query = str(ibis.to_sql(expr, dialect=named))
    return query.replace(*_WORD_CHARACTERS) if dialect in _WITHOUT_PROPERTIES else query


def create_table(name: str, steps: Mapping[str, ir.Table], dialect: str) -> str:
    """Return the statements that make a table anew of the last of some steps; each may read those before it by name.

    >>> print(create_table("b", {"one": ibis.table({"x": "int64", "y": "int64"}, name="t").select("x")}, "duckdb"))
    DROP TABLE IF EXISTS "b";
    CREATE TABLE "b" AS
    SELECT
      "t0"."x"
    FROM "t" AS "t0";
    """
    table = _quoted(name, dialect)
    *before, last = steps
    named = [f"{_quoted(step, dialect)} AS (\n{to_sql(steps[step], dialect)}\n)" for step in before]
    shared = f"WITH {', '.join(named)}\n" if named else ""
    return f"DROP TABLE IF EXISTS {table};\nCREATE TABLE {table} AS\n{shared}{to_sql(steps[last], dialect)};"


def _quoted(name: str, dialect: str) -> str:
    return sg.to_identifier(name, quoted=True).sql(dialect=_sqlglot(dialect))


def _named(dialect: str) -> str:
    if dialect not in DIALECTS:
        raise PlanError.unknown_choice("SQL dialect", dialect, DIALECTS)
    return DIALECTS[dialect]


def _sqlglot(dialect: str) -> str:
    return "spark" if _named(dialect) == "pyspark" else dialect
