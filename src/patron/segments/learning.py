"""Learning a cut: choose K on a stated sample, order the segments best first, and name them by rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.ground.errors import InputError
from patron.ground.seeds import derive
from patron.segments.learned import EVERYONE, UNLIKE, LearnedCut, card_of
from patron.segments.methods.choosing_k import Cut, KChoice, KLimits, choose_k, no_cut
from patron.segments.methods.drift import Population
from patron.segments.methods.naming import Standing, name_all
from patron.segments.methods.profiling import relative_standing
from patron.segments.methods.segmenter import NEED_VALUE, Segmenter
from patron.segments.methods.ways import Way
from patron.segments.rows import FloatArray, Rows
from patron.segments.spec import SegmentSpec

IntArray = NDArray[np.int64]

_STEADY = 0  # the same customers make the same cut, whatever the Plan's seed
_RESAMPLES, _RESAMPLE_ROWS = 20, 2_000  # tell a Jaccard of 0.6 from one of 0.7, in a fifth of the time of fifty


@dataclass(frozen=True, slots=True)
class Taught:
    """Past customers and what they then brought: what a cut by value is learned from.

    Args:
        prepared: the same preparation of the same features, of customers at a past day, shape (n, n_prepared).
        value: their net revenue in the window after it, shape (n,).
    """

    prepared: FloatArray
    value: FloatArray


def learn_cut(
    rows: Rows, prepared: FloatArray, spec: SegmentSpec, *, method: str, taught: Taught | None = None
) -> tuple[LearnedCut, KChoice]:
    """Cut a sample of customers into segments and name them.

    Args:
        rows: what names are made of, one entry a customer.
        prepared: the same customers, shape (n, n_prepared), finite.
        spec: how many segments, how small, and learned from how many.
        method: one of `SEGMENTERS`.
        taught: for a method that learns from what customers brought.

    Raises:
        InputError: `prepared` has another number of rows than `rows`, or holds NaN or infinity; or the method needs
            `taught`, and there is none.
    """
    check_prepared(prepared, rows.n, "segments.fit")
    drawn = _drawn(rows.n, spec.learning_customers)
    part = prepared[drawn]
    limits = KLimits(
        k_min=spec.k_min,
        k_max=spec.k_max,
        smallest_share=spec.smallest_share,
        silhouette_rows=spec.learning_customers,
        n_resamples=_RESAMPLES,
        resample_rows=_RESAMPLE_ROWS,
    )
    matrix, way = _to_learn_from(part, method, taught, spec)
    if rows.is_one_day:
        choice = no_cut("one_day")
    else:
        choice = choose_k(matrix, limits, way, seed=derive(_STEADY, "segments", method))
    if choice.cut is None:
        return _everyone(part, method, choice), choice
    return _named(rows, drawn, part, method, choice, choice.cut), choice


def cut_into(prepared: FloatArray, spec: SegmentSpec, *, method: str, taught: Taught | None, k: int) -> Segmenter:
    """Return the same method fitted for a number of segments that is settled; one that finds its own finds it again.

    Raises:
        InputError: the method needs `taught`, and there is none.
    """
    drawn = _drawn(prepared.shape[0], spec.learning_customers)
    matrix, way = _to_learn_from(prepared[drawn], method, taught, spec)
    return way.fit(matrix, k, derive(_STEADY, "segments", method))


def check_prepared(prepared: FloatArray, n_rows: int, where: str) -> None:
    """Refuse a prepared matrix that does not belong to the feature table.

    Raises:
        InputError: the number of rows differs, or a value is not finite.
    """
    if prepared.ndim != 2 or prepared.shape[0] != n_rows:
        raise InputError(
            f"{where}: `prepared` has shape {prepared.shape} and `known` has {n_rows} rows.\n"
            "Next: prepare exactly the rows of `known`, in their order."
        )
    if not np.isfinite(prepared).all():
        raise InputError(
            f"{where}: `prepared` holds NaN or infinity.\nNext: prepare features with features.Preparation."
        )


def _to_learn_from(part: FloatArray, method: str, taught: Taught | None, spec: SegmentSpec) -> tuple[FloatArray, Way]:
    if method not in NEED_VALUE:
        return part, Way(method, smallest_share=spec.smallest_share)
    if taught is None:
        raise InputError(
            f"segments.fit: {method!r} learns from what customers brought, and no past with a whole window after it "
            'came.\nNext: take another segments.method, such as "k_means", until the history is longer.'
        )
    drawn = _drawn(taught.value.size, spec.learning_customers)
    return taught.prepared[drawn], Way(method, taught.value[drawn], spec.smallest_share)


def _everyone(part: FloatArray, method: str, choice: KChoice) -> LearnedCut:
    n = part.shape[0]
    population = Population.learn(part, np.zeros(n, dtype=np.int64), np.zeros(n), 1)
    card = card_of([EVERYONE], choice.why_en, choice.why_zh)
    return LearnedCut(method, None, np.zeros(1, dtype=np.int64), population, card, n)


def _named(rows: Rows, drawn: IntArray, part: FloatArray, method: str, choice: KChoice, cut: Cut) -> LearnedCut:
    labels, _, distances = cut.model.assign(part)
    standings = _standings(rows, drawn, labels, cut.k)
    noise = getattr(cut.model, "noise_label_", None)
    best_first = sorted(range(cut.k), key=lambda i: (i == noise, -_worth(standings[i])))
    positions = np.empty(cut.k, dtype=np.int64)
    positions[best_first] = np.arange(cut.k)
    names = name_all([standings[i] for i in best_first if i != noise]) + ([] if noise is None else [UNLIKE])
    population = Population.learn(part, positions[labels], distances, cut.k)
    card = card_of(names, choice.why_en, choice.why_zh)
    marks = tuple(name.marks for name in names)
    return LearnedCut(method, cut.model, positions, population, card, part.shape[0], marks)


def _drawn(n: int, most: int) -> IntArray:
    """Take every n-th customer: pseudonyms are random, so that any regular draw is a random one."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64))


def _standings(rows: Rows, drawn: IntArray, labels: IntArray, n_segments: int) -> list[Standing]:
    """Say where each segment's members stand; names do not speak of what is the same for everyone."""

    def means(values: FloatArray | None) -> list[float] | list[None]:
        part = None if values is None else values[drawn]
        return [None] * n_segments if part is None or _is_constant(part) else _group_means(part, labels, n_segments)

    orders = np.nan_to_num(rows.order_count[drawn])
    members = [orders[labels == i] for i in range(n_segments)]
    medians = [float(np.median(them)) if them.size else 0.0 for them in members]
    silence, often, money = means(rows.days_since_last), means(rows.order_count), means(rows.money)
    tenure, order_value = means(rows.days_since_first), means(rows.order_value)
    others = {key: means(values) for key, values in rows.others.items()}
    return [
        Standing(
            silence[i],
            often[i],
            money[i],
            tenure[i],
            order_value[i],
            medians[i],
            {key: mean for key, found in others.items() if (mean := found[i]) is not None},
        )
        for i in range(n_segments)
    ]


def _is_constant(values: FloatArray) -> bool:
    known = values[~np.isnan(values)]
    return known.size == 0 or bool(known.min() == known.max())


def _group_means(values: FloatArray, labels: IntArray, n_segments: int) -> list[float]:
    standing = np.nan_to_num(relative_standing(values[:, None])[:, 0])
    counts = np.bincount(labels, minlength=n_segments)
    return [float(mean) for mean in np.bincount(labels, standing, n_segments) / np.maximum(counts, 1)]


def _worth(one: Standing) -> float:
    shown = (one.orders or 0.0) - (one.silence or 0.0)
    return shown if one.money is None else one.money + 0.1 * shown
