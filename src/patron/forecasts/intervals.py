"""Intervals for money: learned from forecasts that have come due, and their coverage measured on later ones.

Bands learned at one origin cover what they promise at that origin. The next window has another season, and covers
less, or more. How much is known from the origins before: bands of each origin are tried on the one after it, and the
level asked of the bands is the one that would have held there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np

from patron import measures
from patron.contracts.published import SAME_ORIGIN
from patron.forecasts.methods.conformal import MondrianConformal
from patron.forecasts.rows import FloatArray
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Trial
from patron.ground.seeds import derive

Pair = tuple[FloatArray, FloatArray]  # what was predicted, what came
_WIDEST = 0.995
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of held-out customers whose outcome fell inside their interval; tier None is everyone."""

    level: float
    tier: int | None  # 1 = lowest quarter of the forecast
    value: float
    lower: float
    upper: float
    how: str


@dataclass(frozen=True, slots=True)
class Intervals:
    """The bands of the usual interval and of the wide one."""

    usual: MondrianConformal
    wide: MondrianConformal

    def to_parts(self) -> dict[str, Any]:
        """Return both as plain numbers."""
        return {"usual": self.usual.to_parts(), "wide": self.wide.to_parts()}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the intervals that `to_parts` described."""
        return cls(MondrianConformal.from_parts(parts["usual"]), MondrianConformal.from_parts(parts["wide"]))


def learn_intervals(trials: Sequence[Trial], model: str, spec: ForecastSpec) -> Intervals | None:
    """Return the bands learned from the model's forecasts at these origins; None when it made none of money.

    The two newest origins are enough: older ones say less about the next window.
    """
    pairs = [pair for trial in trials if (pair := _pair(trial, model)) is not None]
    if not pairs:
        return None
    return Intervals(*(_bands(pairs, level, spec) for level in spec.interval_levels))


def measure_coverage(trials: Sequence[Trial], model: str, spec: ForecastSpec, seed: int) -> tuple[Coverage, ...]:
    """Return the coverage of both levels on the newest origin, overall and per quarter of the forecast.

    The bands come from earlier origins. Where there is none, half of the customers calibrate the other half: that
    proves the method, not that the next season resembles this one, and `how` says so.
    """
    newest = _pair(trials[-1], model)
    if newest is None:
        return ()
    intervals, how = learn_intervals(trials[:-1], model, spec), "bands from earlier origins"
    if intervals is None:
        half = np.random.default_rng(derive(seed, "coverage")).permutation(newest[0].size) % 2 == 0
        intervals = Intervals(*(_bands([_chosen(newest, half)], level, spec) for level in spec.interval_levels))
        newest, how = _chosen(newest, ~half), SAME_ORIGIN
    said = zip(spec.interval_levels, (intervals.usual, intervals.wide), strict=True)
    return tuple(it for level, bands in said for it in _covered(newest, level, bands, how, spec, seed))


def _covered(
    pair: Pair, level: float, bands: MondrianConformal, how: str, spec: ForecastSpec, seed: int
) -> list[Coverage]:
    predicted, actual = pair
    lower, upper = bands.predict_interval(predicted)
    inside = ((actual >= lower) & (actual <= upper)).astype(np.float64)
    tier = np.searchsorted(np.quantile(predicted, [0.25, 0.5, 0.75]), predicted, side="right") + 1
    parts: list[tuple[int | None, FloatArray]] = [(None, inside)]
    parts += [(int(i), inside[tier == i]) for i in np.unique(tier)]
    found = [(name, measures.interval_of_mean(part, draws=spec.bootstrap_draws, seed=seed)) for name, part in parts]
    return [Coverage(level, name, it.value, it.lower, it.upper, how) for name, it in found]


def _bands(pairs: Sequence[Pair], level: float, spec: ForecastSpec) -> MondrianConformal:
    predicted, actual = (np.concatenate(side) for side in zip(*pairs[-2:], strict=True))
    return _fitted((predicted, actual), level_that_held(pairs, level, spec), spec)


def level_that_held(pairs: Sequence[Pair], level: float, spec: ForecastSpec) -> float:
    """Return the level to ask of bands so that they cover `level` of the next window, as far as earlier windows tell.

    The bands of each origin are tried on the one after it; where they covered less than `level` in the mean, more is
    asked of them. Never less: that neighbouring windows were alike so far does not promise that the next one is, and
    with one origin there is nothing to try bands on.
    """
    tries = list(pairwise(pairs))
    if not tries:
        return level

    def covers(asked: float) -> float:
        shares = [_fitted(before, asked, spec).coverage(*after) for before, after in tries]
        return float(np.mean(shares))

    if covers(level) >= level:
        return level
    low, high = level, _WIDEST
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if covers(middle) < level else (low, middle)
        if high - low < 1e-3:
            break
    return high


def _fitted(pair: Pair, level: float, spec: ForecastSpec) -> MondrianConformal:
    return MondrianConformal(level=level, n_bands=spec.interval_bands).fit(*pair)


def _chosen(pair: Pair, which: np.ndarray[Any, np.dtype[np.bool_]]) -> Pair:
    return pair[0][which], pair[1][which]


def _pair(trial: Trial, model: str) -> Pair | None:
    said = trial.said.get(model)
    if said is None or said.net_revenue is None or trial.rows.future_revenue is None:
        return None
    return said.net_revenue, np.nan_to_num(trial.rows.future_revenue)
