"""Everything there is to say of one customer's forecast: the sentence, every contribution, and the second opinion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from patron.explanations.explainer import Explainer, matrix_of
from patron.explanations.model import explain
from patron.explanations.opinions import second_opinion
from patron.explanations.reasons import group_sums
from patron.explanations.vocabulary import label

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class GroupStory:
    """One group of features: what it multiplies the forecast by, what the second method says, and what is in it."""

    group: str
    label: str
    label_zh: str
    factor: float
    second_opinion_factor: float | None  # None where the forecast does not read the group's features itself
    features: tuple[tuple[str, float | None, float], ...]  # name, value, factor; strongest first, at most five


@dataclass(frozen=True, slots=True)
class CustomerStory:
    """One customer's explanation, in full; base_value times all factors is predicted_value."""

    target: str
    model: str
    horizon_days: int
    base_value: float
    predicted_value: float
    reason: str
    reason_zh: str
    groups: tuple[GroupStory, ...]
    second_opinion_fit: float


def tell(explainer: Explainer, customer: pa.Table, others: pa.Table, *, currency: str = "") -> CustomerStory:
    """Explain one customer in full.

    Args:
        explainer: from `prepare`.
        customer: one row, as `explain` takes it.
        others: customers drawn from everyone, from whom the second method learns what is usual.
        currency: the code of the shop's currency; empty: none is known.
    """
    names = explainer.forecast.features
    row = matrix_of(customer, names)
    said, told = explainer.attribute(row), explain(explainer, customer, currency=currency).to_pylist()[0]
    groups, of_each, sums = group_sums(said)
    [opinion] = second_opinion(explainer, row, matrix_of(others, names))
    own_groups, own_of_each = explainer.groups
    theirs = np.bincount(own_of_each, opinion.values, len(own_groups))
    stories = [
        GroupStory(
            groups[g],
            label(groups[g], "en"),
            label(groups[g], "zh"),
            float(np.exp(sums[0, g])),
            float(np.exp(theirs[own_groups.index(groups[g])])) if groups[g] in own_groups else None,
            tuple(
                (said.names[j], _plain(said.numbers[0, j]), float(np.exp(said.values[0, j])))
                for j in sorted(np.flatnonzero(of_each == g), key=lambda j: -abs(said.values[0, j]))[:_SHOWN]
            ),
        )
        for g in np.argsort(-np.abs(sums[0]), kind="stable")
    ]
    return CustomerStory(
        told["target"],
        told["model"],
        told["horizon_days"],
        told["base_value"],
        told["predicted_value"],
        told["reason"],
        told["reason_zh"],
        tuple(stories),
        opinion.fit,
    )


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
