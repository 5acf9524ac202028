"""From contributions to reasons: group by meaning, take the three that move most, and name a feature of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.explanations.explainer import Attribution
from patron.explanations.groups import is_helped, numbered
from patron.explanations.vocabulary import phrase

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
MOST = 3
_SILENT = 1e6
LEAST = 0.02  # of the logarithm: below it, a factor is 1.0 to people


@dataclass(frozen=True, slots=True)
class Reasons:
    """Per customer the strongest groups, strongest first; -1 where there are fewer.

    `group`, `feature` and `log_factor` have shape (n_customers, 3); `feature` is a column of the attribution.
    """

    groups: tuple[str, ...]
    group: IntArray
    feature: IntArray
    log_factor: FloatArray


def group_sums(said: Attribution) -> tuple[tuple[str, ...], IntArray, FloatArray]:
    """Return the groups, each feature's group, and the sum of contributions per customer and group."""
    groups, of_each = numbered(said.names, helped=is_helped(said.names))
    sums = np.zeros((said.values.shape[0], len(groups)))
    np.add.at(sums.T, of_each, said.values.T)
    return groups, of_each, sums


def find_reasons(said: Attribution) -> Reasons:
    """Return the three strongest groups of every customer that move the forecast by 2 % or more.

    A group is named by the feature that pushes most in the group's own direction, of those that people have words for
    and the customer has a value of.
    """
    groups, of_each, sums = group_sums(said)
    most = min(MOST, len(groups))
    strongest = np.argsort(-np.abs(sums), axis=1, kind="stable")[:, :most]
    log_factor = np.take_along_axis(sums, strongest, axis=1)
    worded = np.array([phrase(name, "en") is not None for name in said.names])
    feature = np.column_stack(
        [_spokesman(said, of_each, worded, strongest[:, k], log_factor[:, k]) for k in range(most)]
    )
    weak = np.abs(log_factor) < LEAST
    missing = MOST - most
    return Reasons(
        groups,
        np.pad(np.where(weak, -1, strongest), ((0, 0), (0, missing)), constant_values=-1),
        np.pad(np.where(weak, -1, feature), ((0, 0), (0, missing)), constant_values=-1),
        np.pad(np.where(weak, 0.0, log_factor), ((0, 0), (0, missing))),
    )


def _spokesman(
    said: Attribution, of_each: IntArray, worded: NDArray[np.bool_], group: IntArray, log_factor: FloatArray
) -> IntArray:
    """Return per customer the feature that speaks for one group."""
    chosen = np.zeros(group.size, dtype=np.intp)
    for g in np.unique(group):
        rows, columns = np.flatnonzero(group == g), np.flatnonzero(of_each == g)
        push = said.values[np.ix_(rows, columns)] * np.sign(log_factor[rows])[:, None]
        can_speak = worded[columns] & np.isfinite(said.numbers[np.ix_(rows, columns)])
        score = np.where(can_speak & (push > 0), push, push - _SILENT)
        chosen[rows] = columns[score.argmax(axis=1)]
    return chosen
