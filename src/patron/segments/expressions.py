"""Customers in segments, as expressions over a feature table: what `apply` does with arrays, an engine does itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from patron.contracts.cards import SchemeCard
from patron.ground.errors import InputError, PlanError
from patron.segments import definitions, rule_expressions
from patron.segments.fitted import SegmentModel
from patron.segments.learned import LEARNED, LearnedCut
from patron.segments.methods.k_means import KMeansSegmenter
from patron.segments.methods.value_tree import ValueTreeSegmenter
from patron.segments.schemes import Scheme

Prepare = Callable[[ir.Table], Mapping[str, ir.FloatingValue]]
_SCORES = ("r_score", "f_score", "m_score")
_KEPT = ("customer_id", "as_of", *_SCORES)
_POSITION = rule_expressions.POSITION


def segment_steps(model: SegmentModel, scheme: str, known: ir.Table, prepare: Prepare) -> dict[str, ir.Table]:
    """Place every row of a feature table in one scheme, in steps: each reads the one before it by its name.

    In one expression every score would be written out wherever it is read, some hundred times.

    Args:
        model: fitted.
        scheme: its key, such as "classic11-1" or "learned", or its name without the version.
        known: `customer_id`, `as_of` and features; NULL means absent.
        prepare: returns the prepared columns of a feature table, in their order; only the learned cut asks for them.

    Returns:
        The steps by name; the last one has `customer_id`, `as_of`, `scheme`, `segment_key`, `segment_name`,
        `r_score`, `f_score` and `m_score`.

    Raises:
        PlanError: the model holds no such scheme.
        InputError: the learned cut is not a formula that a database can run.
    """
    scores = rule_expressions.scored(model.rules.published, known)
    kept = {"customer_id": known.customer_id, "as_of": known.as_of}
    kept |= {name: getattr(scores, name[0]).nullif(0) for name in _SCORES}
    steps = _Steps()
    if scheme == LEARNED:
        card = model.learned.card
        _in_cut(steps, model.learned, known, kept, prepare)
    else:
        card = _by_rules(steps, model, _found(model, scheme), known, kept)
    placed = steps.last
    steps.add(
        "segments",
        placed.select(
            "customer_id",
            "as_of",
            scheme=ibis.literal(card.key),
            segment_key=_word(placed[_POSITION], [segment.key for segment in card.segments]),
            segment_name=_word(placed[_POSITION], [segment.name_en for segment in card.segments]),
            **{name: placed[name] for name in _SCORES},
        ),
    )
    return steps.tables


def reads_forecast(model: SegmentModel, scheme: str) -> bool:
    """Tell whether a scheme reads `predicted_clv` besides the features."""
    if scheme == LEARNED:
        return model.rules.money == "predicted"  # its rows carry the scores too
    by_tiers = _found(model, scheme).reads in ("value_tiers", "value_percentiles")
    return model.rules.money == "predicted" or (by_tiers and model.tier_by == "predicted_clv")


class _Steps:
    """Named expressions, each of which reads the last one as a table that is there."""

    def __init__(self) -> None:
        self.tables: dict[str, ir.Table] = {}

    def add(self, name: str, table: ir.Table) -> None:
        self.tables[name] = table

    @property
    def last(self) -> ir.Table:
        name = list(self.tables)[-1]
        return ibis.table(self.tables[name].schema(), name=name)


def _found(model: SegmentModel, scheme: str) -> Scheme:
    found = next((one for one in model.rules.schemes if scheme in (one.name, one.card.key)), None)
    if found is None:
        there = [*(one.card.key for one in model.rules.schemes), LEARNED]
        raise PlanError.unknown_choice("Segment scheme", scheme, there)
    return found


def _by_rules(
    steps: _Steps, model: SegmentModel, scheme: Scheme, known: ir.Table, kept: Mapping[str, Any]
) -> SchemeCard:
    rules, ladders = model.rules, model.ladders
    steps.add("scored", known.select(**kept, **rule_expressions.columns(scheme, rules, ladders, known)))
    scored = steps.last
    steps.add("placed", scored.select(*_KEPT, **{_POSITION: rule_expressions.positions(scheme, scored)}))
    return definitions.card_of(scheme, rules, ladders)


def _in_cut(steps: _Steps, cut: LearnedCut, known: ir.Table, kept: Mapping[str, Any], prepare: Prepare) -> None:
    if cut.segmenter is None:
        steps.add("placed", known.select(**kept, **{_POSITION: ibis.literal(0)}))
        return
    kind = next((kind for kind in _FORMULAS if isinstance(cut.segmenter, kind)), None)
    if kind is None:
        raise InputError(
            f"A cut by {cut.method} is not a formula that a database can run.\n"
            "Next: `patron segments sql` writes the rules that imitate it, with how often they are right."
        )
    read = {f"x{i}": column for i, column in enumerate(prepare(known).values())}
    steps.add("prepared", known.select(**kept, **read))
    label = _FORMULAS[kind](steps, cut.segmenter, list(read))
    position = ibis.cases(*((label == i, int(at)) for i, at in enumerate(cut.positions)), else_=len(cut.positions))
    steps.add("placed", steps.last.select(*_KEPT, **{_POSITION: position}))


def _by_leaves(steps: _Steps, tree: ValueTreeSegmenter, names: list[str]) -> ir.IntegerValue:
    prepared = steps.last
    branches = []
    for label, rule in enumerate(tree.rules_):
        conditions = [
            prepared[names[feature]] <= at if how == "<=" else prepared[names[feature]] > at
            for feature, how, at in rule
        ]
        branches.append((ibis.and_(*conditions), label))
    steps.add("leaves", prepared.select(*_KEPT, label=ibis.cases(*branches, else_=0)))
    return steps.last.label


def _by_centres(steps: _Steps, model: KMeansSegmenter, names: list[str]) -> ir.IntegerValue:
    """Return the first of the centres from which the squared distance is least."""
    prepared = steps.last
    away = {f"away_{i}": _squared([prepared[name] for name in names], c) for i, c in enumerate(model.cluster_centers_)}
    steps.add("distances", prepared.select(*_KEPT, **away))
    far = steps.last
    least = ibis.least(*(far[name] for name in away))
    steps.add("nearest", far.select(*_KEPT, *away, least=least))
    near = steps.last
    return ibis.cases(*((near[name] == near.least, i) for i, name in enumerate(away)), else_=0)


def _squared(columns: list[ir.FloatingValue], centre: Any) -> ir.FloatingValue:
    first, *rest = ((column - float(at)) * (column - float(at)) for column, at in zip(columns, centre, strict=True))
    for one in rest:
        first = first + one
    return first


def _word(position: ir.IntegerValue, words: list[str]) -> ir.StringValue:
    return ibis.cases(*((position == i, word) for i, word in enumerate(words)), else_=ibis.null("string"))


_FORMULAS: Mapping[type, Callable[[_Steps, Any, list[str]], ir.IntegerValue]] = {
    ValueTreeSegmenter: _by_leaves,
    KMeansSegmenter: _by_centres,
}
