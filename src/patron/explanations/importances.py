"""What moves forecasts over all customers: the mean size of each contribution, how surely, and at which rank."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from patron.contracts.published import IMPORTANCES
from patron.explanations.explainer import Explainer, matrix_of
from patron.explanations.groups import group_of
from patron.explanations.reasons import group_sums
from patron.explanations.vocabulary import label
from patron.ground.seeds import derive

FloatArray = NDArray[np.float64]
_INSIDE = (2.5, 97.5)


def importances(explainer: Explainer, sample: pa.Table) -> pa.Table:
    """Return the importance of every feature and of every group of features.

    It is the mean of |log factor| over the sample. Interval and ranks are those of 95 % of draws of customers with
    replacement; the model itself is not learned again.

    Args:
        explainer: from `prepare`.
        sample: customers drawn from everyone, with the forecast's features.

    Returns:
        Rows of the `importances` table, strongest first within each kind.
    """
    sample = sample.slice(0, explainer.sample_size)
    said = explainer.attribute(matrix_of(sample, explainer.forecast.features))
    groups, _, sums = group_sums(said)
    parts = [
        _ranked(explainer, sample, "group", groups, sums, lambda name: name),
        _ranked(explainer, sample, "feature", said.names, said.values, partial(group_of, helped=explainer.helped)),
    ]
    return IMPORTANCES.check(pa.concat_tables(parts))


def drawn_importances(values: FloatArray, draws: int, seed: int) -> FloatArray:
    """Return the importances in draws of customers with replacement, shape (draws, n_columns)."""
    n = values.shape[0]
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=draws)
    drawn: FloatArray = counts @ np.abs(values) / n
    return drawn


def _ranked(
    explainer: Explainer,
    sample: pa.Table,
    kind: str,
    names: tuple[str, ...],
    values: FloatArray,
    group: Callable[[str], str],
) -> pa.Table:
    size = np.abs(values).mean(axis=0)
    drawn = drawn_importances(values, explainer.spec.bootstrap_draws, derive(explainer.seed, "importances"))
    lower, upper = np.percentile(drawn, _INSIDE, axis=0)
    ranks = np.argsort(np.argsort(-drawn, axis=1, kind="stable"), axis=1, kind="stable") + 1
    best, worst = np.percentile(ranks, _INSIDE, axis=0, method="nearest")
    order = np.argsort(-size, kind="stable")
    order = order[size[order] > 0]
    n, shown = order.size, [names[i] for i in order]
    forecast = explainer.forecast
    return pa.table(
        {
            "horizon_days": pa.repeat(forecast.horizon_days, n),
            "target": pa.repeat(forecast.target, n),
            "model": pa.repeat(forecast.model, n),
            "kind": pa.repeat(kind, n),
            "name": shown,
            "group": [group(name) for name in shown],
            "label": [label(name, "en") for name in shown],
            "label_zh": [label(name, "zh") for name in shown],
            "importance": size[order],
            "lower": lower[order],
            "upper": upper[order],
            "rank": np.arange(1, n + 1),
            "rank_best": best[order].astype(np.int64),
            "rank_worst": worst[order].astype(np.int64),
            "customer_count": pa.repeat(sample.num_rows, n),
            "as_of": pa.repeat(sample["as_of"][0], n),
        }
    )
