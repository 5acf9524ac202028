"""Run a shop again and again, killed (SIGKILL) a little later each time, until a run gets through.

Usage: python killer.py SHOP AS_OF EVERY. The parent imports Patron once and forks; each child dies at its n-th sign of
progress, n = EVERY, 2 EVERY, … counted over the whole story, so that kills fall on stage boundaries and inside stages.
Prints one JSON line per attempt: where it died, and which run was current afterwards.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import patron
from patron import settings
from patron.engines.shelf import Shelf


class Bomb:
    """A watch that kills its process at the n-th sign of progress."""

    def __init__(self, fuse: int, report: int) -> None:
        self.fuse, self.report, self.stage = fuse, report, ""

    def _tick(self, where: str) -> None:
        self.fuse -= 1
        if self.fuse == 0:
            os.write(self.report, f"{self.stage}/{where}".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def begin(self, stage: str, note: str = "") -> None:
        self.stage = stage
        self._tick("begin")

    def note(self, text: str) -> None:
        self._tick(text)

    def end(self, *, cached: bool = False, row_count: int | None = None) -> None:
        self._tick("end")


def attempt(home: Path, as_of: str, fuse: int) -> tuple[int, str]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        chosen = settings.read(threads=1, memory_limit="1GB")
        patron.open(home).run(as_of, settings=chosen, watch=Bomb(fuse, writing))
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    where = os.read(reading, 1000).decode()
    os.close(reading)
    return status, where


def main() -> None:
    home, as_of, every = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    for n in range(1, 200):
        status, where = attempt(home, as_of, n * every)
        current = Shelf(home / "shelf").pointed("current")
        sys.stdout.write(json.dumps({"status": status, "where": where, "current": current}) + "\n")
        sys.stdout.flush()
        if status == 0:
            return


if __name__ == "__main__":
    main()
