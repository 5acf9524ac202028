"""Where messages come from: JSON Lines and Parquet files, or anything in this process that can be walked through.

A source is read from a position onwards and says the position after every chunk; the position that is kept with what
was made of a chunk is where reading goes on after a crash, so that nothing is lost and nothing counts twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron.ground.errors import InputError, UnreadableFile

_FEWEST_BYTES, _MOST_BYTES = 1 << 20, 64 << 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some messages.

    Attributes:
        messages: `place` (where in the source, int64), and `line` (one JSON object each, text) or typed columns.
        position: where the source goes on.
    """

    messages: pa.Table
    position: int


class Source(Protocol):
    """Something that messages can be read from, again and again from any position that it has said."""

    @property
    def name(self) -> str:
        """What tells it apart from other sources of the shop, today and after a restart."""
        ...

    def read(self, position: int, most_rows: int) -> Chunk | None:
        """Return at most so many messages from a position on; None where there are none, or none yet."""
        ...


class JsonLines:
    """A file of JSON objects, one a line; a line that is still being written is left for later if `follow`."""

    def __init__(self, path: Path, *, follow: bool = False) -> None:
        self.path, self._follow = path, follow
        self.name = str(path.resolve())
        self._line_bytes, self._asked = 500, 0

    def read(self, position: int, most_rows: int) -> Chunk | None:
        """Return lines from a byte of the file on; a message's place is the byte at which it begins."""
        data = self._bytes(position, most_rows)
        seen = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(seen == ord("\n"))[:most_rows] + 1
        if not self._follow and len(ends) < most_rows and len(data) < self._asked and data[_last(ends) :].strip():
            ends = np.append(ends, len(data))
        if not len(ends):
            return self._longer(position, most_rows) if len(data) == self._asked else None
        self._line_bytes = max(int(ends[-1] / len(ends)), 1)
        starts = np.concatenate([[0], ends[:-1]])
        messages = pa.table({"place": position + starts, "line": _texts(data, starts, ends)})
        if (seen[starts] != ord("{")).any():
            messages = messages.filter(pc.not_equal(pc.utf8_trim_whitespace(messages["line"]), ""))
        return Chunk(messages, position + int(ends[-1]))

    def _bytes(self, position: int, most_rows: int) -> bytes:
        self._asked = min(max(self._line_bytes * most_rows * 5 // 4, _FEWEST_BYTES), _MOST_BYTES)
        try:
            with self.path.open("rb") as file:
                if position > file.seek(0, 2):
                    raise InputError(
                        f"{self.path} is shorter than what was read of it before ({position:,} bytes).\n"
                        "Next: give the new file a name of its own; what was read is kept."
                    )
                file.seek(position)
                return file.read(self._asked)
        except OSError as error:
            raise UnreadableFile(f"{self.path} cannot be read: {error.strerror}.") from error

    def _longer(self, position: int, most_rows: int) -> Chunk | None:
        """Read again with an eye for longer lines."""
        if self._asked == _MOST_BYTES:
            raise UnreadableFile(f"{self.path} has a line of more than {_MOST_BYTES >> 20} MB.\nExpected: JSON Lines.")
        self._line_bytes *= 8
        return self.read(position, most_rows)


class ParquetRows:
    """A Parquet file of messages: a column `table` says what each row is, else all are `table`."""

    def __init__(self, path: Path, *, table: str = "") -> None:
        self.path, self._table = path, table
        self.name = str(path.resolve())
        try:
            self._file = pq.ParquetFile(path)
        except (OSError, pa.ArrowInvalid) as error:
            raise UnreadableFile(f"{path} cannot be read as Parquet: {error}") from error

    def read(self, position: int, most_rows: int) -> Chunk | None:
        """Return rows from a row on; a message's place is its row, from 0."""
        rows = self._rows(position, most_rows)
        if not rows.num_rows:
            return None
        end = position + rows.num_rows
        if self._table and "table" not in rows.column_names:
            rows = rows.append_column("table", pa.repeat(self._table, rows.num_rows))
        return Chunk(rows.append_column("place", pa.array(np.arange(position, end))), end)

    def _rows(self, position: int, most_rows: int) -> pa.Table:
        first, parts, wanted = 0, [], most_rows
        for group in range(self._file.num_row_groups):
            n = self._file.metadata.row_group(group).num_rows
            if first + n > position and wanted > 0:
                part = self._file.read_row_group(group).slice(max(position - first, 0), wanted)
                parts.append(part)
                wanted -= part.num_rows
            first += n
        return pa.concat_tables(parts) if parts else self._file.schema_arrow.empty_table()


class Messages:
    """An iterable of dictionaries in this process, in the same order at every start; what was taken is skipped."""

    def __init__(self, messages: Iterable[object], *, name: str = "messages") -> None:
        self.name, self._messages, self._at = name, iter(messages), 0

    def read(self, position: int, most_rows: int) -> Chunk | None:
        """Return the next messages; a message's place is its number, from 0."""
        if position < self._at:
            raise InputError(f"{self.name} cannot go back to message {position:,}; it is at {self._at:,} already.")
        for _ in islice(self._messages, position - self._at):
            pass
        lines = [_as_line(message) for message in islice(self._messages, most_rows)]
        self._at = position + len(lines)
        if not lines:
            return None
        places = np.arange(position, self._at)
        return Chunk(pa.table({"place": places, "line": pa.array(lines, pa.string())}), self._at)


def open_source(path: Path, *, table: str = "", follow: bool = False) -> Source:
    """Return the source that a file is, by its name: Parquet, else JSON Lines."""
    if not path.is_file():
        raise UnreadableFile(f"{path} is not a file.\nExpected: JSON Lines (.jsonl, .ndjson) or Parquet (.parquet).")
    return ParquetRows(path, table=table) if path.suffix == ".parquet" else JsonLines(path, follow=follow)


def _last(ends: npt.NDArray[np.intp]) -> int:
    return int(ends[-1]) if len(ends) else 0


def _texts(data: bytes, starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]) -> pa.Array:
    """Return the lines between these bytes; what is not UTF-8 is replaced, and so is no JSON that anybody meant."""
    try:
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError:
        pieces = zip(starts.tolist(), ends.tolist(), strict=True)
        return pa.array([data[start:end].decode("utf-8", "replace") for start, end in pieces], pa.string())
    offsets = np.append(starts, ends[-1]).astype(np.int32)
    return pa.StringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(data))


def _as_line(message: object) -> str:
    return message if isinstance(message, str) else json.dumps(message, default=str, ensure_ascii=False)
