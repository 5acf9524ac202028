"""Delimited text: encodings, delimiters, wrapping and broken rows; no physical row is ever lost."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patron.engines.duck import DuckEngine
from patron.records.reading import csv_rows, stage
from patron.records.reading.csv_rows import Shape, read_rows
from patron.records.reading.csv_text import find_delimiter
from patron.records.reading.text_stream import Utf8Stream, digest, text_facts
from patron.records.spec import SourceProfile

Profiles = tuple[SourceProfile, ...]
HEAD = "order_id,customer_id,ordered_at,total\n"


def _rows(engine: DuckEngine, profiles: Profiles, path: Path, content: bytes | str) -> list[dict[str, Any]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    [staged] = stage(path, engine, profiles)
    return engine.rows(staged.table.order_by("_row_no"))


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Zoë 😀 茶"),
        ("utf-8-sig", "Zoë 茶"),
        ("utf-16", "Zoë 茶"),
        ("utf-16-le", "Zoe 茶 is longer than a few characters"),
        ("gb18030", "张三丰，浙江省杭州市西湖区"),
        ("gbk", "订单已完成"),
        ("cp1252", "Zoë Müller, naïve café £5"),
        ("latin-1", "José"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / "text.csv"
    path.write_bytes((f'{HEAD}1,"{name}",2024-01-01,5\n' * 3).encode(encoding))
    facts = text_facts(path)
    assert name in facts.head
    assert facts.head.startswith("order_id")
    assert name in Utf8Stream(path, facts.encoding).read().decode()


def test_a_few_damaged_bytes_do_not_change_the_encoding_and_are_told(
    tmp_path: Path, engine: DuckEngine, profiles: Profiles
) -> None:
    body = "".join(f"{n},Zoë{n},2024-01-01,5\n" for n in range(40))
    rows = _rows(engine, profiles, tmp_path / "a.csv", (HEAD + body).encode() + b"41,Zo\xc3,2024-01-01,5\n")
    assert [row["_issue"] for row in rows] == [None] * 40 + ["bytes that are no text in this encoding"]
    assert rows[3]["customer_id"] == "Zoë3"


def test_a_character_on_the_edge_of_two_chunks_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("茶" * 50, "utf-8")
    stream = Utf8Stream(path, "utf-8")
    assert b"".join(iter(lambda: stream.read(7), b"")).decode() == "茶" * 50


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_even_beside_decimal_commas(delimiter: str) -> None:
    cells = ["a", '"x, y"', "1", "2"] if delimiter == "," else ["a", "x, y", "1,5", "2,5"]
    lines = [delimiter.join("abcd"), delimiter.join(cells), delimiter.join(cells)]
    assert find_delimiter("\n".join(lines)) == delimiter


def test_wrapping_is_undone_and_leading_zeros_survive(tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    body = (
        '="000123","\t007", 2024-01-01 ,=5\n'
        '="2400""1",\'+49170,2024-01-02,6\n'
        "'042,\u00a0x\u3000,2024-01-03,7\n"
        "'tis,y,2024-01-04,8\n"
    )
    rows = _rows(engine, profiles, tmp_path / "a.csv", HEAD + body)
    assert [row["order_id"] for row in rows] == ["000123", '2400""1', "042", "'tis"]
    assert [row["customer_id"] for row in rows] == ["007", "+49170", "x", "y"]
    assert rows[0]["_issue"] == "total_amount '=5' is not an amount"


def test_rows_that_do_not_split_come_through_whole_with_the_reason(
    tmp_path: Path, engine: DuckEngine, profiles: Profiles
) -> None:
    body = '1,a,2024-01-01,5\n2,b\n3,"c",2024-01-03,7,8\n4,d,2024-01-04,9,\n\n5,"e\nf",2024-01-05,1\n'
    rows = _rows(engine, profiles, tmp_path / "a.csv", HEAD + body)
    assert [row["_row_no"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["_issue"] for row in rows] == [
        None,
        "row has 2 cell(s) where 4 were expected",
        "row has 5 cell(s) where 4 were expected",
        None,
        None,
    ]
    assert rows[1]["_raw"] == '{"line":"2,b"}'
    assert (rows[3]["customer_id"], rows[4]["customer_id"]) == ("d", "e\nf")


def test_a_quote_that_never_closes_loses_no_row(tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    rows = _rows(engine, profiles, tmp_path / "a.csv", HEAD + '1,"a,2024-01-01,5\n' + "2,b,2024-01-02,6\n" * 3)
    assert len(rows) == 4
    assert "a quote that is not closed" in rows[0]["_issue"]
    assert [row["customer_id"] for row in rows[1:]] == ["b", "b", "b"]


def test_a_quote_that_never_closes_loses_no_row_in_a_file_larger_than_a_block(
    tmp_path: Path, engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_rows, "BLOCK", 256)
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x\n' + "".join(f'{n},"y, {n}"\n' for n in range(100)), "utf-8")
    rows = engine.rows(read_rows(engine, path, "utf-8", Shape(("a", "b"), ",", 1)).order_by("_row_no"))
    assert len(rows) == 101
    assert rows[0]["_broken"] is not None
    assert [row["c1"] for row in rows[1:]] == [f"y, {n}" for n in range(100)]


def test_rows_joined_by_a_late_quote_are_flagged(tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    body = '1,"a,2024-01-01,5\n2,b,2024-01-02,6\n3,c",2024-01-03,7\n4,d,2024-01-04,8\n'
    first, second = _rows(engine, profiles, tmp_path / "a.csv", HEAD + body)
    assert first["_issue"] == "a quote is not closed: several rows stand in one cell"
    assert "2,b,2024-01-02,6" in first["_raw"]
    assert second["order_id"] == "4"


def test_a_title_above_the_header_is_skipped(tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    text = "Orders of 2024;;;\n\n" + HEAD.replace(",", ";") + "1;a;2024-01-01;5\n"
    rows = _rows(engine, profiles, tmp_path / "a.csv", text)
    assert [(row["order_id"], row["_row_no"]) for row in rows] == [("1", 1)]


def test_repeated_and_empty_headers_do_no_harm(tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    text = "order_id,customer_id,,Total,total,ordered_at\n1,a,x,5,6,2024-01-01\n"
    [row] = _rows(engine, profiles, tmp_path / "a.csv", text)
    assert str(row["total_amount"]) == "5.0000"
    assert list(json.loads(row["_raw"])) == ["order_id", "customer_id", "column_3", "Total", "total_2", "ordered_at"]


def test_a_compressed_file_reads_the_same_and_has_its_own_digest(
    tmp_path: Path, engine: DuckEngine, profiles: Profiles
) -> None:
    text = (HEAD + "1,a,2024-01-01,5\n").encode()
    plain = _rows(engine, profiles, tmp_path / "a.csv", text)
    packed = {
        "a.csv.gz": gzip.compress(text),
        "a.csv.zst": bytes(pa.Codec("zstd").compress(text)),
        "no-suffix": text,
    }
    for name, content in packed.items():
        assert _rows(engine, profiles, tmp_path / name, content) == plain
    assert digest(tmp_path / "a.csv") == digest(tmp_path / "no-suffix") != digest(tmp_path / "a.csv.gz")


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=12))
def test_every_record_comes_through_exactly_once_in_its_order(
    tmp_path: Path, engine: DuckEngine, table: list[list[str]]
) -> None:
    """Properly quoted records of any width: those of the header's width cell by cell, the others whole."""
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    path = tmp_path / "any.csv"
    path.write_text("\n".join(["a,b,c", *quoted]) + "\n", "utf-8", newline="")
    rows = engine.rows(read_rows(engine, path, "utf-8", Shape(("a", "b", "c"), ",", 1)).order_by("_row_no"))
    numbers = [row["_row_no"] for row in rows]
    assert numbers == list(range(1, len(rows) + 1))
    whole = [[row["c0"], row["c1"], row["c2"]] for row in rows if row["_line"] is None]
    assert all(row in whole for row in table if len(row) == 3)
    assert len(rows) >= len(table)
