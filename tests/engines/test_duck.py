"""The embedded engine: rows in and out, spill of its own, and trouble told in words."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patron.engines.duck import DuckEngine, write_arrow
from patron.ground.errors import InputError, ShelfFull, UnreadableFile

NUMBERS = pa.table({"n": list(range(10)), "text": [f"顾客 {n}" for n in range(10)]})


def test_rows_come_back_as_they_went_in(engine):
    known = engine.table(NUMBERS)
    assert engine.count(known) == 10
    assert engine.arrow(known.order_by("n")).to_pylist() == NUMBERS.to_pylist()
    assert engine.rows(known.filter(known.n == 3)) == [{"n": 3, "text": "顾客 3"}]
    sizes = [batch.num_rows for batch in engine.batches(known, rows=3)]
    assert sum(sizes) == 10
    assert max(sizes) == 3


def test_a_kept_expression_is_computed_once_and_can_be_forgotten(engine):
    known = engine.table(NUMBERS)
    kept = engine.keep(known.filter(known.n > 6))
    engine.drop(known)
    assert engine.count(kept) == 3
    engine.drop(kept)
    with pytest.raises(duckdb.CatalogException):
        engine.count(kept)
    assert engine.count(engine.table(NUMBERS)) == 10


def test_a_named_table_is_replaced(engine):
    engine.table(NUMBERS, "named")
    assert engine.count(engine.table(NUMBERS.slice(0, 4), "named")) == 4


def test_parquet_there_and_back(engine, tmp_path):
    path = tmp_path / "it's here.parquet"
    engine.write_parquet(engine.table(NUMBERS), path, order_by=("n",))
    assert pq.read_table(path).to_pylist() == NUMBERS.to_pylist()
    assert engine.count(engine.parquet(path)) == 10
    write_arrow(NUMBERS, tmp_path / "it's there.parquet", {"made_by": "tests"})
    assert engine.count(engine.parquet(tmp_path / "*.parquet")) == 20
    assert pq.read_schema(tmp_path / "it's there.parquet").metadata[b"made_by"] == b"tests"


GAPS = pa.table({"n": [1, None], "none": pa.array([None, None], pa.string()), "text": ["", "a"]})


def test_which_columns_hold_anything_is_the_same_read_off_a_file_or_its_rows(engine, tmp_path):
    engine.write_parquet(engine.table(GAPS), tmp_path / "gaps.parquet")
    pq.write_table(GAPS, tmp_path / "silent.parquet", write_statistics=False)
    ways = [engine.table(GAPS), *(engine.parquet(tmp_path / f"{name}.parquet") for name in ("gaps", "silent"))]
    assert [engine.filled(way) for way in ways] == [{"n", "text"}] * 3
    assert engine.filled(engine.table(GAPS.slice(0, 0))) == set()


def test_an_untouched_file_is_known_by_its_path(engine, tmp_path):
    path = tmp_path / "numbers.parquet"
    write_arrow(NUMBERS, path)
    there = engine.parquet(path)
    assert engine.file_of(there) == path
    assert engine.file_of(there.filter(there.n > 3)) is None
    assert engine.file_of(engine.table(NUMBERS)) is None


@pytest.mark.parametrize("content", [b"", b"PAR1", b"customer_id,day\n1,2024-07-01\n"])
def test_what_is_not_parquet_is_refused(engine, tmp_path, content):
    path = tmp_path / "broken.parquet"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"broken\.parquet cannot be read as Parquet: .+"):
        engine.parquet(path)
    with pytest.raises(UnreadableFile):
        engine.parquet(tmp_path / "absent.parquet")


def test_a_truncated_parquet_is_refused(engine, tmp_path):
    path = tmp_path / "cut.parquet"
    write_arrow(NUMBERS, path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UnreadableFile):
        engine.parquet(path)


def test_a_place_that_cannot_be_written_is_told_in_words(engine, tmp_path):
    for write in (
        lambda path: engine.write_parquet(engine.table(NUMBERS), path),
        lambda path: write_arrow(NUMBERS, path),
    ):
        with pytest.raises(ShelfFull, match=r"Writing failed: .+\nNext: free disk space"):
            write(tmp_path / "absent" / "rows.parquet")


def test_limits_are_set_and_the_spill_goes_away(tmp_path):
    with DuckEngine(memory_limit="123MB", threads=1, spill=tmp_path) as small:
        said = small.ibis.con.execute(
            "SELECT current_setting('memory_limit'), current_setting('threads'), current_setting('TimeZone'), "
            "current_setting('temp_directory')"
        ).fetchone()
        assert said[:3] == ("117.3 MiB", 1, "UTC")
        assert Path(said[3]).parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_a_memory_limit_that_is_no_size_is_refused(tmp_path):
    with pytest.raises(InputError, match="Memory limit: got 'plenty'; expected a size such as 4GB or 500MB"):
        DuckEngine(memory_limit="plenty", spill=tmp_path)
    assert list(tmp_path.iterdir()) == []
