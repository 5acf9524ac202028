"""Boosting as a forecast of the next order: it starts at the purchase process and mends it with every feature.

It learns from windows of any length that are over, and of each customer only as long as the window lasted. The process
is that of the origin's own histories: its four parameters are used on earlier histories of the same shop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from patron.forecasts.contenders import Lesson
from patron.forecasts.contenders.learning import demanded
from patron.forecasts.methods.discrete_hazard import DiscreteHazard
from patron.forecasts.next_order.process import ProcessTiming, learn_process_timing
from patron.forecasts.next_order.timing import stated_days
from patron.forecasts.next_order.usual_gap import silence, usual_gap
from patron.forecasts.rows import HISTORY, FloatArray, Rows
from patron.ground.errors import NotEnoughData
from patron.ground.seeds import derive

_SOONER = (HISTORY[0], "orders_per_year_lifetime")  # who has ordered more, all else equal, orders sooner
_TREES = 0.2  # of those of a whole forecast: the process knows most of it
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class HazardTiming:
    """The process, and trees that mend the log-odds of an order in each interval of days."""

    names: tuple[str, ...]
    start: ProcessTiming
    hazard: DiscreteHazard

    def reached(self, rows: Rows, by_days: FloatArray) -> FloatArray:
        """Return the chances at the days that were learned; others lie between them."""
        learned = np.asarray(self.hazard.by_days, dtype=np.float64)
        features, speed = _inputs(rows, self.names)
        said = self.hazard.reached(features, _odds(self.start, rows, learned), speed)
        return said if np.array_equal(learned, by_days) else _between(learned, said, by_days)

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned."""
        return {"names": list(self.names), "start": self.start.to_parts(), "hazard": self.hazard.to_parts()}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the timing that `to_parts` described."""
        start, hazard = ProcessTiming.from_parts(parts["start"]), DiscreteHazard.from_parts(parts["hazard"])
        return cls(tuple(parts["names"]), start, hazard)


def learn_hazard_timing(lesson: Lesson) -> HazardTiming:
    """Learn from every window that ended on or before the origin.

    Raises:
        NotEnoughData: too few customers or buyers in such windows, or no day of their orders is known.
    """
    told = demanded("hazard", lesson.windows, lesson, "windows of any length")
    if told.future_days is None:
        raise NotEnoughData("hazard: the labels do not hold the day of the next order.", "no_order_days")
    start, names, ends = learn_process_timing(lesson), told.varying(), stated_days(lesson.horizon_days)
    features, speed = _inputs(told, names)
    model = DiscreteHazard(
        tuple(ends.tolist()),
        n_trees=max(1, round(_TREES * lesson.spec.trees)),
        running=speed.shape[1],
        monotone=[*(int(name in _SOONER) for name in names), 0, 0],
        random_state=derive(lesson.seed, "hazard"),
    )
    waited = np.where(np.isfinite(told.future_days), told.future_days, ends[-1])
    return HazardTiming(
        names, start, model.fit(features, waited, _odds(start, told, ends), speed, followed=told.window_days)
    )


def _inputs(rows: Rows, names: tuple[str, ...]) -> tuple[FloatArray, FloatArray]:
    """Return the features with, last, silence and silence in usual gaps, and what a day adds to these two."""
    silent, gap = silence(rows), np.maximum(usual_gap(rows, float("nan")), 1.0)
    return np.column_stack([rows.columns(names), silent, silent / gap]), np.column_stack([np.ones(gap.size), 1.0 / gap])


def _odds(start: ProcessTiming, rows: Rows, ends: FloatArray) -> FloatArray:
    """Return the process's log-odds of an order in each interval, of those who had none before it."""
    none_yet = 1.0 - np.nan_to_num(start.reached(rows, ends))
    before = np.column_stack([np.ones(len(rows)), none_yet[:, :-1]])
    hazard = np.clip(1.0 - none_yet / np.maximum(before, _LEAST), _LEAST, 1.0 - _LEAST)
    odds: FloatArray = np.log(hazard / (1.0 - hazard))
    return odds


def _between(learned: FloatArray, said: FloatArray, by_days: FloatArray) -> FloatArray:
    place = np.clip(np.searchsorted(learned, by_days), 0, learned.size - 1)
    low = np.where(place > 0, learned[place - 1], 0.0)
    part = np.clip((by_days - low) / (learned[place] - low), 0.0, 1.0)
    before = np.where(place > 0, said[:, np.maximum(place - 1, 0)], 0.0)
    return before + part * (said[:, place] - before)
