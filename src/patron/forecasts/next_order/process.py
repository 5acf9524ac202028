"""The purchase process as a forecast of the next order: the waiting time of someone who may have left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from patron.forecasts.contenders import Lesson, PurchaseProcess
from patron.forecasts.contenders.purchase_process import learn_process
from patron.forecasts.rows import FloatArray, Rows

KIND = "mbg_nbd"


@dataclass(frozen=True, slots=True)
class ProcessTiming:
    """A fitted purchase process, asked how likely an order is within every number of days."""

    process: PurchaseProcess

    def reached(self, rows: Rows, by_days: FloatArray) -> FloatArray:
        """Return the chance of an order within each number of days; NaN for rows without a history."""
        return np.column_stack([self.process.chance_within(rows, float(day)) for day in by_days])

    def to_parts(self) -> dict[str, Any]:
        """Return the process."""
        return {"process": self.process.to_parts()}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the timing that `to_parts` described."""
        return cls(PurchaseProcess.from_parts(parts["process"]))


def learn_process_timing(lesson: Lesson) -> ProcessTiming:
    """Fit the process on the histories at the origin.

    Raises:
        NotEnoughData: too few customers came back.
    """
    return ProcessTiming(learn_process(KIND, lesson.now, lesson.horizon_days, lesson.spec.least_buyers))
