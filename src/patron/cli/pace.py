"""How long the rest of a run will take: as the last run of this shop took, or as its rows let expect.

Either is corrected by the pace of the stages that are done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from patron.engines.shelf import Shelf
from patron.ground.errors import ShelfError

STAGES: dict[str, tuple[float, float]] = {
    "facts": (1.0, 1.8),
    "tiles": (0.1, 0.1),
    "features": (0.3, 0.2),
    "training": (0.8, 0.8),
    "forecasts": (2.5, 2.0),
    "segments": (1.5, 0.5),
    "decisions": (0.2, 0.1),
    "report": (0.5, 0.1),
}
"""Seconds that each stage takes on any shop, and for every 100,000 input rows: as measured on two cores, on shops of a
thousand to half a million rows; all trainings together are one."""

_PER_ROW = 1e-5
_TRUSTED_SECONDS = 5.0  # how much measured time outweighs what was expected
_FILE = "pace"


class Pace:
    """What is known of the stages to come, and what the finished ones say about them.

    >>> pace = Pace({"facts": 20.0, "tiles": 5.0, "report": 10.0})
    >>> pace.left("facts", seconds=10.0)
    25.0
    >>> pace.finished("facts", 45.0)  # twice as long as the last time, which is trusted to be no accident
    >>> pace.left("tiles", seconds=0.0)
    30.0
    """

    def __init__(self, last: Mapping[str, float] | None = None) -> None:
        self._last = dict(last or {})
        self._rows: float | None = None
        self._expected = 0.0
        self._measured = 0.0
        self._over: set[str] = set()
        self.seconds: dict[str, float] = {}

    def finished(self, stage: str, seconds: float | None, row_count: int | None = None) -> None:
        """Take note of a finished stage; without seconds it had been done before and says nothing of the pace."""
        if seconds is not None:
            if stage == "facts" and row_count:
                self._rows = row_count
            self._expected += self._usual(stage) or seconds
            self._measured += seconds
            self.seconds[stage] = seconds
        self._over.add(stage)

    def left(self, stage: str, seconds: float, share: float = 0.0) -> float | None:
        """Return the seconds left, `share` of the stage under way being done after `seconds`; None: nobody knows."""
        if share and stage == "facts" and self._rows is None and not self._last:
            fixed, per_step = STAGES["facts"]
            return self._rest(stage, seconds, share, max(seconds / share - fixed, 0.0) / (per_step * _PER_ROW))
        return self._rest(stage, seconds, share, self._rows)

    def _rest(self, stage: str, seconds: float, share: float, rows: float | None) -> float | None:
        mine, known = self._usual(stage, rows), self._is_stage(stage)
        if not share and mine is None:
            return None
        rest = seconds / share * (1.0 - share) if share else max((mine or 0.0) * self._slowness - seconds, 0.0)
        if not known:
            return rest
        later = [self._usual(name, rows) for name in self._to_come(stage)]
        return None if None in later else rest + self._slowness * sum(found for found in later if found is not None)

    def _usual(self, stage: str, rows: float | None = None) -> float | None:
        """Return the seconds a stage should take: as the last time, else by its rows; None: nobody knows."""
        rows = self._rows if rows is None else rows
        name = stage.split(" ", 1)[0]
        if stage in self._last:
            return self._last[stage]
        if name not in STAGES or rows is None:
            return None
        fixed, per_step = STAGES[name]
        return fixed + per_step * rows * _PER_ROW

    def _to_come(self, stage: str) -> list[str]:
        """Return the stages after this one: those of the last run, and those of every run that it did not need."""
        begun = {name.split(" ", 1)[0] for name in (*self._over, stage)}
        measured = [name for name in self._last if name not in self._over and name != stage]
        if self._last:
            return measured
        return [name for name in STAGES if name not in begun]

    @staticmethod
    def _is_stage(stage: str) -> bool:
        return stage.split(" ", 1)[0] in STAGES

    @property
    def _slowness(self) -> float:
        return (self._measured + _TRUSTED_SECONDS) / (self._expected + _TRUSTED_SECONDS)


def recall(shelf: Shelf) -> dict[str, float]:
    """Return the seconds that each stage last took in this shop; empty where nothing is known."""
    try:
        said = json.loads(shelf.pointed(_FILE) or "{}")
        return {str(name): float(seconds) for name, seconds in said.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def keep(shelf: Shelf, seconds: Mapping[str, float]) -> None:
    """Keep the seconds that each stage took, for the next run; a stage that had been done before keeps its own."""
    with suppress(ShelfError):  # the run is finished: that its times cannot be kept is no reason to call it failed
        shelf.point(_FILE, json.dumps({**recall(shelf), **{name: round(took, 3) for name, took in seconds.items()}}))
