"""What the tests of parity share: databases that hold facts and run scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity.agreement import COMPARED
from parity.databases import Duck, Postgres
from parity.spark_shops import insist_on_spark
from parity.table import written
from patron.engines.engine import Engine
from servers import postgres

__all__ = ["postgres"]

# A JVM that lives for a minute spends most of it on code that is made again to be quicker later: the first is enough
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.fixture(scope="session", params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Duck | Postgres]:
    kind = Duck() if request.param == "duckdb" else Postgres(request.getfixturevalue("postgres"))
    yield kind
    kind.close()


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    insist_on_spark()
    from patron.engines.spark import SparkEngine  # noqa: PLC0415  # only where Spark can run

    with SparkEngine(master="local[2]", memory_limit="1GB", threads=2) as engine:
        yield engine


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-parity", metavar="FILE", help="Write what was compared as a table (make parity).")


def pytest_sessionfinish(session: pytest.Session) -> None:
    file = session.config.getoption("--write-parity", None)
    if file and not session.testsfailed:
        Path(file).write_text(written(COMPARED), encoding="utf-8")
