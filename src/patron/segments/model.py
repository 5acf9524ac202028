"""The story of a segmentation: learn thresholds and a cut once, then place every customer in every scheme.

model = fit(known, prepared, spec, gap_days=(28, 70, 155))
segments = apply(model, known, prepared)
quality = evaluate(model, segments)

`apply` gets a fitted model and cannot relearn.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from patron.contracts.segment_tables import SEGMENTS
from patron.segments import placements, rule_placements, schemes
from patron.segments.fitted import SegmentModel
from patron.segments.judgement import Judgement, judge
from patron.segments.learned import LEARNED, LearnedCut
from patron.segments.learning import Taught, check_prepared, learn_cut
from patron.segments.methods.segmenter import NEED_VALUE
from patron.segments.rows import FloatArray, read_rows
from patron.segments.rule_judgements import judge_rules
from patron.segments.schemes import SCHEMES, Scheme
from patron.segments.spec import SegmentSpec
from patron.segments.worth import RFM, HeldOutWorth

_UNPROVEN = (
    "The history is too short to say what they add to RFM in money.",
    "历史太短，无法说明它们在金额上比 RFM 多出什么。",
)
_AGAINST_RFM = ("held_out_gini_gain", f"{LEARNED}/{RFM}")


def fit(
    known: pa.Table,
    prepared: FloatArray,
    spec: SegmentSpec,
    *,
    gap_days: tuple[float, float, float] | None = None,
    own_schemes: Sequence[Scheme] = (),
    taught: Taught | None = None,
) -> SegmentModel:
    """Learn how this shop's customers are segmented.

    Nothing hangs on luck: where many customers are, every n-th is learned from, and starts, folds and resamples have
    seeds of their own, so the same customers make the same segments.

    Args:
        known: one snapshot of features: `customer_id`, `as_of`, `days_since_last_order`, `days_since_first_order`,
            `orders_count_lifetime`, and where the shop has them `net_revenue_sum_lifetime`, `predicted_clv`,
            `order_gap_days_mean_lifetime`, `order_gap_days_max_lifetime`, `order_value_mean_lifetime`.
        prepared: the fitted preparation of the same rows, shape (n_customers, n_prepared), finite.
        spec: the choices.
        gap_days: the shop's 50th, 80th and 95th percentile of days between consecutive orders; None: nobody has
            ordered twice.
        own_schemes: the shop's own schemes, read with `load_scheme` from the files that `spec` names.
        taught: past customers with what they then brought. A cut by value needs them; without, K-Means takes its place.

    Raises:
        MissingColumns, EmptyInput, InputError: `known` or `prepared` is not such a table or matrix.
    """
    rows = read_rows(known, "segments.fit")
    learned_rules, ladders = rule_placements.learn(rows, spec, gap_days, own_schemes)
    method = "value_tree" if spec.method == "auto" else spec.method
    method = "k_means" if taught is None and method in NEED_VALUE else method
    cut, choice = learn_cut(rows, prepared, spec, method=method, taught=taught)
    is_known = spec.lifecycle_days is not None or gap_days is not None
    told = judge_rules(learned_rules, ladders.lifecycle, thresholds_known=is_known, m_source=spec.rules.m_source)
    judged = (*judge(choice, cut.n_learned), *told)
    return SegmentModel(rows.as_of, rows.as_of, learned_rules, ladders, cut, judged)


def prove(model: SegmentModel, spec: SegmentSpec, held_out: HeldOutWorth | None) -> SegmentModel:
    """Add what held-out time says of the learned cut, and withhold a cut that RFM quintiles outdo there.

    Args:
        model: fitted.
        spec: it may publish what is unproven.
        held_out: what `judge_on_held_out` found of the same method and number of segments; None: there was too little
            past to judge, and the cut is published.

    Returns:
        The model; one whose cut is none already is returned as it is.
    """
    if model.learned.segmenter is None:
        return model
    judged = (*model.judgements, *_worth_of(held_out))
    return replace(model, learned=_proven(model.learned, spec, held_out), judgements=judged)


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
    placed = rule_placements.place(model.rules, model.ladders, rows)
    labels, membership, distance = model.learned.assign(prepared)
    fits = model.learned.population.fits(labels, distance)
    learned = placed.common | {"membership": membership, "distance": distance, "fits_segment": fits}
    return SEGMENTS.check(pa.concat_tables([*placed.tables, placements.table(model.learned.card, labels, learned)]))


def _proven(cut: LearnedCut, spec: SegmentSpec, held_out: HeldOutWorth | None) -> LearnedCut:
    """Add what held-out time says of the cut to its meaning, and withhold it where that speaks against it."""
    if held_out is None:
        en, zh = f"{cut.card.meaning_en} {_UNPROVEN[0]}", f"{cut.card.meaning_zh}{_UNPROVEN[1]}"
        return replace(cut, card=replace(cut.card, meaning_en=en, meaning_zh=zh))
    if not held_out.keeps and spec.unproven == "withhold":
        return cut.withheld(held_out.why_en, held_out.why_zh)
    card = cut.card
    en, zh = f"{card.meaning_en} {held_out.why_en}", f"{card.meaning_zh}{held_out.why_zh}"
    return replace(cut, card=replace(card, meaning_en=en, meaning_zh=zh))


def _worth_of(held_out: HeldOutWorth | None) -> tuple[Judgement, ...]:
    if held_out is None:
        told = "info: too little past: two days a whole forecast window apart are needed, with a window after each"
        return (Judgement("earns_its_keep", LEARNED, None, told, reason=json.dumps({"key": "worth_unknown"})),)
    numbers = {"learned_at": str(held_out.learned_at), "judged_at": str(held_out.judged_at)}
    reason = json.dumps({"key": "worth_keeps" if held_out.keeps else "worth_rfm_enough", **numbers})
    told = f"{'good' if held_out.keeps else 'refused'}: {held_out.why_en}"
    gini = next((it for it in held_out.judgements if (it.measure, it.slice) == _AGAINST_RFM), None)
    found = (None,) * 4 if gini is None else (gini.value, gini.lower, gini.upper, gini.baseline)
    verdict = Judgement("earns_its_keep", LEARNED, found[0], told, *found[1:], reason)
    return (verdict, *held_out.judgements)
