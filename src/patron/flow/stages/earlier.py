"""Earlier imports: which of their files are gone, and whether the facts they left can still be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from patron.contracts.accounts import LEDGER, REJECTS
from patron.contracts.facts import FACTS
from patron.ground.errors import ShelfError

POINTER = "facts.current"
_MOST_NAMED = 3
_SAID = ("identity", "imported_at", "imports", "rows_read")
_ACCOUNTS = {"ledger": LEDGER, "rejects": REJECTS}


def gone(files: Sequence[Mapping[str, Any]], places: Collection[str], digests: Collection[str]) -> list[str]:
    """Return the files of earlier imports that are neither in their place nor, with the same bytes, anywhere else."""
    missing = (file["where"] for file in files if file["where"] not in places and file["digest"] not in digests)
    return list(dict.fromkeys(missing))


def kept(missing: Sequence[str], shelf: Path) -> str:
    """Say that the facts of files that are gone are kept, and how to go on without them."""
    return (
        f"Kept: the facts of {_named(missing)}, no longer there. "
        f"To go on without them, delete {shelf / POINTER} and run again."
    )


def insist_readable(folder: Path, manifest: Mapping[str, Any], missing: Sequence[str]) -> None:
    """Make sure that facts which cannot be made again still have the form that the rest of a run reads.

    Args:
        folder: where the facts lie.
        manifest: what was said of them when they were made.
        missing: the files that they were made of and that are no longer there as they were.

    Raises:
        ShelfError: an older version of Patron wrote them in another form.
    """
    differing = next(_differences(folder, manifest), "")
    if differing:
        raise ShelfError(
            f"The facts in {folder} were written by another version of Patron ({differing}).\n"
            f"They cannot be made again: {_named(missing)} of theirs, no longer there as it was.\n"
            f"Next: put back what is missing and run again; to go on without it, delete "
            f"{folder.parents[1] / POINTER} and run again."
        )


def _differences(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"import.json lacks {key!r}" for key in _SAID if key not in manifest)
    for name, contract in {**FACTS, **_ACCOUNTS}.items():
        path = folder / f"{name}.parquet"
        if path.exists():
            differing = set(contract.names) ^ set(pq.read_schema(path).names)
            yield from (f"{name} differs in the column {column!r}" for column in sorted(differing))
        elif name in _ACCOUNTS:
            yield f"{path.name} is not there"


def _named(places: Sequence[str]) -> str:
    names = ", ".join(Path(place).name for place in places[:_MOST_NAMED])
    more = f" and {len(places) - _MOST_NAMED:,} more" if len(places) > _MOST_NAMED else ""
    return f"{len(places):,} file{'' if len(places) == 1 else 's'} ({names}{more})"
