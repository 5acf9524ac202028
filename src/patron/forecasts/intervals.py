"""Intervals for money: learned from forecasts that have come due, and their coverage measured on later ones.

Bands learned at one origin cover what they promise at that origin. The next window has another season, which moves all
customers at once: no number of customers averages it out. So the bands are those of the customers' own spread, the
effects of the windows it was seen in taken out, mixed with what the next window may do to everyone: as far as the
windows that have come due have moved, and a prior from other shops (`methods.shared_effect`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from patron import measures
from patron.contracts.published import SAME_ORIGIN
from patron.forecasts.methods.conformal import MondrianConformal
from patron.forecasts.methods.shared_effect import effect_of, learn_shared_effect
from patron.forecasts.rows import BoolArray, FloatArray
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Trial
from patron.ground.seeds import derive

Pair = tuple[FloatArray, FloatArray]  # what was predicted with the chance of an order, shape (n, 2); what came


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of held-out customers whose outcome fell inside their interval; tier None is everyone.

    `promised` is the share that should: the level, or more where so many buy nothing that no interval can cover less.
    """

    level: float
    tier: int | None  # 1 = lowest quarter of the forecast
    value: float
    lower: float
    upper: float
    promised: float
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

    The customers' own spread is that of the two newest origins: older ones say less about the next window. How far
    windows move is known from all of them.
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
        half = np.random.default_rng(derive(seed, "coverage")).permutation(newest[1].size) % 2 == 0
        intervals = Intervals(*(_same_window(_chosen(newest, half), level, spec) for level in spec.interval_levels))
        newest, how = _chosen(newest, ~half), SAME_ORIGIN
    said = zip(spec.interval_levels, (intervals.usual, intervals.wide), strict=True)
    return tuple(it for level, bands in said for it in _covered(newest, level, bands, how, spec, seed))


def _covered(
    pair: Pair, level: float, bands: MondrianConformal, how: str, spec: ForecastSpec, seed: int
) -> list[Coverage]:
    told, actual = pair
    predicted = told[:, 0]
    lower, upper = bands.predict_interval(told)
    inside = ((actual >= lower) & (actual <= upper)).astype(np.float64)
    promised = bands.promised(told)
    tier = np.searchsorted(np.quantile(predicted, [0.25, 0.5, 0.75]), predicted, side="right") + 1
    parts: list[tuple[int | None, BoolArray]] = [(None, np.ones(tier.size, dtype=np.bool_))]
    parts += [(int(i), tier == i) for i in np.unique(tier)]
    found = []
    for name, part in parts:
        it = measures.interval_of_mean(inside[part], draws=spec.bootstrap_draws, seed=seed)
        found.append(Coverage(level, name, it.value, it.lower, it.upper, float(promised[part].mean()), how))
    return found


def _bands(pairs: Sequence[Pair], level: float, spec: ForecastSpec) -> MondrianConformal:
    """Return the bands for the next window."""
    recent = pairs[-2:]
    told, actual = (np.concatenate(side) for side in zip(*recent, strict=True))
    windows = np.repeat(np.arange(len(recent)), [came.size for _, came in recent])
    shared = learn_shared_effect([effect_of(told[:, 0], came) for told, came in pairs])
    bands = MondrianConformal(level=level, n_bands=spec.interval_bands, shared=shared)
    return bands.fit(told, actual, windows)


def _same_window(pair: Pair, level: float, spec: ForecastSpec) -> MondrianConformal:
    """Return the bands for other customers of the same window: nothing that moves them all is unknown."""
    return MondrianConformal(level=level, n_bands=spec.interval_bands).fit(*pair)


def _chosen(pair: Pair, which: BoolArray) -> Pair:
    return pair[0][which], pair[1][which]


def _pair(trial: Trial, model: str) -> Pair | None:
    said = trial.said.get(model)
    if said is None or said.net_revenue is None or trial.rows.future_revenue is None:
        return None
    told = np.column_stack([said.net_revenue, said.active])
    return told, np.nan_to_num(trial.rows.future_revenue)
