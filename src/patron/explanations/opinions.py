"""Two checks of the reasons: does a method that works otherwise name the same, and does the forecast hang on them?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron import measures
from patron.explanations.explainer import Attribution, Explainer
from patron.explanations.methods.deletion import deletion_curves
from patron.explanations.methods.lime import Lime, LocalLinear
from patron.explanations.reasons import LEAST, MOST, group_sums
from patron.ground.seeds import derive

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Per customer how the second method's groups agree with ours: 1 in everything is full agreement."""

    rank_correlation: FloatArray  # Spearman of the sizes of all groups' contributions
    top_overlap: FloatArray  # share of our three strongest groups among theirs
    same_sign: FloatArray  # share of our reasons that they see raise or lower alike; NaN where we name none
    fit: FloatArray  # share of the nearby variance that the second method's line explains


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Per customer how far the log of the forecast moves when groups are taken away."""

    named: FloatArray  # the strongest, `taken_away` of them
    random: FloatArray  # as many at random
    area: FloatArray  # mean over the whole curve, strongest first
    random_area: FloatArray


def second_opinion(explainer: Explainer, rows: FloatArray, others: FloatArray) -> list[LocalLinear]:
    """Return what the second method (LIME) says of each customer, per feature of the forecast."""
    seeds = [derive(explainer.seed, "second opinion", str(i)) for i in range(rows.shape[0])]
    lime = Lime(others, explainer.groups[1])
    return lime.explain_each(explainer.log_forecast, rows, perturbations=explainer.spec.perturbations, seeds=seeds)


def agreement(explainer: Explainer, rows: FloatArray, ours: FloatArray, others: FloatArray) -> Agreement:
    """Compare our contributions of two groups or more with the second method's, customer by customer.

    Args:
        explainer: from `prepare`.
        rows: customers, shape (n_customers, n_features).
        ours: our contributions to them, shape (n_customers, n_groups).
        others: customers drawn from everyone.
    """
    _, of_each = explainer.groups
    said = second_opinion(explainer, rows, others)
    theirs, fits = np.zeros(ours.shape), np.array([one.fit for one in said])
    np.add.at(theirs.T, of_each, np.stack([one.values for one in said]).T)
    rank = np.array([measures.spearman(np.abs(a), np.abs(b)) for a, b in zip(ours, theirs, strict=True)])
    top, their_top = strongest_first(ours)[:, :MOST], strongest_first(theirs)[:, :MOST]
    overlap = (top[:, :, None] == their_top[:, None, :]).any(axis=2).mean(axis=1)
    mine, others_say = (np.take_along_axis(sums, top, axis=1) for sums in (ours, theirs))
    told = np.abs(mine) >= LEAST
    alike = ((np.sign(mine) == np.sign(others_say)) & told).sum(axis=1)
    same = np.where(told.any(axis=1), alike / np.maximum(told.sum(axis=1), 1), np.nan)
    return Agreement(rank, overlap, same, fits)


def faithfulness(explainer: Explainer, rows: FloatArray, order: IntArray) -> Faithfulness:
    """Take the groups away in the order given, and in a random one, and see how far the forecast moves.

    Args:
        explainer: from `prepare`.
        rows: customers, shape (n_customers, n_features).
        order: per customer the groups of the forecast's features, those named as reasons first.
    """
    _, of_each = explainer.groups
    random = np.random.default_rng(derive(explainer.seed, "random order"))
    shuffled = random.permuted(order, axis=1)
    ours, others = (
        deletion_curves(explainer.log_forecast, rows, explainer.background, of_each, one) for one in (order, shuffled)
    )
    last = taken_away(order.shape[1]) - 1
    return Faithfulness(ours[:, last], others[:, last], ours.mean(axis=1), others.mean(axis=1))


def taken_away(n_groups: int) -> int:
    """Return how many groups are taken away for the comparison: three, or a third of them where they are few."""
    return max(1, min(MOST, n_groups // 3))


def group_contributions(explainer: Explainer, said: Attribution) -> FloatArray:
    """Return our contributions by the groups of the features that the forecast reads, 0 where it uses none of them."""
    groups, _ = explainer.groups
    found, _, sums = group_sums(said)
    ours = np.zeros((said.values.shape[0], len(groups)))
    for j, group in enumerate(groups):
        if group in found:
            ours[:, j] = sums[:, found.index(group)]
    return ours


def strongest_first(sums: FloatArray) -> IntArray:
    """Return per customer the groups by the size of their contribution."""
    return np.argsort(-np.abs(sums), axis=1, kind="stable")
