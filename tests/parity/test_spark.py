"""Spark computes every feature and every label to the same numbers as DuckDB, through the same expressions."""

from __future__ import annotations

import os
import sys
from datetime import date

import pyarrow as pa
import pytest

from parity.agreement import differing
from parity.spark_shops import KNOWN, by_pair, insist_on_spark, tiles_in
from patron import features
from patron.ground.errors import ExtraMissing, InputError, UnreadableFile
from worlds import AS_OF, crooked_shop, customers_of, random_shop, tiny_shop

insist_on_spark()

from patron.engines.spark import SparkEngine, _memory  # noqa: E402  # only where Spark can run

pytestmark = pytest.mark.spark
SHOPS = {"tiny": tiny_shop(), "random": random_shop(11, "everything"), "crooked": crooked_shop()}
DATES = (AS_OF, date(2024, 3, 11))


@pytest.fixture(scope="module", params=SHOPS)
def tiled(request, spark):
    shop = SHOPS[request.param]
    known = tiles_in(spark, shop)
    yield shop, known
    for table in known.tables.values():
        spark.drop(table)


def test_everyone_on_one_day(spark, tiled, workbench):
    shop, known = tiled
    assert not differing(by_pair(spark.arrow(features.build(known, AS_OF))), workbench.snapshot(shop, AS_OF, KNOWN))


def test_pairs_of_several_days_and_what_followed(spark, tiled, workbench):
    shop, known = tiled
    pairs = [(who, day) for who in customers_of(shop) for day in DATES]
    spine = spark.table(
        pa.table({"customer_id": [who for who, _ in pairs], "as_of": pa.array([day for _, day in pairs], pa.date32())})
    )
    assert not differing(by_pair(spark.arrow(features.build(known, spine))), workbench.features(shop, pairs, KNOWN))
    labelled = by_pair(spark.arrow(features.label(known, spine, 90)))
    assert not differing(labelled, workbench.labels(shop, pairs, 90, KNOWN))


def test_files_are_whole_sorted_and_one(spark, tmp_path):
    expr = spark.table(pa.table({"x": [3, 1, 2], "y": ["c", None, "b"]}))
    spark.write_parquet(expr, tmp_path / "x.parquet", order_by=("x",))
    assert [path.name for path in tmp_path.iterdir()] == ["x.parquet"]
    again = spark.parquet(tmp_path / "x.parquet")
    assert spark.file_of(again) == tmp_path / "x.parquet"
    assert spark.rows(again) == [{"x": 1, "y": None}, {"x": 2, "y": "b"}, {"x": 3, "y": "c"}]
    assert spark.filled(again) == {"x", "y"}
    assert [batch.num_rows for batch in spark.batches(again, rows=2)] == [2, 1]
    assert spark.count(again) == 3


def test_batches_are_made_on_the_workers_as_they_are_here(spark, engine):
    def doubled(batches):
        for batch in batches:
            yield pa.record_batch({"x": [2 * x for x in batch["x"].to_pylist()], "in": [os.getpid()] * batch.num_rows})

    schema, rows = pa.schema({"x": pa.int64(), "in": pa.int64()}), pa.table({"x": list(range(10))})
    here, there = (where.map_batches(where.table(rows), doubled, schema) for where in (engine, spark))
    assert sorted(here["x"].to_pylist()) == sorted(there["x"].to_pylist()) == list(range(0, 20, 2))
    assert set(here["in"].to_pylist()) == {os.getpid()}
    assert os.getpid() not in there["in"].to_pylist()


def test_a_file_that_is_none_is_said(spark, tmp_path):
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(UnreadableFile, match=r"x\.parquet cannot be read"):
        spark.parquet(tmp_path / "x.parquet")


def test_no_java_is_said_before_anything_starts(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(InputError, match=r"Java 17 or newer and found none at JAVA_HOME"):
        SparkEngine()


def test_an_old_java_is_named(monkeypatch, tmp_path):
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_392\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(InputError, match="is Java 8"):
        SparkEngine()


def test_sizes_are_checked():
    assert _memory("512MB") == "512m"
    with pytest.raises(InputError, match="expected a size"):
        _memory("much")


def test_a_session_that_is_there_is_used_and_left_running(spark):
    with SparkEngine() as second:
        assert second.count(second.table(pa.table({"x": [1]}))) == 1
    assert spark.count(spark.table(pa.table({"x": [1, 2]}))) == 2


def test_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(ExtraMissing, match=r"patron\[spark\]"):
        SparkEngine()
