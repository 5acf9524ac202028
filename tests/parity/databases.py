"""Two databases behind one face: facts in, scripts run, rows out."""

from __future__ import annotations

import io
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv

from patron.contracts.facts import FACTS
from patron.contracts.tables import TableContract
from worlds import World

_POSTGRES = {
    "text": "text",
    "int": "bigint",
    "real": "double precision",
    "money": "numeric(18, 4)",
    "flag": "boolean",
    "day": "date",
    "instant": "timestamptz",
    "json": "text",
}


class Duck:
    """DuckDB as the warehouse."""

    dialect = "duckdb"

    def __init__(self) -> None:
        self._connection = duckdb.connect()

    def hold(self, contract: TableContract, data: pa.Table) -> None:
        self._connection.register("incoming", data)
        self._connection.execute(f'CREATE OR REPLACE TABLE "{contract.name}" AS SELECT * FROM incoming')
        self._connection.unregister("incoming")

    def hold_facts(self, world: World) -> None:
        for name, contract in FACTS.items():
            self.hold(contract, world.get(name, contract.empty()))

    def run(self, script: str) -> None:
        self._connection.execute(script)

    def rows(self, table: str) -> list[dict[str, Any]]:
        answer = self._connection.execute(f'SELECT * FROM "{table}"')
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def close(self) -> None:
        self._connection.close()


class Postgres(Duck):
    """PostgreSQL as the warehouse."""

    dialect = "postgres"

    def __init__(self, url: str) -> None:
        import psycopg  # noqa: PLC0415  an optional dependency, checked by the fixture

        self._connection = psycopg.connect(url, autocommit=True)

    def hold(self, contract: TableContract, data: pa.Table) -> None:
        columns = ", ".join(f'"{column.name}" {_POSTGRES[column.kind]}' for column in contract.columns)
        self._connection.execute(f'DROP TABLE IF EXISTS "{contract.name}"; CREATE TABLE "{contract.name}" ({columns})')
        written = io.BytesIO()
        pyarrow.csv.write_csv(data.select(list(contract.names)), written)
        with self._connection.cursor().copy(f'COPY "{contract.name}" FROM STDIN (FORMAT csv, HEADER)') as copy:
            copy.write(written.getvalue())
