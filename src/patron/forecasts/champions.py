"""Who is used: per target the contender with the lowest error over the origins, if it beats the naive formulas.

The error is one that is least at the truth (Tweedie deviance for money, Poisson deviance for orders, log-loss for the
chance of an order), relative to the naive formula's at the same origin, and averaged over the origins where all the
rivals could be judged. The favourite among the contenders that learn must then beat the best of the formulas by more
than the luck of the sample: a paired bootstrap that draws customers with all their origins, 95 %. Otherwise the
formula is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from patron import measures
from patron.forecasts.contenders import FORMULAS, NAIVE, Target
from patron.forecasts.judgement import losses, outcome
from patron.forecasts.rows import FloatArray
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Trial
from patron.ground.seeds import derive


@dataclass(frozen=True, slots=True)
class Champion:
    """The model used for one target, its favourite's paired lead over the best formula, and why.

    `difference` is in shares of the naive formula's error: −0.2 means a fifth of that error less.
    """

    target: Target
    model: str
    formula: str
    difference: measures.Interval | None
    reason: str


def choose(trials: Sequence[Trial], target: Target, spec: ForecastSpec, seed: int) -> Champion | None:
    """Choose the champion of one target; None when nothing could be judged on it (no money, say)."""
    holdout = trials[-1]
    if outcome(holdout.rows, target) is None:
        return None
    names = [name for name, said in holdout.said.items() if said.of(target) is not None]
    formula = _lowest(trials, [name for name in names if name in FORMULAS], target)
    learned = [name for name in names if name not in FORMULAS]
    if not learned:
        return Champion(target, formula, formula, None, f"{formula}: no model could be learned")
    favourite = _lowest(trials, learned, target)
    lead = _lead(trials, (favourite, formula), target)
    found = measures.interval_of_mean(lead, draws=spec.bootstrap_draws, seed=derive(seed, "champion", target))
    words = (
        f"error of {favourite} less that of {formula}, in shares of the naive formula's: "
        f"{found.value:+.3f} [{found.lower:+.3f}, {found.upper:+.3f}]"
    )
    if found.upper < 0:
        return Champion(target, favourite, formula, found, f"{words}, more than luck explains")
    return Champion(target, formula, formula, found, f"{words}: not surely better, so the formula is used")


def _lowest(trials: Sequence[Trial], names: Sequence[str], target: Target) -> str:
    shared = _shared(trials, names, target)
    errors = {name: np.mean([_relative(trial, name, target).mean() for trial in shared]) for name in names}
    return min(names, key=lambda name: errors[name])


def _lead(trials: Sequence[Trial], rivals: tuple[str, str], target: Target) -> FloatArray:
    """Return per customer the mean over origins of the two errors' difference, scaled so that its mean is the lead."""
    shared = _shared(trials, rivals, target)
    ids = pa.chunked_array([trial.rows.customer_id for trial in shared]).combine_chunks().dictionary_encode().indices
    gaps = [_relative(trial, rivals[0], target) - _relative(trial, rivals[1], target) for trial in shared]
    weights = np.concatenate([np.full(gap.size, 1.0 / (gap.size * len(shared))) for gap in gaps])
    per_customer = np.bincount(ids.to_numpy(), weights=np.concatenate(gaps) * weights).astype(np.float64)
    return per_customer * per_customer.size


def _shared(trials: Sequence[Trial], names: Sequence[str], target: Target) -> list[Trial]:
    """Return the origins at which each of them forecast the target; the newest always is one."""
    return [
        trial
        for trial in trials
        if all(name in trial.said and trial.said[name].of(target) is not None for name in names)
    ]


def _relative(trial: Trial, name: str, target: Target) -> FloatArray:
    naive = float(_losses(trial, NAIVE, target).mean())
    relative: FloatArray = _losses(trial, name, target) / max(naive, 1e-12)
    return relative


def _losses(trial: Trial, name: str, target: Target) -> FloatArray:
    actual, predicted = outcome(trial.rows, target), trial.said[name].of(target)
    if actual is None or predicted is None:
        raise AssertionError(f"{name} has no prediction of {target} at {trial.origin}")
    return losses(target, np.nan_to_num(actual), predicted)
