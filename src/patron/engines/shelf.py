"""The shelf: where a shop's facts, tiles and runs live, written whole or not at all.

- ``facts/<key>/``, ``tiles/<key>/``, ``stages/<stage>/<key>/``: made once for their inputs, never changed;
- ``runs/<run_id>/``: complete, or not there;
- ``current``: one line naming the run, replaced atomically.

A folder is filled under a temporary name and renamed when it is complete: a crash at any instant leaves what was there
before, and the next start finds every finished stage by its key.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from patron.ground.errors import RunMissing, ShelfBusy, ShelfFull

_UNFINISHED = ".unfinished-"


def digest(*parts: object) -> str:
    """Return a short stable key of any JSON-able parts.

    >>> digest({"a": 1}, "x") == digest({"a": 1}, "x")
    True
    """
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Shelf:
    """One shop's shelf, in the folder `root`; the folder is made when first written to."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def hold(self, *, wait_seconds: float = 0.0) -> Iterator[None]:
        """Hold the shelf for writing; a second writer waits so long, or is refused.

        Raises:
            ShelfBusy: another process is writing.
            ShelfFull: the folder cannot be written to.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with FileLock(self.root / "lock", timeout=wait_seconds):
                self._sweep()
                yield
        except Timeout as error:
            raise ShelfBusy(
                f"Another run is writing to {self.root}.\n"
                "Next: wait for it to finish, or start with --wait; reading is never blocked."
            ) from error
        except OSError as error:
            raise _trouble(error, self.root) from error

    def stage(self, name: str, key: str, make: Callable[[Path], object]) -> tuple[Path, bool]:
        """Return the folder of a finished stage, making it first where it is not there yet.

        Args:
            name: the stage, such as "facts" or "stages/segments".
            key: digest of its inputs, its spec and its code.
            make: fills the empty folder it is given.

        Returns:
            The folder, and whether it was already there.
        """
        home = self.root / name / key
        if home.exists():
            return home, True
        self.write_whole(home, make)
        return home, False

    def write_whole(self, home: Path, make: Callable[[Path], object]) -> None:
        """Fill a new folder under a temporary name and give it its own when complete."""
        draft = home.parent / f"{_UNFINISHED}{home.name}-{uuid4().hex[:8]}"
        try:
            draft.mkdir(parents=True)
            make(draft)
            draft.rename(home)
        except OSError as error:
            raise _trouble(error, home) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def point(self, name: str, text: str) -> None:
        """Replace a one-line file atomically."""
        draft = self.root / f"{_UNFINISHED}{name}-{uuid4().hex[:8]}"
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.root / name)
        except OSError as error:
            raise _trouble(error, self.root / name) from error
        finally:
            draft.unlink(missing_ok=True)

    def pointed(self, name: str) -> str | None:
        """Read a one-line file; None where it is not there."""
        path = self.root / name
        return path.read_text(encoding="utf-8").strip() if path.exists() else None

    def run_ids(self) -> tuple[str, ...]:
        """Return the finished runs, oldest first."""
        home = self.root / "runs"
        finished = [path for path in home.glob("*/manifest.json") if not path.parent.name.startswith(_UNFINISHED)]
        said = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in finished}
        return tuple(sorted(said, key=lambda name: str(said[name]["finished_at"])))

    def run_folder(self, run_id: str | None = None) -> Path:
        """Return the folder of a finished run: the current one, or the one whose id begins so.

        Raises:
            RunMissing: there is none, or more than one.
        """
        known = self.run_ids()
        wanted = run_id or self.pointed("current")
        if wanted is None:
            raise RunMissing(f"{self.root} holds no finished run.\nNext: `patron run` makes one.")
        matches = [wanted] if wanted in known else [name for name in known if name.startswith(wanted)]
        if len(matches) != 1:
            word = "several runs" if matches else "no finished run"
            there = ", ".join(matches or known) or "none"
            next_step = "`patron runs` lists them with their days; name one, or as much of its beginning as is its own."
            raise RunMissing(f"{wanted!r} names {word} in {self.root}.\nIt has: {there}.\nNext: {next_step}")
        return self.root / "runs" / matches[0]

    def _sweep(self) -> None:
        """Remove what killed runs left unfinished; only called while the shelf is held."""
        for draft in self.root.rglob(f"{_UNFINISHED}*"):
            if draft.is_dir():
                shutil.rmtree(draft, ignore_errors=True)
            else:
                draft.unlink(missing_ok=True)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a finished file a second name; copy it where the file system cannot."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _trouble(error: OSError, where: Path) -> ShelfFull:
    said = "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or str(error))
    return ShelfFull(
        f"Cannot write {where}: {said}.\n"
        "Next: free disk space or check the folder's permissions, then start again; the last good run stays current."
    )
