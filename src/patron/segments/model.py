"""The story of a segmentation: learn thresholds and a cut once, then place every customer in every scheme.

model = fit(known, prepared, spec, gap_days=(28, 70, 155), seed=7)
segments = apply(model, known, prepared)
quality = evaluate(model, segments)

`apply` gets a fitted model and cannot relearn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from patron.contracts.cards import SchemeCard
from patron.contracts.published import SEGMENTS
from patron.segments import rules, schemes
from patron.segments.fitted import SegmentModel
from patron.segments.judgement import judge
from patron.segments.learned import LEARNED, check_prepared, learn_cut
from patron.segments.methods.lifecycle import STAGES, LifecycleDays, OrderTimes, lifecycle_stages
from patron.segments.methods.value_tiers import TIERS, CumulativeValueTiers
from patron.segments.rows import FloatArray, Rows, read_rows
from patron.segments.rules import IntArray, Scores
from patron.segments.schemes import SCHEMES
from patron.segments.spec import SegmentSpec

_FALLBACK_GAPS = (60.0, 120.0)  # days; only for shops where nobody has ordered twice, and said so in the quality table


def fit(
    known: pa.Table,
    prepared: FloatArray,
    spec: SegmentSpec,
    *,
    gap_days: tuple[float, float, float] | None = None,
    seed: int,
) -> SegmentModel:
    """Learn how this shop's customers are segmented.

    Args:
        known: one snapshot of features: `customer_id`, `as_of`, `days_since_last_order`, `days_since_first_order`,
            `orders_count_lifetime`, and where the shop has them `net_revenue_sum_lifetime`, `predicted_clv`,
            `order_gap_days_mean_lifetime`, `order_gap_days_max_lifetime`, `order_value_mean_lifetime`.
        prepared: the fitted preparation of the same rows, shape (n_customers, n_prepared), finite.
        spec: the choices.
        gap_days: the shop's 50th, 80th and 95th percentile of days between consecutive orders; None: nobody has
            ordered twice.
        seed: the Plan's seed.

    Raises:
        MissingColumns, EmptyInput, InputError: `known` or `prepared` is not such a table or matrix.
    """
    rows = read_rows(known, "segments.fit")
    learned_rules = rules.learn_rules(rows, spec)
    lifecycle = _lifecycle_days(spec, gap_days)
    tier_by, edges = _learn_tiers(rows, spec)
    cut, choice = learn_cut(rows, prepared, spec, seed=seed)
    judgements = judge(choice, cut.n_learned, learned_rules, lifecycle, thresholds_known=_is_known(spec, gap_days))
    return SegmentModel(rows.as_of, rows.as_of, learned_rules, lifecycle, tier_by, edges, cut, judgements)


def known_schemes() -> tuple[str, ...]:
    """Return every name that a scheme answers to: of the rule schemes and the learned cut, and with their versions.

    >>> known_schemes()[:2]
    ('classic11', 'cn8')
    """
    return (*SCHEMES, LEARNED, *(schemes.read(name).card.key for name in SCHEMES))


def apply(model: SegmentModel, known: pa.Table, prepared: FloatArray) -> pa.Table:
    """Place every customer in every scheme.

    Args:
        model: fitted.
        known: as for `fit`; any number of rows, new customers included.
        prepared: the same fitted preparation of the same rows.

    Returns:
        The published table `segments`: one row per scheme and customer, rule schemes first, customers in the
        order of `known`.
    """
    rows = read_rows(known, "segments.apply")
    check_prepared(prepared, rows.n, "segments.apply")
    scores = rules.score(model.rules, rows)
    common = _common(model, rows, scores)
    parts = [
        _table(rules.card_of(scheme.card), found, common) for scheme, found in rules.assign(model.rules, rows, scores)
    ]
    labels, membership, distance = model.learned.assign(prepared)
    parts.append(_table(model.learned.card, labels, common | {"membership": membership, "distance": distance}))
    return SEGMENTS.check(pa.concat_tables(parts))


def _common(model: SegmentModel, rows: Rows, scores: Scores) -> dict[str, Any]:
    tiers = _tiers(model, rows)
    times = OrderTimes(rows.days_since_last, rows.days_since_first, rows.order_count, rows.last_gap_days)
    stages = lifecycle_stages(times, model.lifecycle)
    return {
        "customer_id": rows.customer_id,
        "membership": np.ones(rows.n),
        "distance": pa.nulls(rows.n, pa.float64()),
        "r_score": _score_column(scores.r),
        "f_score": _score_column(scores.f),
        "m_score": _score_column(scores.m),
        "value_tier": _words(tiers, TIERS),
        "lifecycle_stage": _words(stages, STAGES),
        "as_of": pa.array([rows.as_of], pa.date32()).take(pa.array(np.zeros(rows.n, dtype=np.int64))),
    }


def _table(card: SchemeCard, positions: IntArray, common: dict[str, Any]) -> pa.Table:
    n = positions.size
    columns = {
        **common,
        "segment_key": _words(positions, [segment.key for segment in card.segments]),
        "segment_name": _words(positions, [segment.name_en for segment in card.segments]),
        "scheme": _words(np.zeros(n, dtype=np.int64), [card.key]),
    }
    return pa.table({name: columns[name] for name in SEGMENTS.names})


def _words(positions: IntArray, words: Any) -> pa.Array:
    return pa.array(list(words), pa.string()).take(pa.array(positions))


def _score_column(scores: IntArray) -> pa.Array:
    return pa.array(scores, pa.int64(), mask=scores == 0)


def _lifecycle_days(spec: SegmentSpec, gap_days: tuple[float, float, float] | None) -> LifecycleDays:
    if spec.lifecycle_days is not None:
        return LifecycleDays(*spec.lifecycle_days)
    return LifecycleDays.from_gaps(*(_FALLBACK_GAPS if gap_days is None else gap_days[1:]))


def _is_known(spec: SegmentSpec, gap_days: tuple[float, float, float] | None) -> bool:
    return spec.lifecycle_days is not None or gap_days is not None


def _learn_tiers(rows: Rows, spec: SegmentSpec) -> tuple[str, tuple[float, ...]]:
    by = "predicted_clv" if spec.tier_by == "predicted_clv" and rows.predicted is not None else "net_revenue"
    by = "orders" if by == "net_revenue" and rows.money is None else by
    edges = CumulativeValueTiers().fit(_worth(rows, by)[:, None]).edges_[0]
    return by, tuple(float(edge) for edge in edges)


def _tiers(model: SegmentModel, rows: Rows) -> IntArray:
    worth = np.nan_to_num(_worth(rows, model.tier_by))
    tiers: IntArray = (worth[:, None] < np.asarray(model.tier_edges)).sum(axis=1)
    return tiers


def _worth(rows: Rows, by: str) -> FloatArray:
    found = {"predicted_clv": rows.predicted, "net_revenue": rows.money, "orders": rows.order_count}[by]
    return np.zeros(rows.n) if found is None else found
