"""A table of a real PostgreSQL server is read like a file."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from patron.engines.duck import DuckEngine
from patron.ground.errors import EmptyInput, UnreadableFile
from patron.records.reading import stage
from patron.records.spec import SourceProfile

pytestmark = pytest.mark.postgres

Profiles = tuple[SourceProfile, ...]
SHOP = """
CREATE SCHEMA IF NOT EXISTS sales;
DROP TABLE IF EXISTS sales.orders;
CREATE TABLE sales.orders (
    order_id bigint, customer_id text, ordered_at timestamptz, status text, total numeric(12, 2), currency char(3)
);
INSERT INTO sales.orders VALUES
    (1, '007', '2024-03-01 12:00:00+01', 'paid', 19.99, 'EUR'),
    (2, 'é😀', '2024-03-02 00:30:00+01', 'cancelled', NULL, 'EUR');
DROP TABLE IF EXISTS nothing;
CREATE TABLE nothing (order_id text, customer_id text, ordered_at text);
"""


@pytest.fixture
def shop(postgres: str) -> str:
    import psycopg  # noqa: PLC0415  an optional dependency, checked by the fixture

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(SHOP)
    return postgres


def test_a_table_becomes_staged_rows(shop: str, engine: DuckEngine, profiles: Profiles) -> None:
    [staged] = stage(f"{shop}::sales.orders", engine, profiles)
    rows = engine.rows(staged.table.order_by("order_id"))
    assert staged.row_count == 2
    assert [row["customer_id"] for row in rows] == ["007", "é😀"]
    assert [row["ordered_at"] for row in rows] == [
        datetime(2024, 3, 1, 11, tzinfo=UTC),
        datetime(2024, 3, 1, 23, 30, tzinfo=UTC),
    ]
    assert [row["total_amount"] for row in rows] == [Decimal("19.99"), None]
    assert [row["status"] for row in rows] == ["paid", "cancelled"]
    assert sorted(str(row["_row_no"]) for row in rows) == ["1", "2"]


def test_the_table_may_be_named_as_a_parameter(shop: str, engine: DuckEngine, profiles: Profiles) -> None:
    [by_parameter] = stage(f"{shop}?table=sales.orders", engine, profiles)
    [by_suffix] = stage(f"{shop}::sales.orders", engine, profiles)
    assert by_parameter.row_count == by_suffix.row_count == 2


def test_the_digest_follows_the_rows(shop: str, engine: DuckEngine, profiles: Profiles) -> None:
    import psycopg  # noqa: PLC0415  an optional dependency, checked by the fixture

    [before], [again] = (stage(f"{shop}::sales.orders", engine, profiles) for _ in range(2))
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute("UPDATE sales.orders SET total = 20.00 WHERE order_id = 1")
    [after] = stage(f"{shop}::sales.orders", engine, profiles)
    assert before.digest == again.digest != after.digest


def test_a_missing_table_is_named(shop: str, engine: DuckEngine, profiles: Profiles) -> None:
    with pytest.raises(UnreadableFile, match="orderz"):
        stage(f"{shop}::orderz", engine, profiles)


def test_an_empty_table_is_refused(shop: str, engine: DuckEngine, profiles: Profiles) -> None:
    with pytest.raises(EmptyInput, match="no row"):
        stage(f"{shop}::nothing", engine, profiles)
