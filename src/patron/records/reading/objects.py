"""Files from an object store: opened as copies, spoken of by their addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from patron.engines.duck import DuckEngine
from patron.ground.errors import PatronError
from patron.records.detection import Match
from patron.records.reading.opened import Opened, Rows, View


def addressed(open_file: Callable[[Path], list[Opened]], copy: Path, address: str) -> list[Opened]:
    """Open a copy; whatever is said of it, now or when it is read, names the address."""
    with _spoken(copy, address):
        opened = open_file(copy)
    return [
        replace(
            one,
            where=one.where.replace(str(copy), address),
            views=tuple(_view(view, copy, address) for view in one.views),
        )
        for one in opened
    ]


def _view(view: View, copy: Path, address: str) -> View:
    def read(engine: DuckEngine, match: Match) -> Rows:
        with _spoken(copy, address):
            return view.read(engine, match)

    return View(view.sample, read)


@contextmanager
def _spoken(copy: Path, address: str) -> Iterator[None]:
    try:
        yield
    except PatronError as error:
        error.args = (str(error).replace(str(copy), address), *error.args[1:])
        raise
