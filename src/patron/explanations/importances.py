"""What moves forecasts over all customers: the mean size of each contribution, how surely, and at which rank.

Two kinds of luck are told apart: that of the draw of customers, and that of the seed under which the model was learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from patron.contracts.published import IMPORTANCES
from patron.explanations.explainer import Attribution, Explainer, Sample
from patron.explanations.groups import group_of
from patron.explanations.reasons import group_sums
from patron.explanations.vocabulary import label
from patron.ground.seeds import derive

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_INSIDE = (2.5, 97.5)


def importances(explainer: Explainer, sample: Sample, again: Sequence[Attribution] = ()) -> pa.Table:
    """Return the importance of every feature and of every group of features.

    It is the mean of |log factor| over the sample. Interval and ranks are those of 95 % of draws of customers with
    replacement; beside them stand the lowest and the highest of the same forecast learned under other seeds.

    Args:
        explainer: from `prepare`.
        sample: from `Explainer.sample`.
        again: from `Explainer.attribute_again`.

    Returns:
        Rows of the `importances` table, strongest first within each kind.
    """
    seeds = seed_importances(sample.said, again)
    groups, _, sums = group_sums(sample.said)
    kinds = (
        (_Kind("group", groups, sums, groups), seeds.groups),
        (_Kind("feature", sample.said.names, sample.said.values, _groups_of(explainer, sample)), seeds.features),
    )
    parts = [_ranked(explainer, sample, kind, sizes) for kind, sizes in kinds]
    return IMPORTANCES.check(pa.concat_tables(parts))


@dataclass(frozen=True, slots=True)
class SeedImportances:
    """Importances of one sample under several seeds, the forecast's own first, shape (n_seeds, n_columns)."""

    features: FloatArray
    groups: FloatArray


def seed_importances(own: Attribution, again: Sequence[Attribution]) -> SeedImportances:
    """Return the importances under every seed, by the features and groups of our own; 0 where one is not used."""
    groups, _, sums = group_sums(own)
    features, by_group = [np.abs(own.values).mean(axis=0)], [np.abs(sums).mean(axis=0)]
    for other in again:
        theirs, _, their_sums = group_sums(other)
        features.append(_looked_up(own.names, other.names, other.values))
        by_group.append(_looked_up(groups, theirs, their_sums))
    return SeedImportances(np.stack(features), np.stack(by_group))


def _looked_up(names: Sequence[str], theirs: Sequence[str], values: FloatArray) -> FloatArray:
    size = dict(zip(theirs, np.abs(values).mean(axis=0), strict=True))
    return np.array([size.get(name, 0.0) for name in names])


def drawn_importances(values: FloatArray, draws: int, seed: int) -> FloatArray:
    """Return the importances in draws of customers with replacement, shape (draws, n_columns)."""
    n = values.shape[0]
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=draws)
    drawn: FloatArray = counts @ np.abs(values) / n
    return drawn


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is ranked: its kind, the names, the contributions by name, and the group of each."""

    kind: str
    names: tuple[str, ...]
    values: FloatArray
    groups: tuple[str, ...]


def _groups_of(explainer: Explainer, sample: Sample) -> tuple[str, ...]:
    return tuple(group_of(name, helped=explainer.helped) for name in sample.said.names)


def _ranked(explainer: Explainer, sample: Sample, kind: _Kind, seeds: FloatArray) -> pa.Table:
    size = np.abs(kind.values).mean(axis=0)
    drawn = drawn_importances(kind.values, explainer.spec.bootstrap_draws, derive(explainer.seed, "importances"))
    lower, upper = np.percentile(drawn, _INSIDE, axis=0)
    best, worst = np.percentile(_ranks(drawn), _INSIDE, axis=0, method="nearest")
    order = np.argsort(-size, kind="stable")
    order = order[size[order] > 0]
    n, shown = order.size, [kind.names[i] for i in order]
    forecast, among = explainer.forecast, _ranks(seeds)
    known = len(seeds) > 1
    over_seeds = {
        "seed_lower": seeds.min(axis=0),
        "seed_upper": seeds.max(axis=0),
        "seed_rank_best": among.min(axis=0),
        "seed_rank_worst": among.max(axis=0),
    }
    return pa.table(
        {
            "horizon_days": pa.repeat(forecast.horizon_days, n),
            "target": pa.repeat(forecast.target, n),
            "model": pa.repeat(forecast.model, n),
            "kind": pa.repeat(kind.kind, n),
            "name": shown,
            "group": [kind.groups[i] for i in order],
            "label": [label(name, "en") for name in shown],
            "label_zh": [label(name, "zh") for name in shown],
            "importance": size[order],
            "lower": lower[order],
            "upper": upper[order],
            "rank": np.arange(1, n + 1),
            "rank_best": best[order].astype(np.int64),
            "rank_worst": worst[order].astype(np.int64),
            "seed_count": pa.repeat(len(seeds), n),
            **{name: pa.array(values[order], mask=np.full(n, not known)) for name, values in over_seeds.items()},
            "customer_count": pa.repeat(len(sample), n),
            "as_of": pa.repeat(pa.scalar(sample.as_of, pa.date32()), n),
        }
    )


def _ranks(sizes: FloatArray) -> IntArray:
    ranks: IntArray = np.argsort(np.argsort(-sizes, axis=1, kind="stable"), axis=1, kind="stable") + 1
    return ranks
