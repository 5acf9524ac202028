from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patron.ground.errors import InputError, UnreadableFile
from patron.streaming import JsonLines, Messages, ParquetRows, open_source


def walked(source, rows=2):
    position, seen = 0, []
    while (chunk := source.read(position, rows)) is not None:
        seen += [(row["place"], row["line"].strip()) for row in chunk.messages.to_pylist()]
        assert chunk.position > position
        position = chunk.position
    return seen


def test_lines_have_their_place_and_blank_ones_are_no_message(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a":1}\n\n  \n{"a":2}\r\n{"a":3}')
    assert walked(JsonLines(path)) == [(0, '{"a":1}'), (12, '{"a":2}'), (21, '{"a":3}')]
    assert walked(JsonLines(path), rows=100) == walked(JsonLines(path), rows=1)


def test_a_line_that_is_being_written_is_left_for_later(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"a":1}\n{"a":')
    source = JsonLines(path, follow=True)
    chunk = source.read(0, 10)
    assert chunk.messages.num_rows == 1
    assert source.read(chunk.position, 10) is None
    path.write_text('{"a":1}\n{"a":2}\n')
    assert source.read(chunk.position, 10).messages["line"].to_pylist() == ['{"a":2}\n']


def test_long_lines_are_read(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"a":"' + "x" * 3_000_000 + '"}\n{"b":1}\n')
    assert [len(line) for _, line in walked(JsonLines(path))] == [3_000_008, 7]


def test_bytes_that_are_no_text_become_no_json(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a":1}\n\xff\xfe\n{"a":2}\n')
    assert [line for _, line in walked(JsonLines(path), rows=5)] == ['{"a":1}', "��", '{"a":2}']


def test_a_file_that_shrank_is_said(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text("{}\n")
    with pytest.raises(InputError, match="shorter than what was read of it before"):
        JsonLines(path).read(100, 1)


def test_parquet_goes_on_at_a_row(tmp_path):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"event_id": list("abcde")}), path, row_group_size=2)
    source = ParquetRows(path, table="events")
    chunk = source.read(1, 3)
    assert chunk.messages["event_id"].to_pylist() == ["b", "c", "d"]
    assert chunk.messages["table"].to_pylist() == ["events"] * 3
    assert chunk.messages["place"].to_pylist() == [1, 2, 3]
    assert source.read(chunk.position, 3).messages["event_id"].to_pylist() == ["e"]
    assert source.read(5, 3) is None


def test_an_iterator_is_walked_once_and_skips_what_was_taken():
    source = Messages([{"a": number} for number in range(5)])
    assert source.read(2, 2).messages["line"].to_pylist() == ['{"a": 2}', '{"a": 3}']
    assert source.read(4, 9).position == 5
    with pytest.raises(InputError, match="cannot go back"):
        source.read(0, 1)


def test_what_is_no_file_is_said(tmp_path):
    with pytest.raises(UnreadableFile, match="is not a file"):
        open_source(tmp_path)
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(UnreadableFile, match="cannot be read as Parquet"):
        open_source(tmp_path / "x.parquet")
