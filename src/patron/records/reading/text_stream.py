"""Text files as streams of UTF-8: compression undone, encoding found, byte-order marks dropped."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from patron.ground.errors import UnreadableFile

CHUNK = 1 << 20
REPLACEMENT = "\ufffd"
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What one pass over a text file found."""

    encoding: str
    head: str  # the first megabyte, decoded


def digest(path: Path) -> str:
    """Return the SHA-256 of the file's bytes."""
    read = hashlib.sha256()
    with _opened(path) as file:
        while chunk := file.read(CHUNK):
            read.update(chunk)
    return read.hexdigest()


def is_compressed(path: Path) -> bool:
    """Return whether the file is gzip or Zstandard, by its first bytes."""
    with _opened(path) as file:
        return file.read(4).startswith((_GZIP, _ZSTD))


def magic(path: Path, size: int = 8) -> bytes:
    """Return the first bytes of the file, decompressed."""
    return next(chunks(path, size), b"")[:size]


def chunks(path: Path, size: int = CHUNK) -> Iterator[bytes]:
    """Yield the file's bytes, decompressed.

    Raises:
        UnreadableFile: the file cannot be opened, or its compression is broken.
    """
    try:
        with _decompressed(path) as file:
            while chunk := file.read(size):
                yield chunk
    except (EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise unreadable(path, error) from error
        raise UnreadableFile(
            f"{path} is compressed, but broken or cut off: {error}.\nNext: copy or export it again."
        ) from error


def text_facts(path: Path) -> TextFacts:
    """Find a text file's encoding: by its mark, by being valid UTF-8, else by the look of its high bytes.

    Raises:
        UnreadableFile: the file is not text.
    """
    head = next(chunks(path), b"")
    encoding = _marked(head) or _utf16_without_mark(head)
    if not encoding and b"\0" in head[:65_536]:
        raise UnreadableFile(
            f"{path} is neither text nor a workbook nor Parquet: what is in it cannot be read as a table.\n"
            "Expected CSV, TSV, JSON Lines, XLSX or Parquet.\nNext: export the orders in one of these forms."
        )
    encoding = encoding or _utf8_or_guess(path)
    return TextFacts(encoding, codecs.getincrementaldecoder(encoding)("replace").decode(head).lstrip("\ufeff"))


class Utf8Stream(io.RawIOBase):
    """The file's text as UTF-8 bytes; bytes that cannot be decoded become U+FFFD."""

    def __init__(self, path: Path, encoding: str) -> None:
        super().__init__()
        self._chunks = chunks(path)
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._left = b""
        self._begun = False
        self._ended = False

    def readable(self) -> bool:
        """Say yes: this is a stream to read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all of them for a negative size; nothing at the end."""
        while not self._ended and (size < 0 or len(self._left) < size):
            self._left += self._next()
        taken = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(taken) :]
        return taken

    def _next(self) -> bytes:
        chunk = next(self._chunks, b"")
        self._ended = not chunk
        text = self._decoder.decode(chunk, final=self._ended)
        if not self._begun and text:
            self._begun = True
            text = text.removeprefix("\ufeff")
        return text.encode("utf-8", "replace")


def unreadable(path: Path, error: OSError) -> UnreadableFile:
    """Return the refusal of a file that the system would not open."""
    reason = error.strerror or type(error).__name__
    return UnreadableFile(f"{path} cannot be opened: {reason}.\nNext: check the path and your rights to read it.")


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise unreadable(path, error) from error


def _decompressed(path: Path) -> BinaryIO:
    with _opened(path) as file:
        begins = file.read(4)
    if begins.startswith(_GZIP):
        return cast("BinaryIO", gzip.open(path, "rb"))
    if begins.startswith(_ZSTD):
        # Arrow's reader says so when the file is cut off; the zstandard package ends silently.
        return cast("BinaryIO", pa.CompressedInputStream(pa.OSFile(str(path)), "zstd"))
    return _opened(path)


def _marked(head: bytes) -> str:
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "")


def _utf16_without_mark(head: bytes) -> str:
    part = head[:4096]
    even, odd = part[0::2].count(0), part[1::2].count(0)
    if max(even, odd) < 0.3 * len(part) / 2 or min(even, odd) > 0.1 * max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _utf8_or_guess(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in chunks(path):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            return _guess(chunk)
    return "utf-8"


def _guess(chunk: bytes) -> str:
    """Choose among damaged UTF-8, GB18030 and Windows-1252 by which of them explains the bytes above 127."""
    as_utf8 = chunk.decode("utf-8", "replace")
    broken = as_utf8.count(REPLACEMENT)
    if sum(char > "\x7f" for char in as_utf8) - broken > 10 * broken:
        return "utf-8"
    text = chunk.decode("gb18030", "replace")
    foreign = [char for char in text if char > "\x7f"]
    chinese = sum("\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef" for char in foreign)
    # A Latin accent followed by a letter can pass for a rare Chinese character, but hardly ever most of them do.
    common = sum(_is_common_pair(char) for char in foreign)
    return "gb18030" if foreign and chinese >= 0.8 * len(foreign) and common >= 0.6 * len(foreign) else "cp1252"


def _is_common_pair(char: str) -> bool:
    pair = char.encode("gb18030", "replace")
    return len(pair) == 2 and pair[0] >= 0xA1 and pair[1] >= 0xA1
