"""Exports in an object store are read as files are, and spoken of by their addresses."""

from __future__ import annotations

import gzip
import sys

import pytest

from patron import records
from patron.engines.duck import DuckEngine
from patron.ground.errors import EmptyInput, ExtraMissing, UnreadableFile

fsspec = pytest.importorskip("fsspec")

ORDERS = b"order_id,customer_id,ordered_at,total_amount\nA1,ann,2025-01-03,12.50\nA2,bob,2025-01-04,8\n"
MORE = ORDERS.replace(b"A1", b"B1").replace(b"A2", b"B2")


@pytest.fixture
def store():
    kept = fsspec.filesystem("memory")
    kept.pipe({"/shop/a/orders.csv": ORDERS, "/shop/b/orders.csv.gz": gzip.compress(MORE), "/shop/a/notes.md": b"x"})
    yield kept
    kept.rm("/shop", recursive=True)


@pytest.fixture
def own():
    with DuckEngine(threads=1) as engine:
        yield engine


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("memory://shop/a/orders.csv", ["memory:///shop/a/orders.csv"]),
        ("memory://shop/a", ["memory:///shop/a/orders.csv"]),
        ("memory://shop/*/orders*", ["memory:///shop/a/orders.csv", "memory:///shop/b/orders.csv.gz"]),
    ],
)
def test_an_object_a_folder_and_a_glob(store, own, profiles, source, wanted):
    staged = records.stage(source, own, profiles)
    assert [file.path for file in staged] == wanted
    assert [file.row_count for file in staged] == [2] * len(wanted)


def test_the_same_bytes_have_the_same_digest_wherever_they_lie(store, own, profiles, tmp_path):
    (tmp_path / "orders.csv").write_bytes(ORDERS)
    [there] = records.look("memory://shop/a/orders.csv", own, profiles)
    [here] = records.look(tmp_path / "orders.csv", own, profiles)
    assert there.digest == here.digest


def test_an_object_is_fetched_once_and_its_copy_goes_with_the_engine(store, profiles):
    with DuckEngine(threads=1) as engine:
        records.look("memory://shop/a/orders.csv", engine, profiles)
        store.pipe_file("/shop/a/orders.csv", MORE)
        [staged] = records.stage("memory://shop/a/orders.csv", engine, profiles)
        assert set(engine.arrow(staged.table)["order_id"].to_pylist()) == {"A1", "A2"}
        kept = engine.scratch
        assert list(kept.rglob("orders.csv"))
    assert not kept.exists()


def test_what_is_not_there_is_said(store, own, profiles):
    for source in ("memory://shop/c.csv", "memory://shop/*.xlsx", "memory://shop"):
        with pytest.raises(UnreadableFile, match=f"{source[:13]}.*does not exist"):
            records.look(source, own, profiles)


def test_what_is_wrong_with_an_object_names_its_address(store, own, profiles):
    store.pipe({"/shop/d/page.csv": b"<html>", "/shop/d/x.parquet": b"PAR1 no", "/shop/e.csv": b""})
    with pytest.raises(UnreadableFile, match=r"^memory:///shop/d/page.csv is a web page"):
        records.look("memory://shop/d/page.csv", own, profiles)
    with pytest.raises(UnreadableFile, match=r"^memory:///shop/d/x.parquet cannot be read"):
        records.look("memory://shop/d/x.parquet", own, profiles)
    with pytest.raises(EmptyInput, match=r"^memory:///shop/e.csv is empty"):
        records.stage("memory://shop/e.csv", own, profiles)


def test_the_store_s_own_error_is_said(store, own, profiles, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError("no rights for you")

    monkeypatch.setattr(type(store), "get_file", refuse)
    with pytest.raises(UnreadableFile, match="no rights for you"):
        records.look("memory://shop/a/orders.csv", own, profiles)


@pytest.mark.parametrize("scheme", ["s3", "gs", "abfs"])
def test_the_extra_is_named(own, profiles, monkeypatch, scheme):
    for library in ("s3fs", "gcsfs", "adlfs"):
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ExtraMissing, match=r"patron\[object-store\]"):
        records.look(f"{scheme}://bucket/orders.csv", own, profiles)


def test_the_extra_is_named_without_fsspec_too(own, profiles, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(ExtraMissing, match=r"patron\[object-store\]"):
        records.look("memory://bucket/orders.csv", own, profiles)
