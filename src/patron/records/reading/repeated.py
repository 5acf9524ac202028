"""A header that a file has twice: harmless where both columns say the same, refused where they do not."""

from __future__ import annotations

from patron.ground.errors import UnreadableFile
from patron.records.detection import Match, Sample


def check_repeated(sample: Sample, match: Match, where: str) -> None:
    """Refuse a file in which two columns of one name differ, and that name is read.

    Raises:
        UnreadableFile: nobody can tell which of the two counts.
    """
    read = {header for headers in match.matched.values() for header in headers}
    for second, first in sample.repeated.items():
        places = sample.headers.index(first), sample.headers.index(second)
        differ = any(_cell(row, places[0]) != _cell(row, places[1]) for row in sample.rows)
        if first in read and differ:
            columns = f"number {places[0] + 1} and number {places[1] + 1}"
            raise UnreadableFile(
                f"{where} has two columns called {first!r}, {columns}, and they differ.\n"
                "Expected each name once: nothing says which of the two counts.\n"
                "Next: rename or remove one of them."
            )


def _cell(row: tuple[str | None, ...], at: int) -> str:
    return (row[at] or "").strip() if at < len(row) else ""
