"""What the tests of parity share: databases that hold facts and run scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parity.databases import Duck, Postgres
from servers import postgres

__all__ = ["postgres"]


@pytest.fixture(scope="session", params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Duck | Postgres]:
    kind = Duck() if request.param == "duckdb" else Postgres(request.getfixturevalue("postgres"))
    yield kind
    kind.close()
