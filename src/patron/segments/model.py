"""The story of a segmentation: learn thresholds and a cut once, then place every customer in every scheme.

model = fit(known, prepared, spec, gap_days=(28, 70, 155), seed=7)
segments = apply(model, known, prepared)
quality = evaluate(model, segments)

`apply` gets a fitted model and cannot relearn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from patron.contracts.published import SEGMENTS
from patron.segments import definitions, placements, rules, schemes, scores
from patron.segments.definitions import Ladders
from patron.segments.fitted import SegmentModel
from patron.segments.judgement import judge
from patron.segments.learned import LEARNED, check_prepared, learn_cut
from patron.segments.methods.lifecycle import LifecycleDays, OrderTimes, lifecycle_stages
from patron.segments.methods.value_tiers import CumulativeValueTiers, PercentileValueTiers
from patron.segments.rows import FloatArray, Rows, read_rows
from patron.segments.rule_judgements import judge_rules
from patron.segments.schemes import SCHEMES, Scheme
from patron.segments.scores import IntArray
from patron.segments.spec import SegmentSpec

_FALLBACK_GAPS = (60.0, 120.0)  # days; only for shops where nobody has ordered twice, and said so in the quality table


def fit(
    known: pa.Table,
    prepared: FloatArray,
    spec: SegmentSpec,
    *,
    gap_days: tuple[float, float, float] | None = None,
    own_schemes: Sequence[Scheme] = (),
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
        own_schemes: the shop's own schemes, read with `load_scheme` from the files that `spec` names.
        seed: the Plan's seed.

    Raises:
        MissingColumns, EmptyInput, InputError: `known` or `prepared` is not such a table or matrix.
    """
    rows = read_rows(known, "segments.fit")
    chosen = (*(schemes.read(name) for name in dict.fromkeys(spec.rules.schemes)), *own_schemes)
    learned_rules = rules.learn_rules(rows, spec, chosen)
    ladders = _ladders(rows, spec, gap_days)
    cut, choice = learn_cut(rows, prepared, spec, seed=seed)
    is_known = spec.lifecycle_days is not None or gap_days is not None
    told = judge_rules(learned_rules, ladders.lifecycle, thresholds_known=is_known, m_source=spec.rules.m_source)
    return SegmentModel(rows.as_of, rows.as_of, learned_rules, ladders, cut, (*judge(choice, cut.n_learned), *told))


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
    found = scores.score(model.rules.published, rows)
    ladders = _positions(model.ladders, rows)
    common = placements.columns_of_all(rows, found, ladders["lifecycle"], ladders["value_tiers"])
    parts = []
    for placed in rules.assign(model.rules, rows, found, ladders):
        card = definitions.card_of(placed.scheme, model.rules, model.ladders)
        reasons = placements.because(rows, placed.moved) if placed.moved.any() else {}
        parts.append(placements.table(card, placed.positions, common | reasons))
    labels, membership, distance = model.learned.assign(prepared)
    learned = common | {"membership": membership, "distance": distance}
    return SEGMENTS.check(pa.concat_tables([*parts, placements.table(model.learned.card, labels, learned)]))


def _ladders(rows: Rows, spec: SegmentSpec, gap_days: tuple[float, float, float] | None) -> Ladders:
    by = "predicted_clv" if spec.tier_by == "predicted_clv" and rows.predicted is not None else "net_revenue"
    by = "orders" if by == "net_revenue" and rows.money is None else by
    worth = _worth(rows, by)[:, None]
    edges = [way().fit(worth).edges_[0] for way in (CumulativeValueTiers, PercentileValueTiers)]
    by_value, by_rank = (tuple(float(edge) for edge in each) for each in edges)
    return Ladders(_lifecycle_days(spec, gap_days), by, by_value, by_rank)


def _lifecycle_days(spec: SegmentSpec, gap_days: tuple[float, float, float] | None) -> LifecycleDays:
    if spec.lifecycle_days is not None:
        return LifecycleDays(*spec.lifecycle_days)
    return LifecycleDays.from_gaps(*(_FALLBACK_GAPS if gap_days is None else gap_days[1:]))


def _positions(ladders: Ladders, rows: Rows) -> dict[str, IntArray]:
    times = OrderTimes(rows.days_since_last, rows.days_since_first, rows.order_count, rows.last_gap_days)
    worth = np.nan_to_num(_worth(rows, ladders.tier_by))[:, None]
    return {
        "lifecycle": lifecycle_stages(times, ladders.lifecycle),
        "value_tiers": (worth < np.asarray(ladders.tier_edges)).sum(axis=1),
        "value_percentiles": (worth < np.asarray(ladders.percentile_edges)).sum(axis=1),
    }


def _worth(rows: Rows, by: str) -> FloatArray:
    found = {"predicted_clv": rows.predicted, "net_revenue": rows.money, "orders": rows.order_count}[by]
    return np.zeros(rows.n) if found is None else found
