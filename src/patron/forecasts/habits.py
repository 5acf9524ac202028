"""Are chances right for those who ordered once, and for those who came back? A mean over both can hide two errors.

Models of repeat buying know least of customers with one order, who are most of many shops.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron import measures
from patron.forecasts.contenders import NAIVE
from patron.forecasts.grades import LIMITS
from patron.forecasts.judgement import outcome
from patron.forecasts.rows import HISTORY, FloatArray
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Trial
from patron.ground.seeds import derive

_LEAST = 30  # below it, a share of customers says nothing


@dataclass(frozen=True, slots=True)
class Gap:
    """Mean chance less the share who ordered, of one group at the held-out origin; `naive` is that of the formula."""

    group: str  # "one_order" or "several_orders"
    customers: int
    it: measures.Interval
    naive: float

    @property
    def word(self) -> str:
        """The level of the verdict, by the limits of the grades A and B."""
        off = abs(self.it.value)
        return "good" if off <= LIMITS["A"].calibration else "fair" if off <= LIMITS["B"].calibration else "poor"


def gaps(trial: Trial, chance: FloatArray, spec: ForecastSpec, seed: int) -> tuple[Gap, ...]:
    """Return the gap of the chance of an order, as it is published, in both groups that are large enough."""
    happened = outcome(trial.rows, "active")
    if happened is None:
        return ()
    once = trial.rows.column(HISTORY[0], absent=0.0) == 0
    said, naive = chance - happened, trial.said[NAIVE].active - happened
    groups = {"one_order": once, "several_orders": ~once}
    return tuple(
        _gap(name, said[mine], naive[mine], spec, seed) for name, mine in groups.items() if mine.sum() >= _LEAST
    )


def _gap(name: str, said: FloatArray, naive: FloatArray, spec: ForecastSpec, seed: int) -> Gap:
    it = measures.interval_of_mean(said, draws=spec.bootstrap_draws, seed=derive(seed, "habits", name))
    return Gap(name, int(said.size), it, float(np.mean(naive)))
