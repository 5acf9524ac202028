"""Spark computes every feature and every label to the same numbers as DuckDB, through the same expressions."""

from __future__ import annotations

import math
import shutil
import sys
from datetime import date

import pyarrow as pa
import pytest

from patron import features
from patron.contracts.facts import FACTS
from patron.features import Tiles
from patron.ground.errors import ExtraMissing, InputError, UnreadableFile
from worlds import AS_OF, SIGNALS, customers_of, random_shop, shape_capabilities, tiny_shop

pytest.importorskip("pyspark", reason="spark: pyspark is not installed")
if shutil.which("java") is None:
    pytest.skip("spark: Java is not installed", allow_module_level=True)

from patron.engines.spark import SparkEngine, _memory

pytestmark = pytest.mark.spark
KNOWN = shape_capabilities("everything")
SHOPS = {"tiny": tiny_shop(), "random": random_shop(11, "everything")}
DATES = (AS_OF, date(2024, 3, 11))


@pytest.fixture(scope="module")
def spark():
    with SparkEngine(master="local[2]", memory_limit="1GB", threads=2) as engine:
        yield engine


@pytest.fixture(scope="module", params=SHOPS)
def tiled(request, spark):
    shop = SHOPS[request.param]
    facts = {name: spark.table(shop.get(name, contract.empty()), f"fact_{name}") for name, contract in FACTS.items()}
    made = features.tile(facts, KNOWN, SIGNALS)
    kept = {name: spark.keep(table) for name, table in made.tables.items()}
    yield shop, Tiles(kept, KNOWN, made.signals)
    for table in kept.values():
        spark.drop(table)


def by_pair(table):
    return {(row.pop("customer_id"), row.pop("as_of")): row for row in table.to_pylist()}


def differing(got, wanted):
    assert got.keys() == wanted.keys()
    return {
        (pair, name): (got[pair][name], value)
        for pair, row in wanted.items()
        for name, value in row.items()
        if not agrees(name, got[pair][name], value)
    }


def agrees(name, got, wanted):
    """Counts and money to the last bit, the rest to 1e-9; spreads from sums of squares lose some digits near zero."""
    if got is None or wanted is None:
        return got is wanted
    if name.endswith("count") or "_count_" in name or "revenue_sum" in name:
        return got == wanted
    return math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-4 if "_std_" in name or "_variation_" in name else 1e-12)


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


def test_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(ExtraMissing, match=r"patron\[spark\]"):
        SparkEngine()
