"""What the tests of parity share: databases that hold facts and run scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parity.agreement import COMPARED
from parity.databases import Duck, Postgres
from parity.table import written
from servers import postgres

__all__ = ["postgres"]


@pytest.fixture(scope="session", params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Duck | Postgres]:
    kind = Duck() if request.param == "duckdb" else Postgres(request.getfixturevalue("postgres"))
    yield kind
    kind.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-parity", metavar="FILE", help="Write what was compared as a table (make parity).")


def pytest_sessionfinish(session: pytest.Session) -> None:
    file = session.config.getoption("--write-parity", None)
    if file and not session.testsfailed:
        Path(file).write_text(written(COMPARED), encoding="utf-8")
