"""Who is used: per target the contender with the lowest error over the origins, if it beats the naive formulas.

The error is one that is least at the truth (Tweedie deviance for money, Poisson deviance for orders, log-loss for the
chance of an order), relative to the naive formula's at the same origin, and averaged over the origins where all the
rivals could be judged. The favourite among the contenders that learn must then beat the best of the formulas by more
than the luck of the sample: a paired bootstrap that draws customers with all their origins, 95 %. Otherwise the
formula is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
class Errors:
    """The errors of one contender: of each customer at each origin it spoke at, None where it could not."""

    name: str
    by_origin: tuple[FloatArray | None, ...]


@dataclass(frozen=True, slots=True)
class Crowned:
    """Who is used, the formula it had to beat, the favourite's paired lead over it, and why.

    `difference` is in shares of the naive formula's error: −0.2 means a fifth of that error less.
    """

    model: str
    formula: str
    difference: measures.Interval | None
    reason: str


@dataclass(frozen=True, slots=True)
class Champion(Crowned):
    """The model used for one target."""

    target: Target


def choose(trials: Sequence[Trial], target: Target, spec: ForecastSpec, seed: int) -> Champion | None:
    """Choose the champion of one target; None when nothing could be judged on it (no money, say)."""
    if outcome(trials[-1].rows, target) is None:
        return None
    names = [name for name, said in trials[-1].said.items() if said.of(target) is not None]
    errors = [Errors(name, tuple(_losses(trial, name, target) for trial in trials)) for name in names]
    found = crown(errors, [trial.rows.customer_id for trial in trials], spec, derive(seed, "champion", target))
    return Champion(found.model, found.formula, found.difference, found.reason, target)


def crown(
    errors: Sequence[Errors],
    customers: Sequence[pa.Array],
    spec: ForecastSpec,
    seed: int,
    formulas: Collection[str] = FORMULAS,
) -> Crowned:
    """Choose between contenders by their errors at the same customers and origins.

    Args:
        errors: of every contender that spoke at the newest origin, `NAIVE` among them at every origin.
        customers: ids of the customers at each origin, in the order of the errors.
        spec: draws of the bootstrap.
        seed: of the bootstrap.
        formulas: the contenders that learn nothing.
    """
    scaled = {one.name: _scaled(one, errors) for one in errors}
    formula = _lowest({name: scaled[name] for name in scaled if name in formulas})
    learned = {name: scaled[name] for name in scaled if name not in formulas}
    if not learned:
        return Crowned(formula, formula, None, f"{formula}: no model could be learned")
    favourite = _lowest(learned)
    lead = _lead(scaled[favourite], scaled[formula], customers)
    found = measures.interval_of_mean(lead, draws=spec.bootstrap_draws, seed=seed)
    words = (
        f"error of {favourite} less that of {formula}, in shares of the naive formula's: "
        f"{found.value:+.3f} [{found.lower:+.3f}, {found.upper:+.3f}]"
    )
    if found.upper < 0:
        return Crowned(favourite, formula, found, f"{words}, more than luck explains")
    return Crowned(formula, formula, found, f"{words}: not surely better, so the formula is used")


def _scaled(one: Errors, errors: Sequence[Errors]) -> tuple[FloatArray | None, ...]:
    """Return errors in shares of the naive formula's mean error at the same origin."""
    naive = next(other.by_origin for other in errors if other.name == NAIVE)
    return tuple(
        None if error is None or base is None else error / max(float(base.mean()), 1e-12)
        for error, base in zip(one.by_origin, naive, strict=True)
    )


def _lowest(scaled: Mapping[str, tuple[FloatArray | None, ...]]) -> str:
    """Return who has the lowest error over the origins at which each of them spoke; the newest always is one."""
    shared = [all(error is not None for error in at) for at in zip(*scaled.values(), strict=True)]
    means = {
        name: np.mean([error.mean() for error, both in zip(errors, shared, strict=True) if both and error is not None])
        for name, errors in scaled.items()
    }
    return min(means, key=lambda name: means[name])


def _lead(
    ours: tuple[FloatArray | None, ...], theirs: tuple[FloatArray | None, ...], customers: Sequence[pa.Array]
) -> FloatArray:
    """Return per customer the mean over origins of the two errors' difference, scaled so that its mean is the lead."""
    both = zip(ours, theirs, customers, strict=True)
    gaps = [(a - b, who) for a, b, who in both if a is not None and b is not None]
    ids = pa.chunked_array([who for _, who in gaps]).combine_chunks().dictionary_encode().indices
    weights = np.concatenate([np.full(gap.size, 1.0 / (gap.size * len(gaps))) for gap, _ in gaps])
    differences = np.concatenate([gap for gap, _ in gaps])
    per_customer = np.bincount(ids.to_numpy(), weights=differences * weights).astype(np.float64)
    return per_customer * per_customer.size


def _losses(trial: Trial, name: str, target: Target) -> FloatArray | None:
    actual = outcome(trial.rows, target)
    predicted = trial.said[name].of(target) if name in trial.said else None
    if actual is None or predicted is None:
        return None
    return losses(target, np.nan_to_num(actual), predicted)
