"""What kind of file it is, by its content; and which files a path, a folder or a glob means."""

from __future__ import annotations

import glob
import re
from pathlib import Path

from patron.ground.errors import EmptyInput, UnreadableFile
from patron.records.reading.columnar import open_parquet
from patron.records.reading.csv_text import open_csv
from patron.records.reading.json_lines import open_json
from patron.records.reading.opened import Opened
from patron.records.reading.text_stream import digest, is_compressed, magic, unreadable
from patron.records.reading.xlsx import open_xlsx

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsm", ".json", ".jsonl", ".ndjson", ".parquet", ".pq")
_COMPRESSED = (".gz", ".zst")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def is_address(source: str | Path) -> bool:
    """Return whether this names a database or an object store and not a file.

    >>> is_address("postgresql://me@host/shop::orders"), is_address("orders.csv")
    (True, False)
    """
    return isinstance(source, str) and re.match(r"^[a-z][a-z0-9+]+://", source) is not None


def find_files(source: str | Path) -> list[Path]:
    """Return the files that a path, a folder or a glob means, sorted by name.

    Raises:
        UnreadableFile: nothing is there, or it may not be read.
        EmptyInput: a folder without a single file of a known kind.
    """
    path = Path(source)
    try:
        if path.is_dir():
            return _in_folder(path)
        if path.exists():
            return [path]
    except OSError as error:
        raise unreadable(path, error) from error
    found = sorted(Path(name) for name in glob.glob(str(source), recursive=True))  # noqa: PTH207  the pattern may be absolute
    files = [file for file in found if file.is_file()]
    if not files:
        raise UnreadableFile(
            f"{source} does not exist.\nNext: check the path; a folder or a glob such as '*.csv' works too."
        )
    return files


def open_file(path: Path) -> list[Opened]:
    """Look at one file, by what it contains and not by its name.

    Raises:
        UnreadableFile: it cannot be opened, or is of a kind that is not read.
        EmptyInput: it holds no row.
    """
    begins = magic(path)
    if not begins.strip():
        raise EmptyInput(
            f"{path} is empty.\nExpected a header row and at least one row of data.\nNext: export it again."
        )
    if begins.startswith((b"PAR1", *_WORKBOOKS)) and is_compressed(path):
        raise UnreadableFile(
            f"{path} is compressed a second time.\nNext: unpack it; Parquet and XLSX are small already."
        )
    if begins.startswith(b"PAR1") or path.suffix in {".parquet", ".pq"}:
        return [open_parquet(path, digest(path))]
    if begins.startswith(_WORKBOOKS):
        return open_xlsx(path, digest(path))
    if begins.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        return [open_json(path, digest(path))]
    if begins.lstrip().lower().startswith((b"<html", b"<!doc", b"<table", b"<?xml")):
        raise UnreadableFile(
            f"{path} is a web page or XML, whatever its name says.\n"
            "Next: open it in a spreadsheet program and save it as XLSX or CSV."
        )
    return [open_csv(path, digest(path))]


def _in_folder(folder: Path) -> list[Path]:
    try:
        files = sorted(file for file in folder.iterdir() if file.is_file() and is_known(file))
    except OSError as error:
        raise unreadable(folder, error) from error
    if not files:
        raise EmptyInput(
            f"{folder} holds no file to read.\nExpected one of: {', '.join(SUFFIXES)}, or these as .gz or .zst.\n"
            "Next: put the exports there, or name the files."
        )
    return files


def is_known(file: Path) -> bool:
    """Tell by its name whether a file of a folder is an export."""
    bare = file.with_suffix("") if file.suffix.lower() in _COMPRESSED else file
    return bare.suffix.lower() in SUFFIXES and not file.name.startswith(("~$", "."))
