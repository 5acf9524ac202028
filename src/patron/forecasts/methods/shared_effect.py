"""What moves all customers of a window at once: a season, a promotion, a strike. One draw a window, whatever its size.

The effect of a window is G = ln(actual total / said total). No number of customers tells the next one: windows do. G of
the next window is Student's t around 0,

    scale² = (n₀ s₀² + Σ g²) / (n₀ + n),   degrees of freedom n₀ + n,

with g the effects of the n windows that have come due: the posterior predictive of a normal with known mean and a
scaled inverse-χ² prior of its variance [1, §2.6]. The prior, worth n₀ = 2 windows with s₀ = 0.24, is the one of
greatest marginal likelihood over the windows of four shops (CDNOW, Online Retail II, Complete Journey, Olist; 30, 90
and 180 days). Leaving out one shop at a time gives 0.20 to 0.26 with n₀ = 2, or 0.36 with n₀ = 4 without the grocer.

An effect moves who buys at all, and how much the buyers spend. Over those windows the log-odds of buying moved 0.99
times G, so here they move by G exactly, and what buyers spend makes up the rest of the total.

References:
    [1] Gelman et al. (2013), Bayesian data analysis, third edition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import t

FloatArray = NDArray[np.float64]

PRIOR_WINDOWS = 2.0
PRIOR_SCALE = 0.24
_NODES = 31  # equally likely values that stand for the effect of the next window


@dataclass(frozen=True, slots=True)
class SharedEffect:
    """How far windows move: the scale and the degrees of freedom of Student's t of the next window's effect.

    >>> learn_shared_effect([]) == SharedEffect(PRIOR_SCALE, PRIOR_WINDOWS)
    True
    """

    scale: float
    freedom: float

    def nodes(self) -> FloatArray:
        """Return equally likely effects of the next window, lowest first, symmetric around 0."""
        shares = (np.arange(_NODES) + 0.5) / _NODES
        nodes: FloatArray = self.scale * t.ppf(shares, self.freedom)
        return nodes


def learn_shared_effect(effects: Sequence[float]) -> SharedEffect:
    """Return how far the next window may move, given the effects of those that have come due."""
    freedom = PRIOR_WINDOWS + len(effects)
    squares = PRIOR_WINDOWS * PRIOR_SCALE**2 + float(np.square(np.asarray(effects, dtype=np.float64)).sum())
    return SharedEffect(float(np.sqrt(squares / freedom)), freedom)


def effect_of(predicted: FloatArray, actual: FloatArray) -> float:
    """Return ln(actual total / said total) of one window; 0 where either is not above zero."""
    said, happened = float(predicted.sum()), float(actual.sum())
    return float(np.log(happened / said)) if said > 0 and happened > 0 else 0.0


def under_effects(values: FloatArray, weights: FloatArray, effects: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a weighted sample of amounts as it would be under equally likely effects, as one mixture.

    Under an effect G the log-odds of an amount above zero rise by G, and amounts above zero are scaled so that their
    total is e^G times what it was. The sum of weights stays.
    """
    bought = (values > 0)[:, None]
    none = float(weights[~bought[:, 0]].sum() / weights.sum())
    if none in (0.0, 1.0):
        grown, share = np.exp(effects), np.ones((values.size, effects.size))
    else:
        moved = expit(logit(none) - effects)
        grown = np.exp(effects) * (1.0 - none) / (1.0 - moved)
        share = np.where(bought, (1.0 - moved) / (1.0 - none), moved / none)
    amounts = np.where(bought, values[:, None] * grown, values[:, None])
    return amounts.ravel(), (weights[:, None] * share / effects.size).ravel()
