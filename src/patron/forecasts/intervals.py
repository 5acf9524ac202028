"""Intervals for money: learned from forecasts that have come due, and their coverage measured on later ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patron import measures
from patron.contracts.published import SAME_ORIGIN
from patron.forecasts.methods.conformal import MondrianConformal
from patron.forecasts.rows import FloatArray
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Trial
from patron.ground.seeds import derive


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of held-out customers whose outcome fell inside their interval; tier None is everyone."""

    tier: int | None  # 1 = lowest quarter of the forecast
    value: float
    lower: float
    upper: float
    how: str


def learn_intervals(trials: Sequence[Trial], model: str, spec: ForecastSpec) -> MondrianConformal | None:
    """Return the bands learned from the model's forecasts at these origins; None when it made none of money.

    The two newest origins are enough: older ones say less about the next window.
    """
    pairs = [pair for trial in trials if (pair := _pair(trial, model)) is not None][-2:]
    if not pairs:
        return None
    predicted, actual = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return MondrianConformal(level=spec.interval_level, n_bands=spec.interval_bands).fit(predicted, actual)


def measure_coverage(trials: Sequence[Trial], model: str, spec: ForecastSpec, seed: int) -> tuple[Coverage, ...]:
    """Return the coverage on the newest origin, overall and per quarter of the forecast.

    The bands come from earlier origins. Where there is none, half of the customers calibrate the other half: that
    proves the method, not that the next season resembles this one, and `how` says so.
    """
    newest = _pair(trials[-1], model)
    if newest is None:
        return ()
    predicted, actual = newest
    bands, how = learn_intervals(trials[:-1], model, spec), "bands from earlier origins"
    if bands is None:
        half = np.random.default_rng(derive(seed, "coverage")).permutation(predicted.size) % 2 == 0
        bands = MondrianConformal(level=spec.interval_level, n_bands=spec.interval_bands)
        bands.fit(predicted[half], actual[half])
        predicted, actual, how = predicted[~half], actual[~half], SAME_ORIGIN
    lower, upper = bands.predict_interval(predicted)
    inside = ((actual >= lower) & (actual <= upper)).astype(np.float64)
    tier = np.searchsorted(np.quantile(predicted, [0.25, 0.5, 0.75]), predicted, side="right") + 1
    parts: list[tuple[int | None, FloatArray]] = [(None, inside)]
    parts += [(int(i), inside[tier == i]) for i in np.unique(tier)]
    found = [(name, measures.interval_of_mean(part, draws=spec.bootstrap_draws, seed=seed)) for name, part in parts]
    return tuple(Coverage(name, it.value, it.lower, it.upper, how) for name, it in found)


def _pair(trial: Trial, model: str) -> tuple[FloatArray, FloatArray] | None:
    said = trial.said.get(model)
    if said is None or said.net_revenue is None or trial.rows.future_revenue is None:
        return None
    return said.net_revenue, np.nan_to_num(trial.rows.future_revenue)
