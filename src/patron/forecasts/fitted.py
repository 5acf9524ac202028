"""A fitted forecast: everything `apply` needs, and nothing that could relearn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from patron.contracts.gates import Ruling
from patron.forecasts import persistence
from patron.forecasts.contenders import RESTORE, Contender, PurchaseProcess, Target
from patron.forecasts.intervals import Intervals
from patron.forecasts.levels import Level
from patron.forecasts.margin import MarginModel
from patron.forecasts.next_order import RESTORE_TIMING, Timing
from patron.forecasts.trials import Refusal
from patron.ground.errors import UnreadableFile


def explained_target(champions: Mapping[Target, str]) -> Target:
    """Return what people look at first: the money, or the orders where there is none."""
    return "net_revenue" if "net_revenue" in champions else "orders"


@dataclass(frozen=True, slots=True)
class ForecastModel:
    """The champion of each target, fitted on all completed windows, its level, and the intervals for money."""

    horizon_days: int
    learned_as_of: date
    champions: Mapping[Target, str]
    contenders: Mapping[str, Contender]
    levels: Mapping[str, Level]
    process: PurchaseProcess | None  # for probability_alive
    timing: Timing | None  # for the day of the next order; `champions` has its name
    intervals: Intervals | None
    refusals: tuple[Refusal, ...]
    margin: MarginModel | None  # where costs are known
    gates: tuple[Ruling, ...] = ()  # what may be published; an output without a ruling may
    learned_again: tuple[Contender, ...] = ()  # the champion of what is explained, under other seeds

    def save(self, folder: Path) -> None:
        """Write the model as JSON and LightGBM's own text files; nothing in it is code."""
        parts = {
            "horizon_days": self.horizon_days,
            "learned_as_of": self.learned_as_of.isoformat(),
            "champions": dict(self.champions),
            "contenders": {name: contender.to_parts() for name, contender in self.contenders.items()},
            "levels": {name: level.to_parts() for name, level in self.levels.items()},
            "process": None if self.process is None else self.process.to_parts(),
            "timing": None if self.timing is None else self.timing.to_parts(),
            "intervals": None if self.intervals is None else self.intervals.to_parts(),
            "refusals": [[refusal.what, refusal.why] for refusal in self.refusals],
            "margin": None if self.margin is None else self.margin.to_parts(),
            "learned_again": {str(i): contender.to_parts() for i, contender in enumerate(self.learned_again, 1)},
            "gates": [ruling.to_parts() for ruling in self.gates],
        }
        persistence.write_parts(parts, folder)

    @classmethod
    def load(cls, folder: Path) -> ForecastModel:
        """Read a model written by `save`.

        Raises:
            UnreadableFile: the folder does not hold such a model, or a part of it is missing.
        """
        parts = persistence.read_parts(folder)
        try:
            return cls(
                int(parts["horizon_days"]),
                date.fromisoformat(parts["learned_as_of"]),
                parts["champions"],
                {name: RESTORE[name](found) for name, found in parts["contenders"].items()},
                {name: Level.from_parts(found) for name, found in parts["levels"].items()},
                None if parts["process"] is None else PurchaseProcess.from_parts(parts["process"]),
                None if parts["timing"] is None else RESTORE_TIMING[parts["champions"]["next_order"]](parts["timing"]),
                None if parts["intervals"] is None else Intervals.from_parts(parts["intervals"]),
                tuple(Refusal(what, why) for what, why in parts["refusals"]),
                MarginModel.from_parts(parts["margin"]) if parts.get("margin") else None,
                tuple(Ruling(*found) for found in parts["gates"]),
                tuple(
                    RESTORE[parts["champions"][explained_target(parts["champions"])]](again)
                    for _, again in sorted(parts["learned_again"].items())
                ),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableFile(f"{folder} holds no whole forecast model: {error}.\nNext: run again.") from error
