"""Which files a source means, what each contains, and one clear error for each that cannot be read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patron.engines.duck import DuckEngine
from patron.ground.errors import EmptyInput, InputError, MissingColumns, UnknownLayout, UnreadableFile
from patron.records.reading import look, stage
from patron.records.spec import SourceProfile

Profiles = tuple[SourceProfile, ...]
HEAD = b"order_id,customer_id,ordered_at,total\n"
ORDERS = HEAD + b"".join(b"%d,c%d,2024-01-%02d,%d.50\n" % (n, n % 9, n % 28 + 1, n) for n in range(20_000))
NO_CUSTOMER = b"InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice\n1,2,3,2020-01-01,4\n"


def _parquet(size: int) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"order_id": list(range(3000)), "customer_id": ["a"] * 3000, "total": [1.5] * 3000}), sink)
    return bytes(sink.getvalue())[:size]


def _empty_parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"order_id": pa.array([], pa.string())}), sink)
    return bytes(sink.getvalue())


def _workbook(*rows: list[object]) -> Callable[[], bytes]:
    def made() -> bytes:
        book, sink = openpyxl.Workbook(), pa.BufferOutputStream()
        for row in rows:
            book.active.append(row)
        book.save(sink)
        return bytes(sink.getvalue())

    return made


BAD: list[tuple[str, bytes | Callable[[], bytes], type[InputError], str]] = [
    ("empty.csv", b"", EmptyInput, "is empty"),
    ("blank.csv", b"\n \n\n", EmptyInput, "is empty"),
    ("header.csv", HEAD, EmptyInput, "no row of data"),
    ("empty.csv.gz", gzip.compress(b""), EmptyInput, "is empty"),
    ("binary.csv", b"\x00\x01\x02\xffPNG" * 50, UnreadableFile, "cannot be read as a table"),
    ("delimiter.csv", ORDERS[:4000].replace(b",", b"^"), UnknownLayout, "separated by something other than"),
    ("strange.csv", b"colour,size\nred,1\n", UnknownLayout, "patron init SHOP"),
    ("column.csv", NO_CUSTOMER, UnknownLayout, "lacks CustomerID"),
    ("cut.parquet", _parquet(2000), UnreadableFile, "cut off"),
    ("not.parquet", b"a,b\n1,2\n", UnreadableFile, "cannot be read as Parquet"),
    ("none.parquet", _empty_parquet, EmptyInput, "no row"),
    ("cut.csv.gz", gzip.compress(ORDERS)[:9000], UnreadableFile, "broken or cut off"),
    ("cut.csv.zst", bytes(pa.Codec("zstd").compress(ORDERS))[:9000], UnreadableFile, "broken or cut off"),
    ("twice.parquet.gz", gzip.compress(_parquet(100_000)), UnreadableFile, "compressed a second time"),
    ("broken.xlsx", b"PK\x03\x04broken", UnreadableFile, "workbook"),
    ("header.xlsx", _workbook(["order_id", "customer_id"]), EmptyInput, "no sheet"),
    ("page.xls", b"<html><table></table></html>", UnreadableFile, "web page"),
    ("cut.json", b'[{"a": 1}, {"a":', UnreadableFile, "JSON array"),
    ("empty.json", b"[]", EmptyInput, "is empty"),
    ("lists.jsonl", b"[1]\n[2]\n", UnreadableFile, "JSON"),
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=[bad[0] for bad in BAD])
def test_a_bad_file_gives_one_clear_error(
    bad: tuple[str, bytes | Callable[[], bytes], type[InputError], str],
    tmp_path: Path,
    engine: DuckEngine,
    profiles: Profiles,
) -> None:
    name, content, error, told = bad
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content())
    with pytest.raises(error) as refused:
        stage(tmp_path / name, engine, profiles)
    assert type(refused.value) is error
    assert name in str(refused.value)
    assert told in str(refused.value)


@pytest.mark.parametrize("source", ["nowhere.csv", "*.nothing", "file.csv/inside.csv"])
def test_what_is_not_there_is_told(source: str, tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    (tmp_path / "file.csv").write_bytes(HEAD)
    with pytest.raises(UnreadableFile, match=r"does not exist|cannot be opened"):
        stage(tmp_path / source, engine, profiles)


def test_a_file_without_permission_is_told(
    tmp_path: Path, engine: DuckEngine, profiles: Profiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "locked.csv"
    path.write_bytes(HEAD)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableFile, match=r"locked\.csv cannot be opened: Permission denied"):
        stage(path, engine, profiles)


def test_a_folder_without_permission_is_told(
    tmp_path: Path, engine: DuckEngine, profiles: Profiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(UnreadableFile, match="cannot be opened: Permission denied"):
        stage(tmp_path, engine, profiles)


def test_a_folder_without_data_is_told(tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    (tmp_path / "README.md").write_text("nothing", "utf-8")
    with pytest.raises(EmptyInput, match="holds no file to read"):
        stage(tmp_path, engine, profiles)


def test_a_profile_asked_for_that_does_not_fit_names_the_missing_columns(
    tmp_path: Path, engine: DuckEngine, profiles: Profiles
) -> None:
    (tmp_path / "a.csv").write_bytes(HEAD + b"1,a,2024-01-01,5\n")
    with pytest.raises(MissingColumns, match="StockCode"):
        stage(tmp_path / "a.csv", engine, profiles, "online-retail")


def test_a_password_never_stands_in_an_error(engine: DuckEngine, profiles: Profiles) -> None:
    for source in ("postgresql://me:secret@127.0.0.1:1/shop::orders", "postgresql://me:secret@127.0.0.1:1/shop"):
        with pytest.raises(UnreadableFile) as refused:
            stage(source, engine, profiles)
        assert "secret" not in str(refused.value)


def test_a_folder_and_a_glob_mean_all_their_files_in_order(
    samples: Path, tmp_path: Path, engine: DuckEngine, profiles: Profiles
) -> None:
    names = ["olist-customers.csv", "olist-items.csv", "olist-orders.csv"]
    for name in names:
        (tmp_path / name).write_bytes((samples / name).read_bytes())
    (tmp_path / "notes.md").write_text("not data", "utf-8")
    (tmp_path / "~$olist.xlsx").write_bytes(b"a lock file")
    for source in (tmp_path, tmp_path / "*.csv"):
        staged = stage(source, engine, profiles)
        assert [Path(file.path).name for file in staged] == names
        assert [file.layout.level for file in staged] == ["identity", "line", "order"]


def test_known_files_without_facts_are_passed_over_and_named(
    samples: Path, tmp_path: Path, engine: DuckEngine, profiles: Profiles
) -> None:
    payments = "order_id,payment_sequential,payment_type,payment_installments,payment_value\n1,1,card,1,5\n"
    (tmp_path / "payments.csv").write_text(payments, "utf-8")
    with pytest.raises(UnknownLayout, match=r"payments\.csv \(olist: payments\)"):
        stage(tmp_path, engine, profiles)
    (tmp_path / "orders.csv").write_bytes((samples / "olist-orders.csv").read_bytes())
    assert [file.layout.name for file in stage(tmp_path, engine, profiles)] == ["orders"]
    assert [found.skipped for found in look(tmp_path, engine, profiles)] == ["", "olist: payments"]


def test_only_the_files_wanted_are_read(samples: Path, tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    for name in ("olist-orders.csv", "olist-items.csv"):
        (tmp_path / name).write_bytes((samples / name).read_bytes())
    wanted = {found.digest for found in look(tmp_path, engine, profiles) if found.where.endswith("items.csv")}
    assert [file.layout.name for file in stage(tmp_path, engine, profiles, only=wanted)] == ["items"]
    assert stage(tmp_path, engine, profiles, only=set()) == []


def test_a_workbook_with_a_title_row_and_dates_as_dates(tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    content = _workbook(
        ["Orders of 2024"],
        [],
        ["Order ID", "Customer ID", "Order Date", "Total", None],
        [1001.0, "007", datetime(2024, 5, 1, 9, 30), 12.5, None],
    )
    (tmp_path / "a.xlsx").write_bytes(content())
    [staged] = stage(tmp_path / "a.xlsx", engine, profiles)
    [row] = engine.rows(staged.table)
    assert (row["order_id"], row["customer_id"], row["total_amount"]) == ("1001", "007", Decimal("12.5"))
    assert row["ordered_at"] == datetime(2024, 5, 1, 9, 30, tzinfo=UTC)


def test_typed_parquet_keeps_ids_whole_and_tells_nan(tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    table = pa.table(
        {
            "order_id": pa.array([1, 2, 3], pa.int64()),
            "customer_id": pa.array([17850.0, None, 2.5], pa.float64()),
            "ordered_at": pa.array([0, 86_400_000_000_000, None], pa.timestamp("ns")),
            "total": pa.array([1.25, float("nan"), float("inf")], pa.float64()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    [staged] = stage(tmp_path / "a.parquet", engine, profiles, home=("Asia/Shanghai", ""))
    rows = engine.rows(staged.table.order_by("_row_no"))
    assert [row["customer_id"] for row in rows] == ["17850", None, "2.5"]
    assert [row["total_amount"] for row in rows] == [Decimal("1.25"), None, None]
    assert [row["_issue"] for row in rows] == [
        None, "total_amount 'nan' is not an amount", "total_amount 'inf' is not an amount",
    ]  # fmt: skip
    assert str(rows[0]["ordered_at"]) == "1969-12-31 16:00:00+00:00"
    assert json.loads(str(rows[1]["_raw"]))["total"] == "nan"


def test_every_row_of_a_large_file_is_there_once(tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    (tmp_path / "a.csv").write_bytes(ORDERS)
    [staged] = stage(tmp_path / "a.csv", engine, profiles)
    table = staged.table
    numbers = table["_row_no"]
    asked = {
        "n": table.count(),
        "distinct": numbers.nunique(),
        "last": numbers.max(),
        "total": table.total_amount.sum(),
    }
    seen = engine.rows(table.agg(**asked))[0]
    assert seen == {"n": 20_000, "distinct": 20_000, "last": 20_000, "total": Decimal(199_990_000 + 10_000)}
    same = table.filter(table.order_id.cast("int64") + 1 == table["_row_no"])
    assert engine.count(same) == 20_000


def test_a_json_path_reaches_into_objects_and_lists(tmp_path: Path, engine: DuckEngine, profiles: Profiles) -> None:
    event = {"event": "Order Completed", "messageId": "m", "timestamp": "2026-01-01T00:00:00Z", "userId": "u"}
    lines = [
        {**event, "properties": {"order_id": "o1", "products": [{"sku": "s1"}, {"sku": "s2"}]}},
        {**event, "properties": {"order_id": 17, "products": []}},
        {**event, "properties": None},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    [staged] = stage(tmp_path / "a.jsonl", engine, profiles)
    rows = engine.rows(staged.table.order_by("_row_no"))
    assert [(row["order_id"], row["product_id"]) for row in rows] == [("o1", "s1"), ("17", None), (None, None)]
    assert json.loads(str(rows[0]["_raw"])) == lines[0]


def test_the_files_text_is_not_held_twice(tmp_path: Path, profiles: Profiles) -> None:
    (tmp_path / "a.csv").write_bytes(ORDERS)
    with DuckEngine(threads=1) as own:
        [staged] = stage(tmp_path / "a.csv", own, profiles)
        assert len(own.ibis.con.execute("SELECT table_name FROM duckdb_tables()").fetchall()) == 1
        assert own.count(staged.table) == 20_000
