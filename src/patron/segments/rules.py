"""The rule schemes at work: learn thresholds once, then read every customer's segment off each scheme's table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from patron.ground.errors import PlanError
from patron.segments import schemes, scores
from patron.segments.high_low import HighLow, high_or_low, learn_high_low
from patron.segments.methods.personal_cadence import OVERDUE, UNKNOWN, WITHIN, own_rhythm
from patron.segments.rows import Rows
from patron.segments.schemes import GridScheme, Scheme
from patron.segments.scores import IntArray, Money, Scale, Scorers, Scores
from patron.segments.spec import SegmentSpec

PUBLISHED_SCORES = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything learned that the rule schemes need.

    Args:
        schemes: those that are read, in their order.
        left_out: keys of schemes that were asked for and need money that the shop's data lack.
        scorers: the thresholds of every scale in use.
        high_low: what is high; None for shops without money.
        money: what M is wherever a scheme does not say otherwise: "total" or "predicted".
        one_order_cap, personal_cadence: the options, for the schemes that have them.
    """

    schemes: tuple[Scheme, ...]
    left_out: tuple[str, ...]
    scorers: Mapping[Scale, Scorers]
    high_low: HighLow | None
    money: Money
    one_order_cap: bool
    personal_cadence: bool

    @property
    def published(self) -> Scorers:
        """The scorers of `r_score`, `f_score` and `m_score`, 1-5."""
        return self.scorers[Scale(PUBLISHED_SCORES, self.money)]

    def scale_of(self, scheme: GridScheme) -> Scale:
        """Return how a scheme's customers are scored."""
        money = scheme.money if self.money == "total" else self.money
        return Scale(PUBLISHED_SCORES if scheme.reads == "high_low" else scheme.n_scores, money)


@dataclass(frozen=True, slots=True)
class Placed:
    """Every customer's position in one scheme's card, and whom their own rhythm has moved there (1, -1, else 0)."""

    scheme: Scheme
    positions: IntArray
    moved: IntArray


def learn_rules(rows: Rows, spec: SegmentSpec, chosen: Sequence[Scheme]) -> Rules:
    """Learn score thresholds and cn8's thresholds from all customers with an order."""
    has_forecast = spec.rules.m_source == "predicted_clv" and rows.predicted is not None
    money: Money = "predicted" if has_forecast else "total"
    high_low = learn_high_low(rows, spec.rules.cn8_threshold, money)
    is_readable = [scheme.reads != "high_low" or high_low is not None for scheme in chosen]
    readable = tuple(scheme for scheme, is_it in zip(chosen, is_readable, strict=True) if is_it)
    left_out = tuple(scheme.card.key for scheme, is_it in zip(chosen, is_readable, strict=True) if not is_it)
    rules = Rules(readable, left_out, {}, high_low, money, spec.rules.one_order_cap, spec.rules.personal_cadence)
    scales = {Scale(PUBLISHED_SCORES, money), *(rules.scale_of(it) for it in readable if isinstance(it, GridScheme))}
    return replace(rules, scorers={scale: scores.learn_scorers(rows, scale) for scale in sorted(scales)})


def assign(rules: Rules, rows: Rows, known: Scores, ladders: Mapping[str, IntArray]) -> Iterator[Placed]:
    """Yield each scheme with every customer's position in its card.

    Args:
        rules: fitted.
        rows: the customers.
        known: their published scores; who has none has not ordered, and is in the last position, the prospects.
        ladders: positions of the schemes that have no cells, by what they read.
    """
    rhythm = own_rhythm(rows.days_since_last, rows.usual_gap_days, rows.order_count)
    for scheme in rules.schemes:
        if isinstance(scheme, GridScheme):
            found, moved = _in_cells(rules, rows, scheme, rhythm)
        else:
            found, moved = ladders[scheme.reads], _nobody(rows)
        placed = (known.r > 0) | (scheme.reads == "lifecycle")  # which has a place for those without an order
        yield Placed(scheme, np.where(placed, found, len(scheme.card.segments)), np.where(placed, moved, UNKNOWN))


def _in_cells(rules: Rules, rows: Rows, scheme: GridScheme, rhythm: IntArray) -> tuple[IntArray, IntArray]:
    if scheme.reads == "high_low" and rules.high_low is not None:
        return scheme.table.look_up(*high_or_low(rules.high_low, rows, rules.money), lowest=0), _nobody(rows)
    r, f, m = _cells(rules, rows, scheme)
    found = scheme.table.look_up(r, f, m)
    if scheme.at_risk is None or not rules.personal_cadence:
        return found, _nobody(rows)
    middle = (scheme.n_scores + 1) // 2
    overdue, within = (rhythm == OVERDUE) & (r >= middle), (rhythm == WITHIN) & (r < middle)
    rescued = scheme.table.look_up(np.maximum(r, middle), f, m)
    rescued = np.where(rescued == scheme.at_risk, found, rescued)
    own = np.select([overdue, within], [np.full_like(found, scheme.at_risk), rescued], found)
    return own, np.where(own == found, UNKNOWN, rhythm)


def _cells(rules: Rules, rows: Rows, scheme: GridScheme) -> tuple[IntArray, IntArray, IntArray]:
    found = scores.score(rules.scorers[rules.scale_of(scheme)], rows)
    r, f = np.maximum(found.r, 1), np.maximum(found.f, 1)
    m = np.where(found.m > 0, found.m, f)  # without money FM is F
    if rules.one_order_cap and scheme.has_one_order_cap:
        once = rows.order_count == 1
        f, m = np.where(once, 1, f), np.where(once, 1, m)
    return r, f, m


def _nobody(rows: Rows) -> IntArray:
    return np.full(rows.n, UNKNOWN, dtype=np.int64)


def to_parts(rules: Rules) -> dict[str, Any]:
    """Return the rules as JSON-able values; a scheme of the shop's own is kept whole, a shipped one by its key."""
    high_low = rules.high_low
    return {
        "schemes": [it.card.key if it.name in schemes.SCHEMES else dict(it.said) for it in rules.schemes],
        "left_out": list(rules.left_out),
        "scorers": [scores.to_parts(one) for one in rules.scorers.values()],
        "high_low": None if high_low is None else [high_low.days, high_low.orders, high_low.money, high_low.how],
        "money": rules.money,
        "one_order_cap": rules.one_order_cap,
        "personal_cadence": rules.personal_cadence,
    }


def from_parts(parts: Mapping[str, Any]) -> Rules:
    """Rebuild the rules from `to_parts`.

    Raises:
        PlanError: a scheme that comes with Patron has another version by now.
    """
    learned = [scores.from_parts(one) for one in parts["scorers"]]
    return Rules(
        tuple(_scheme(one) for one in parts["schemes"]),
        tuple(parts["left_out"]),
        {one.scale: one for one in learned},
        None if parts["high_low"] is None else HighLow(*parts["high_low"]),
        parts["money"],
        bool(parts["one_order_cap"]),
        bool(parts["personal_cadence"]),
    )


def _scheme(said: str | Mapping[str, Any]) -> Scheme:
    if not isinstance(said, str):
        return schemes.parse(said, where="a scheme of the shop's own")
    scheme = schemes.read(said.rsplit("-", 1)[0])
    if scheme.card.key != said:
        raise PlanError(f"The model was made with {said}; this Patron has {scheme.card.key}.\nNext: run again.")
    return scheme
