"""What every chapter of the page is written with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def table(head: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    """Write a table, line by line."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def made(said: Mapping[str, Any], part: str) -> str:
    """Say when, where and with which versions a part was made."""
    there = said["made"][part]
    versions = ", ".join(f"{package} {version}" for package, version in there["versions"].items())
    return f"{there['day']}, {there['cores']} cores, Python {there['python']}, {versions}"
