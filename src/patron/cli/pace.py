"""How long the rest of a run will take: the usual weight of each stage, at the pace of the stages that are done."""

from __future__ import annotations

USUAL: dict[str, float] = {
    "facts": 40.0,
    "tiles": 5.0,
    "features": 7.0,
    "training": 5.0,
    "forecasts": 28.0,
    "segments": 7.0,
    "decisions": 3.0,
    "report": 5.0,
}
"""Share of a run's time, in percent, that each stage took on shops from a thousand to a million customers."""


class Pace:
    """What the finished stages say about those to come.

    >>> pace = Pace()
    >>> pace.left("facts", seconds=20.0, share=0.5)  # 40 % of a run takes 40 s
    80.0
    >>> pace.finished("facts", 40.0)
    >>> pace.left("tiles", seconds=0.0)
    60.0
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._weight = 0.0
        self._over: set[str] = set()

    def finished(self, stage: str, seconds: float | None) -> None:
        """Take note of a finished stage; without seconds it had been done before and says nothing of the pace."""
        if seconds is not None:
            self._seconds += seconds
            self._weight += USUAL.get(stage, 0.0) if stage not in self._over else 0.0
        self._over.add(stage)

    def left(self, stage: str, seconds: float, share: float = 0.0) -> float | None:
        """Return the seconds left, `share` of the stage under way being done after `seconds`; None: nobody knows."""
        mine = USUAL.get(stage, 100.0)
        done = self._weight + share * mine
        if not done:
            return None
        later = sum(weight for name, weight in USUAL.items() if name not in self._over and name != stage)
        to_come = (later if stage in USUAL else 0.0) + (1.0 - share) * mine
        return (self._seconds + (seconds if share else 0.0)) / done * to_come
