"""How well the purchase process's own distribution of spend covers: measured beside the conformal intervals, not used.

The purchase process says a whole distribution of what each customer spends. Its intervals need no past window, but hold
only as far as the model's assumptions do, and know nothing of seasons.
"""

from __future__ import annotations

import numpy as np

from patron import measures
from patron.forecasts.contenders.purchase_process import KINDS, learn_process
from patron.forecasts.intervals import Coverage
from patron.forecasts.rows import FloatArray
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Trial
from patron.ground.seeds import derive

_MOST = 2_000  # customers: enough to know a coverage to a point


def measure_process_coverage(trial: Trial, spec: ForecastSpec, horizon_days: int, seed: int) -> tuple[Coverage, ...]:
    """Return the coverage of both levels at this origin; nothing where no purchase process forecast money there.

    `how` is the kind of process. An interval leaves out as much as the conformal one does: half of 1 − level on each
    side, or all of it above where more than that half is likely to buy nothing.
    """
    kind = next((name for name in trial.said if name in KINDS), None)
    actual = trial.rows.future_revenue
    if kind is None or trial.said[kind].net_revenue is None or actual is None:
        return ()
    process = learn_process(kind, trial.rows, horizon_days, spec.least_buyers)
    drawn = np.random.default_rng(derive(seed, "process_coverage")).permutation(len(trial.rows))[:_MOST]
    happened = np.nan_to_num(actual[drawn])
    rows = trial.rows.where(drawn)
    nothing = process.chance_of_spend_below(rows, np.zeros(drawn.size))
    below = process.chance_of_spend_below(rows, happened)
    found = []
    for level in spec.interval_levels:
        inside = _inside(happened, nothing, below, level)
        it = measures.interval_of_mean(inside, draws=spec.bootstrap_draws, seed=seed)
        promised = float(np.maximum(nothing, level).mean())
        found.append(Coverage(level, None, it.value, it.lower, it.upper, promised, kind))
    return tuple(found)


def _inside(happened: FloatArray, nothing: FloatArray, below: FloatArray, level: float) -> FloatArray:
    miss = 1.0 - level
    from_zero = (happened == 0) | ((happened > 0) & (below <= level))
    between = (below >= miss / 2.0) & (below <= 1.0 - miss / 2.0)
    return np.where(nothing >= miss / 2.0, from_zero, between).astype(np.float64)
