"""A second opinion: a linear model of what the forecast does near one customer (LIME).

The customer is varied in the prepared space (signed logarithms in standard units): each group of features moves some of
the way towards that of another customer, or stays. Near variations weigh more,

    weight = exp(-mean squared distance / width²),

and a weighted ridge regression of the forecast on the moves gives slopes. A feature's contribution is its slope times
the distance of the customer from the mean of the others.

References:
    Ribeiro, Singh and Guestrin (2016), "Why should I trust you?": explaining the predictions of any classifier, KDD.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.explanations.methods.exact_shapley import FloatArray, Function

_WIDTH = 0.75
_STAYS = 0.5
_CUSTOMERS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class LocalLinear:
    """One customer's contributions by the linear model, and the share of the nearby variance that it explains."""

    values: FloatArray
    fit: float


@dataclass(frozen=True, slots=True)
class _Space:
    """The other customers in signed logarithms, and the centre and unit of each feature."""

    others: FloatArray
    centre: FloatArray
    spread: FloatArray


@dataclass(frozen=True, slots=True)
class _Varied:
    """One customer in standard units, its variations as features, and how far each moves."""

    here: FloatArray
    raw: FloatArray
    moves: FloatArray


@dataclass(frozen=True, slots=True)
class Lime:
    """The prepared space, learned from other customers.

    Args:
        others: customers to move towards, shape (n_others, n_features).
        groups: per feature the number of its group; the features of a group move together.
    """

    others: FloatArray
    groups: NDArray[np.intp]

    def explain(
        self, function: Function, row: FloatArray, *, perturbations: int, ridge: float = 1.0, seed: int
    ) -> LocalLinear:
        """Return one customer's contributions; the same seed gives the same."""
        return self.explain_each(function, row[None, :], perturbations=perturbations, ridge=ridge, seeds=[seed])[0]

    def explain_each(
        self, function: Function, rows: FloatArray, *, perturbations: int, ridge: float = 1.0, seeds: Sequence[int]
    ) -> list[LocalLinear]:
        """Return each customer's contributions, as `explain` does; the function is asked about many at once."""
        space, said = self._prepared(), function(rows)
        found = []
        for start in range(0, rows.shape[0], _CUSTOMERS_AT_ONCE):
            here = range(start, min(start + _CUSTOMERS_AT_ONCE, rows.shape[0]))
            varied = [self._vary(space, rows[i], perturbations, seeds[i]) for i in here]
            answers = function(np.concatenate([one.raw for one in varied])).reshape(len(varied), -1)
            found += [_line(one, answer - said[i], ridge) for i, one, answer in zip(here, varied, answers, strict=True)]
        return found

    def _vary(self, space: _Space, row: FloatArray, perturbations: int, seed: int) -> _Varied:
        random = np.random.default_rng(seed)
        here = (_signed_logs(row[None, :])[0] - space.centre) / space.spread
        towards = random.integers(0, self.others.shape[0], perturbations)
        share = random.random((perturbations, int(self.groups.max()) + 1))
        share[random.random(share.shape) < _STAYS] = 0.0
        moved = share[:, self.groups]
        there = (space.others[towards] - space.centre) / space.spread
        varied = here + moved * (there - here)
        gap = np.isnan(varied)
        raw = _from_signed_logs(varied * space.spread + space.centre)
        raw = np.where(gap, np.where(moved > _STAYS, self.others[towards], row), raw)
        raw = np.where(moved == 0.0, row, raw)
        return _Varied(here, raw, np.where(gap, 0.0, varied - here))

    def _prepared(self) -> _Space:
        logs = _signed_logs(self.others)
        there = np.isfinite(logs)
        count = np.maximum(there.sum(axis=0), 1)
        centre = np.where(there, logs, 0.0).sum(axis=0) / count
        spread = np.sqrt((np.where(there, logs - centre, 0.0) ** 2).sum(axis=0) / count)
        return _Space(logs, centre, np.where(spread > 0, spread, 1.0))


def _line(varied: _Varied, change: FloatArray, ridge: float) -> LocalLinear:
    weight = np.exp(-(varied.moves**2).mean(axis=1) / _WIDTH**2)
    slopes, fit = _ridge(varied.moves, change, weight, ridge)
    return LocalLinear(slopes * np.nan_to_num(varied.here), fit)


def _ridge(moves: FloatArray, change: FloatArray, weight: FloatArray, ridge: float) -> tuple[FloatArray, float]:
    """Regress through the customer itself: no move is no change."""
    weighted = moves * weight[:, None]
    left_side = weighted.T @ moves + ridge * np.eye(moves.shape[1])
    slopes: FloatArray = np.asarray(np.linalg.solve(left_side, weighted.T @ change), dtype=np.float64)
    around = change - np.average(change, weights=weight)
    total = float((weight * around**2).sum())
    left = float((weight * (change - moves @ slopes) ** 2).sum())
    return slopes, 1.0 - left / total if total > 0 else 1.0


def _signed_logs(values: FloatArray) -> FloatArray:
    return np.sign(values) * np.log1p(np.abs(values))


def _from_signed_logs(logs: FloatArray) -> FloatArray:
    return np.sign(logs) * np.expm1(np.abs(logs))
