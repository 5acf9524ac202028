"""The judgement of the next category: rolling origins, the newest held out, everyone beside the naive formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from patron import measures
from patron.contracts.gates import need
from patron.forecasts.champions import Crowned, Errors, crown
from patron.forecasts.contenders import NAIVE
from patron.forecasts.grades import LEAST_ORIGINS, LIMITS, Grade
from patron.forecasts.next_category.baskets import Baskets, CategoryWindow, FloatArray
from patron.forecasts.next_category.contenders import FORMULAS, LEARN
from patron.forecasts.spec import ForecastSpec
from patron.ground.errors import NotEnoughData
from patron.ground.seeds import derive

MOST_ROWS = 10_000  # customers per bootstrap draw
NAMED = 3  # categories named per customer
LEAST_CATEGORIES = 2
BETTER = {"hit_rate_at_1": 1, "hit_rate_at_3": 1, "mean_reciprocal_rank": 1, "log_loss": -1}


@dataclass(frozen=True, slots=True)
class Trial:
    """One origin: the customers who ordered in its window, and what each contender said of them."""

    baskets: Baskets
    came: FloatArray  # 1 where the first order held the category, shape (n_customers, n_categories)
    said: Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One measure of one contender at the held-out origin, with its 95 % interval."""

    model: str
    measure: str
    it: measures.Interval
    naive: float


@dataclass(frozen=True, slots=True)
class JudgedCategories:
    """What the past says; `holdout` is the newest origin, on which every measure is taken."""

    horizon_days: int
    holdout: date
    origins: int
    customers: int
    categories: int
    crowned: Crowned
    judgements: tuple[Judgement, ...]
    grade: Grade


def judge_categories(
    windows: Sequence[CategoryWindow], spec: ForecastSpec, *, horizon_days: int, seed: int
) -> JudgedCategories:
    """Let every contender forecast from every past date, and judge them on the newest.

    At each date a contender learns from histories before it and from windows that were over by it.

    Args:
        windows: past dates, oldest first, and what followed within `horizon_days`.
        spec: the fewest customers, and draws of the bootstrap.
        horizon_days: length of the windows.
        seed: the Plan's seed.

    Raises:
        NotEnoughData: fewer than `spec.least_customers` (and than the gate asks for) ordered a known category again in
            the newest window, or there are fewer than two categories.
    """
    trials = [trial for window in windows if (trial := _trial(window, windows, spec, horizon_days))]
    if not trials or trials[-1].baskets.as_of != windows[-1].as_of:
        raise _too_thin(windows[-1] if windows else None, spec, horizon_days)
    holdout = trials[-1]
    errors = [Errors(name, tuple(_losses(trial, name) for trial in trials)) for name in holdout.said]
    customers = [trial.baskets.customer_id for trial in trials]
    crowned = crown(errors, customers, spec, derive(seed, "next_category", str(horizon_days)), FORMULAS)
    judgements = _judgements(holdout, spec, seed)
    return JudgedCategories(
        horizon_days,
        holdout.baskets.as_of,
        len(trials),
        len(holdout.baskets),
        len(holdout.baskets.categories),
        crowned,
        judgements,
        _grade(crowned, judgements, len(trials)),
    )


def _trial(
    window: CategoryWindow, windows: Sequence[CategoryWindow], spec: ForecastSpec, horizon_days: int
) -> Trial | None:
    now = window.baskets(window.categories)
    ordered = now.where(now.ordered)
    if ordered.came is None or len(ordered) < _least(spec) or len(now.categories) < LEAST_CATEGORIES:
        return None
    over = [one for one in windows if one.as_of + timedelta(days=horizon_days) <= window.as_of]
    past = [one.baskets(window.categories) for one in over if one.history.num_rows]
    said: dict[str, FloatArray] = {}
    for name, learn in LEARN.items():
        try:
            said[name] = learn(now, past).predict(ordered)
        except NotEnoughData:
            continue  # the oldest origin has no window before it
    return Trial(ordered, ordered.came, said)


def _least(spec: ForecastSpec) -> int:
    """Return the fewest customers who ordered again: what the spec asks for, and the gate."""
    return max(spec.least_customers, int(need("next_categories", "origin_customers").refused_below))


def _losses(trial: Trial, name: str) -> FloatArray | None:
    """Return each customer's log-loss, a mean over the categories; None where the contender could not speak."""
    if name not in trial.said:
        return None
    came, said = trial.came, trial.said[name]
    losses: FloatArray = measures.log_losses(came.ravel(), said.ravel()).reshape(came.shape).mean(axis=1)
    return losses


def _judgements(holdout: Trial, spec: ForecastSpec, seed: int) -> tuple[Judgement, ...]:
    found = {model: _measured(holdout, model, spec, seed) for model in holdout.said}
    return tuple(
        Judgement(model, measure, it, found[NAIVE][measure].value)
        for model, measured in found.items()
        for measure, it in measured.items()
    )


def _measured(holdout: Trial, model: str, spec: ForecastSpec, seed: int) -> dict[str, measures.Interval]:
    means = {
        measure: measures.interval_of_mean(values, draws=spec.bootstrap_draws, seed=derive(seed, "judge", measure))
        for measure, values in _per_customer(holdout, model).items()
    }
    return {**means, "expected_calibration_error": _calibration(holdout, model, spec, seed)}


def _per_customer(holdout: Trial, model: str) -> dict[str, FloatArray]:
    came, said, losses = holdout.came, holdout.said[model], _losses(holdout, model)
    return {
        "hit_rate_at_1": measures.hits(came, said, 1),
        f"hit_rate_at_{NAMED}": measures.hits(came, said, NAMED),
        "mean_reciprocal_rank": measures.reciprocal_ranks(came, said),
        "log_loss": losses if losses is not None else np.full(len(came), np.nan),
    }


def _calibration(holdout: Trial, model: str, spec: ForecastSpec, seed: int) -> measures.Interval:
    """Judge the stated probabilities of the categories that would be named, drawing customers with all of theirs."""
    said = holdout.said[model]
    happened, stated = named(holdout.came, said), named(said, said)
    k = stated.shape[1]

    def error(*columns: FloatArray) -> float:
        return measures.expected_calibration_error(np.concatenate(columns[:k]), np.concatenate(columns[k:]))

    drawn = derive(seed, "calibration")
    return measures.interval(error, *happened.T, *stated.T, draws=spec.bootstrap_draws, seed=drawn, most_rows=MOST_ROWS)


def named(values: FloatArray, said: FloatArray) -> FloatArray:
    """Return the values of the categories with the highest probabilities, highest first."""
    best = np.argsort(-said, axis=1, kind="stable")[:, :NAMED]
    chosen: FloatArray = np.take_along_axis(values, best, axis=1)
    return chosen


def _grade(crowned: Crowned, judgements: Sequence[Judgement], origins: int) -> Grade:
    """Grade as the chance of an order is graded: surely better than every formula, and calibrated."""
    if crowned.model in FORMULAS:
        return Grade("D", f"{crowned.model} is a formula: {crowned.reason}")
    mine = (one for one in judgements if one.model == crowned.model and one.measure == "expected_calibration_error")
    error = next(mine).it.value
    if origins < LEAST_ORIGINS:
        return Grade("C", f"{origins} past date judged it, fewer than {LEAST_ORIGINS}")
    reason = ""
    for letter, limits in LIMITS.items():
        if error <= limits.calibration:
            return Grade(letter, reason)
        reason = f"chances are off by {error:.1%} on average, more than {limits.calibration:.0%}"
    return Grade("C", reason)


def _too_thin(newest: CategoryWindow | None, spec: ForecastSpec, horizon_days: int) -> NotEnoughData:
    again = 0 if newest is None else int(newest.baskets(newest.categories).ordered.sum())
    categories = 0 if newest is None else len(newest.categories)
    return NotEnoughData(
        f"At the newest past date {again} customers with {categories} known categories ordered again within "
        f"{horizon_days} days; {_least(spec)} customers and {LEAST_CATEGORIES} categories are needed.\n"
        "Next: import a product file with categories, or collect more repeat orders.",
        "few_baskets",
        customers=again,
        categories=categories,
        days=horizon_days,
        least_customers=_least(spec),
        least_categories=LEAST_CATEGORIES,
    )
