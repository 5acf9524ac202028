"""Run a shop again and again, killed (SIGKILL) at another place each time, until a run gets through.

Usage: python killer.py SHOP AS_OF. The parent imports Patron once and forks; each child dies at the first place where
none has died before: the beginning of each stage, somewhere inside it, and its end. Prints one JSON line per attempt:
where it died, and which run was current afterwards.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import sys
from pathlib import Path

import patron
from patron import settings
from patron.engines.shelf import Shelf


class Bomb:
    """A watch that kills its process at the first place that is not in `survived`."""

    def __init__(self, survived: set[str], report: int) -> None:
        self.survived, self.report, self.stage = survived, report, ""

    def _pass(self, where: str) -> None:
        place = f"{self.stage}/{where}"
        if place not in self.survived:
            os.write(self.report, place.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def begin(self, stage: str, note: str = "") -> None:
        self.stage = f"{stage} {note}".strip()
        self._pass("begin")

    def note(self, text: str, share: float = 0.0) -> None:  # noqa: ARG002  every watch hears it
        self._pass("inside" if text else "nowhere")

    def tell(self, text: str) -> None:
        """A line for people; nothing is written then."""

    def end(self, *, cached: bool = False, row_count: int | None = None) -> None:
        self._pass("begin" if cached and row_count is None else "end")


def attempt(home: Path, as_of: str, survived: set[str]) -> tuple[int, str]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        chosen = settings.read(threads=1, memory_limit="1GB")
        patron.open(home).run(as_of, settings=chosen, watch=Bomb(survived, writing))
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    where = os.read(reading, 1000).decode()
    os.close(reading)
    return status, where


def main() -> None:
    home, as_of = Path(sys.argv[1]), sys.argv[2]
    for room in pkgutil.walk_packages(patron.__path__, "patron."):
        if not room.name.startswith(("patron.__main__", "patron.cli")):
            importlib.import_module(room.name)
    survived: set[str] = set()
    for _ in range(100):
        status, where = attempt(home, as_of, survived)
        survived.add(where)
        current = Shelf(home / "shelf").pointed("current")
        sys.stdout.write(json.dumps({"status": status, "where": where, "current": current}) + "\n")
        sys.stdout.flush()
        if status == 0:
            return


if __name__ == "__main__":
    main()
