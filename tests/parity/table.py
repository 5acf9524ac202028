"""The page that says what the tests of parity have compared."""

from __future__ import annotations

import re
from collections.abc import Mapping

from parity.agreement import Compared

_READERS = {
    "test_real_shop.py::test_every_feature_of_a_real_shop_in_the_live_fold": "the live fold",
    "test_real_shop.py::test_every_feature_of_a_real_shop_on_spark": "Spark, local[2]",
    "test_spark.py": "Spark, local[2]",
    "test_spark_cluster.py": "Spark, a master and two workers",
    "test_spark_run.py": "a whole run on Spark",
    "test_stream.py": "the live fold",
    "test_warehouse.py[duckdb]": "`patron compile` on DuckDB",
    "test_warehouse.py[postgres]": "`patron compile` on PostgreSQL",
}
_HEAD = """# Parity

One definition, several readers: what the tests compared with the same features (labels, segments) as DuckDB computes
them from the same facts, cell by cell. Written by `make parity`; a test that fails writes nothing.

| reader | what | rows | cells | the same to the last bit | largest relative difference |
|---|---|---|---|---|---|
"""


def written(compared: Mapping[str, Compared]) -> str:
    """Return the page."""
    return _HEAD + "".join(f"{_line(test, seen)}\n" for test, seen in sorted(compared.items()))


def _line(test: str, seen: Compared) -> str:
    module, _, name = test.rpartition("/")[2].partition("::")
    database = next((kind for kind in ("duckdb", "postgres") if kind in name), "")
    told = f"{module}::{name}"
    reader = _READERS[told if told in _READERS else f"{module}[{database}]" if database else module]
    what = re.sub(
        r"[_\[\]]+", " ", name.removeprefix("test_").replace(database, "") if database else name.removeprefix("test_")
    )
    share = f"{seen.identical / seen.cells:.4%}" if seen.cells else ""
    far = f"{seen.largest_relative:.0e}" if seen.largest_relative else "0"
    return f"| {reader} | {what.strip(' -')} | {seen.rows:,} | {seen.cells:,} | {share} | {far} |"
