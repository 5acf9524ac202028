"""Cells become typed values: what can be read is exact, what cannot is NULL and told; nothing is guessed silently."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from patron.engines.duck import DuckEngine
from patron.ground.errors import UnreadableFile
from patron.records import sources
from patron.records.reading import stage

Reader = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def orders(tmp_path: Path, engine: DuckEngine) -> Reader:
    """Write cells of one column into an order file and read them back."""

    def read(column: str, cells: list[str], home: tuple[str, str] = ("UTC", "")) -> list[dict[str, Any]]:
        names = ["order_id", "customer_id", "ordered_at", "total"]
        plain = {"order_id": "1", "customer_id": "c", "ordered_at": "2024-01-01", "total": "1"}
        lines = ["\t".join(dict.fromkeys([*names, column]))]
        lines += ["\t".join({**plain, column: cell}.values()) for cell in cells]
        path = tmp_path / f"{column}.tsv"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        [staged] = stage(path, engine, sources.profiles(), home=home)
        return engine.rows(staged.table.order_by("_row_no"))

    return read


def _amounts(orders: Reader, *cells: str) -> list[Decimal | None]:
    return [row["total_amount"] for row in orders("total", list(cells))]


def _times(orders: Reader, *cells: str, zone: str = "UTC") -> list[str | None]:
    rows = orders("ordered_at", list(cells), (zone, ""))
    return [row["ordered_at"] and row["ordered_at"].astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") for row in rows]


def test_amounts_with_points(orders: Reader) -> None:
    cells = ["12.5", "$1,234.50", "¥19.9", "(5.00)", "5.00-", "USD 7.00", "1,234,567", "1000000000.25", " 3 元 "]
    wanted = ["12.5", "1234.5", "19.9", "-5", "-5", "7", "1234567", "1000000000.25", "3"]
    assert _amounts(orders, *cells) == [Decimal(each) for each in wanted]


def test_amounts_with_decimal_commas(orders: Reader) -> None:
    cells = ["12,5", "€ 1.234,50", "1.234", "7", "-3,10"]
    assert _amounts(orders, *cells) == [Decimal(each) for each in ("12.5", "1234.5", "1234", "7", "-3.1")]


def test_a_column_that_mixes_points_and_commas_is_not_guessed(orders: Reader) -> None:
    rows = orders("total", ["12.50", "12,50", "1,250.00"])
    assert [row["total_amount"] for row in rows] == [Decimal("12.5"), None, Decimal(1250)]
    assert rows[1]["_issue"] == "total_amount '12,50' is not an amount"


def test_what_is_no_amount_is_told(orders: Reader) -> None:
    cells = ["NaN", "inf", "-Infinity", "abc", "1,2,3", "1e30", "12..5", "5 apples"]
    good, *bad = orders("total", ["1.50", *cells])
    assert (good["total_amount"], good["_issue"]) == (Decimal("1.5"), None)
    assert [row["total_amount"] for row in bad] == [None] * len(cells)
    assert [row["_issue"] for row in bad] == [f"total_amount '{cell}' is not an amount" for cell in cells]


def test_no_amount_is_no_issue(orders: Reader) -> None:
    rows = orders("total", ["", "NULL", "N/A", "-", "--", "\\N"])
    assert {(row["total_amount"], row["_issue"]) for row in rows} == {(None, None)}


def test_times_of_many_kinds(orders: Reader) -> None:
    cells = [
        "2024-03-01 12:00:00", "2024-03-01T12:00:00Z", "2024-03-01T12:00:00+02:00", "2024-03-01 12:00:00 +0530",
        "2024-03-01 12:00:00 UTC", "2024/3/1 9:05", "20240301", "1709294400", "1709294400000", "2024年3月1日",
        "1.3.2024", "01-Mar-2024", "2024-03-01 12",
    ]  # fmt: skip
    assert _times(orders, *cells) == [
        "2024-03-01 12:00:00", "2024-03-01 12:00:00", "2024-03-01 10:00:00", "2024-03-01 06:30:00",
        "2024-03-01 12:00:00", "2024-03-01 09:05:00", "2024-03-01 00:00:00", "2024-03-01 12:00:00",
        "2024-03-01 12:00:00", "2024-03-01 00:00:00", "2024-03-01 00:00:00", "2024-03-01 00:00:00",
        "2024-03-01 12:00:00",
    ]  # fmt: skip


def test_times_without_a_zone_are_the_shops(orders: Reader) -> None:
    cells = ["2024-07-01 00:30:00", "2024-01-01 00:30:00", "2024-07-01T00:30:00Z"]
    assert _times(orders, *cells, zone="Europe/Berlin") == [
        "2024-06-30 22:30:00",
        "2023-12-31 23:30:00",
        "2024-07-01 00:30:00",
    ]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["01/02/2024", "25/02/2024"], ["2024-02-01 00:00:00", "2024-02-25 00:00:00"]),
        (["01/02/2024 10:00", "02/25/2024 11:00"], ["2024-01-02 10:00:00", "2024-02-25 11:00:00"]),
    ],
)
def test_the_order_of_day_and_month_is_found_from_the_whole_column(
    orders: Reader, cells: list[str], wanted: list[str]
) -> None:
    assert _times(orders, *cells) == wanted


def test_a_row_against_the_order_of_the_others_is_told_not_turned(orders: Reader) -> None:
    rows = orders("ordered_at", ["25/02/2024", "26/02/2024", "02/27/2024"])
    assert rows[2]["ordered_at"] is None
    assert rows[2]["_issue"] == "ordered_at '02/27/2024' is not a time"


def test_an_order_that_no_row_decides_is_refused(orders: Reader) -> None:
    with pytest.raises(UnreadableFile, match=r"(?s)'ordered_at': its dates fit both .*time_formats"):
        orders("ordered_at", ["01/02/2024", "03/04/2024"])


def test_what_is_no_time_is_told(orders: Reader) -> None:
    cells = ["2024-13-45", "tomorrow", "0", "Infinity", "epoch"]
    rows = orders("ordered_at", cells)
    assert [row["ordered_at"] for row in rows] == [None] * len(cells)
    assert [row["_issue"] for row in rows] == [f"ordered_at '{cell}' is not a time" for cell in cells]


def test_ids_keep_their_text_but_lose_what_a_decimal_column_added(orders: Reader) -> None:
    cells = ["17850.0", "007", "1.50", "Ann@X.com", "é😀", "2.4E+15"]
    rows = orders("customer_id", cells)
    assert [row["customer_id"] for row in rows] == ["17850", "007", "1.50", "ann@x.com", "é😀", "2.4E+15"]
    assert [row["_issue"] for row in rows] == [None] * 5 + ["customer_id '2.4E+15' was rounded by a spreadsheet"]


def test_a_status_that_no_list_has_is_told(orders: Reader) -> None:
    rows = orders("status", ["Paid", "已取消", "quantum", ""])
    assert [row["status"] for row in rows] == ["paid", "cancelled", None, None]
    assert [row["_issue"] for row in rows] == [None, None, "status 'quantum' is not known", None]


def test_the_shops_currency_stands_where_a_row_has_none(orders: Reader) -> None:
    rows = orders("currency", ["usd", ""], ("UTC", "eur"))
    assert [row["currency"] for row in rows] == ["USD", "EUR"]


def test_several_troubles_of_a_row_are_all_told(tmp_path: Path, engine: DuckEngine) -> None:
    path = tmp_path / "a.csv"
    path.write_text("order_id,customer_id,ordered_at,total\n1,c,soon,much\n", "utf-8")
    [staged] = stage(path, engine, sources.profiles())
    [row] = engine.rows(staged.table)
    assert row["_issue"] == "ordered_at 'soon' is not a time; total_amount 'much' is not an amount"
    assert row["_raw"] == '{"order_id":"1","customer_id":"c","ordered_at":"soon","total":"much"}'


@pytest.mark.parametrize("name", ["orders.csv", "orders.jsonl", "orders.parquet"])
def test_rows_have_equal_hashes_exactly_where_they_came_equal(tmp_path: Path, engine: DuckEngine, name: str) -> None:
    rows = [
        {"order_id": order, "customer_id": "c", "ordered_at": "2024-01-01", "total": total}
        for order, total in (("1", "5"), ("1", "5"), ("1", "5.0"), ("", "5"), ("", "5"))
    ]
    path = tmp_path / name
    if name.endswith(".jsonl"):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    else:
        table = pa.Table.from_pylist(rows)
        pa.csv.write_csv(table, path) if name.endswith(".csv") else pq.write_table(table, path)
    [staged] = stage(path, engine, sources.profiles())
    hashes = [row["_raw_hash"] for row in engine.rows(staged.table.order_by("_row_no"))]
    assert hashes[0] == hashes[1]
    assert hashes[3] == hashes[4]
    assert len({*hashes}) == 3
    assert None not in hashes


def test_the_flags_are_never_empty(samples: Path, engine: DuckEngine) -> None:
    for name in ("online-retail.csv", "canonical-events.jsonl", "ga4-export.parquet"):
        [staged] = stage(samples / name, engine, sources.profiles())
        for row in engine.rows(staged.table):
            assert {type(row[f]) for f in ("_is_cancellation", "_is_non_product", "_is_test")} == {bool}


def test_instants_are_utc(samples: Path, engine: DuckEngine) -> None:
    [staged] = stage(samples / "canonical-lines.csv", engine, sources.profiles(), home=("Asia/Shanghai", ""))
    [first, _] = engine.rows(staged.table.order_by("_row_no"))
    assert first["ordered_at"] == datetime(2024, 1, 31, 2, tzinfo=UTC)
