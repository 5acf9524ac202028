"""The published definition of a scheme in this shop: its version, and the very cuts that customers were read with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.segments.methods.lifecycle import STAGES, LifecycleDays
from patron.segments.rows import FloatArray
from patron.segments.rules import Rules
from patron.segments.schemes import GridScheme, Scheme
from patron.segments.scores import Scorers

Pair = tuple[str, str]  # English, Chinese

PROSPECT = SegmentCard(
    "prospects", "Prospects", "潜客", "Known to the shop, without an order.", "已知但尚未下单。", "#d9d9d9", 99,
    "no order", "无订单",
)  # fmt: skip
_MONEY: dict[str, Pair] = {
    "total": ("net revenue so far", "累计净消费"),
    "mean_order": ("mean order value", "平均每单金额"),
    "predicted": ("predicted value", "预测价值"),
}
_WORTH: dict[str, Pair] = {
    "predicted_clv": ("predicted value", "预测价值"),
    "net_revenue": ("net revenue so far", "累计净消费"),
    "orders": ("orders so far", "累计订单数"),
}
_NOBODYS = 1e300  # an edge that no value reaches
_LEAST = 1e-300  # an edge that any value above zero reaches


@dataclass(frozen=True, slots=True)
class Ladders:
    """What the schemes without cells were read with: silences in days, and the tiers' lower edges, best first."""

    lifecycle: LifecycleDays
    tier_by: str
    tier_edges: tuple[float, ...]
    percentile_edges: tuple[float, ...]


def cards(rules: Rules, ladders: Ladders) -> tuple[SchemeCard, ...]:
    """Return every scheme that is read as people see it, with this shop's cuts and its prospects."""
    return tuple(card_of(scheme, rules, ladders) for scheme in rules.schemes)


def card_of(scheme: Scheme, rules: Rules, ladders: Ladders) -> SchemeCard:
    """Return one scheme's card with this shop's cuts; the segment of those who never ordered is its last."""
    card = scheme.card
    if isinstance(scheme, GridScheme):
        return _told(card, _grid_cuts(scheme, rules), (*card.segments, PROSPECT))
    if scheme.reads == "lifecycle":
        return _told(card, _stage_cuts(ladders.lifecycle), _stages(card.segments, ladders.lifecycle))
    edges = ladders.tier_edges if scheme.reads == "value_tiers" else ladders.percentile_edges
    en, zh = _WORTH[ladders.tier_by]
    segments = (*_tiers(card.segments, edges), PROSPECT)
    return _told(card, (f"Value is {en}.", f"价值即{zh}。"), segments)


def _told(card: SchemeCard, cuts: Pair, segments: Sequence[SegmentCard]) -> SchemeCard:
    en, zh = " ".join(filter(None, (card.definition_en, cuts[0]))), card.definition_zh + cuts[1]
    return replace(card, definition_en=en, definition_zh=zh, segments=tuple(segments))


def _grid_cuts(scheme: GridScheme, rules: Rules) -> Pair:
    limits = rules.high_low
    if scheme.reads == "high_low" and limits is not None:
        days, orders, money = (_number(it) for it in (limits.days, limits.orders, limits.money))
        en, zh = _MONEY[rules.money]
        f_en, f_zh = f"{orders} orders or more", f"{orders} 单及以上"
        m_en, m_zh = f"{en} from {money}", f"{zh}不低于 {money}"
        if _is_beyond(limits.orders):
            f_en, f_zh = f"more than {orders} orders (nobody has)", f"多于 {orders} 单（无人达到）"
        if _is_beyond(limits.money):
            m_en, m_zh = f"{en} above {money} (nobody's is)", f"{zh}高于 {money}（无人达到）"
        return (
            f"R high: last order up to {days} days ago; F high: {f_en}; M high: {m_en}.",
            f"R 高：距上次下单不超过 {days} 天；F 高：{f_zh}；M 高：{m_zh}。",
        )
    pairs = [_score_cuts(rules.scorers[rules.scale_of(scheme)], scheme), *_options(scheme, rules)]
    return " ".join(en for en, _ in pairs), "".join(zh for _, zh in pairs)


def _is_beyond(limit: float) -> bool:
    """Tell whether a limit lies a hair above the largest value there is: `high_low` puts it there where all tie."""
    return float(np.nextafter(limit, -np.inf)) == round(float(np.nextafter(limit, -np.inf)), 4)


def _score_cuts(scorers: Scorers, scheme: GridScheme) -> Pair:
    n, (en, zh) = scorers.scale.n_scores, _MONEY[scorers.scale.money]
    r = _ranges(scorers.r.thresholds_[0], range(n, 0, -1))
    f = _ranges(scorers.f.thresholds_[0], range(1, n + 1))
    told = [(f"R by days since the last order ({r})", f"R 按距上次下单天数（{r}）")]
    told.append((f"F by orders ({f})", f"F 按订单数（{f}）"))
    if scheme.reads_money and scorers.m is None:
        told.append(("M is F, for want of money", "因无金额，M 取 F"))
    elif scheme.reads_money and scorers.m is not None:
        m = _ranges(scorers.m.thresholds_[0], range(1, n + 1))
        told.append((f"M by {en} ({m})", f"M 按{zh}（{m}）"))
    return "; ".join(a for a, _ in told) + ".", "；".join(b for _, b in told) + "。"


def _options(scheme: GridScheme, rules: Rules) -> list[Pair]:
    found = []
    if rules.one_order_cap and scheme.has_one_order_cap:
        found.append(("Exactly one order reads as F = M = 1.", "恰好一单时，F = M = 1。"))
    if rules.personal_cadence and scheme.at_risk is not None:
        name = scheme.card.segments[scheme.at_risk]
        middle = (scheme.n_scores + 1) // 2
        found.append(
            (
                f"From three orders on, twice the own usual gap is {name.name_en}; within it R is at least {middle}.",
                f"三单及以上者：沉默达自身平时间隔两倍即为{name.name_zh}，未超过间隔者 R 至少为 {middle}。",
            )
        )
    return found


def _ranges(thresholds: FloatArray, named: range) -> str:
    """Write which score is up to where: "1: ≤ 2, 2: ≤ 5, 3: > 5"."""
    last = named[len(thresholds)]
    if not len(thresholds):
        return f"{last}"
    cuts = [f"{score}: ≤ {_number(float(cut))}" for score, cut in zip(named, thresholds, strict=False)]
    return ", ".join([*cuts, f"{last}: > {_number(float(thresholds[-1]))}"])


def _stage_cuts(days: LifecycleDays) -> Pair:
    risk, dormant, churned = _silences(days)
    return (
        f"Days of silence: at risk after {risk}, dormant after {dormant}, churned after {churned}.",
        f"沉默天数：超过 {risk} 天为流失风险，超过 {dormant} 天为沉睡，超过 {churned} 天为已流失。",
    )


def _silences(days: LifecycleDays) -> tuple[str, str, str]:
    return _number(days.at_risk_after_days), _number(days.dormant_after_days), _number(days.churned_after_days)


def _stages(segments: Sequence[SegmentCard], days: LifecycleDays) -> list[SegmentCard]:
    risk, dormant, churned = _silences(days)
    told: dict[str, Pair] = {
        "new": (f"first order up to {risk} days ago", f"首单不超过 {risk} 天"),
        "active": (f"last order up to {risk} days ago, first earlier", f"上次下单不超过 {risk} 天，首单更早"),
        "reactivated": (
            f"last order up to {risk} days ago, after a gap of more than {dormant}",
            f"上次下单不超过 {risk} 天，此前间隔超过 {dormant} 天",
        ),
        "at_risk": (f"silent for more than {risk} days", f"沉默超过 {risk} 天"),
        "dormant": (f"silent for more than {dormant} days", f"沉默超过 {dormant} 天"),
        "churned": (f"silent for more than {churned} days", f"沉默超过 {churned} 天"),
        "prospect": ("no order", "无订单"),
    }
    return [_ruled(card, told[stage]) for card, stage in zip(segments, STAGES, strict=True)]


def _tiers(segments: Sequence[SegmentCard], edges: Sequence[float]) -> list[SegmentCard]:
    told = [_from(edge) for edge in edges]
    last = edges[-1]
    rest = ("everyone", "所有人") if last > _NOBODYS else (f"below {_number(last)}", f"低于 {_number(last)}")
    if last < _LEAST:
        rest = ("0 or less", "0 或以下")
    return [_ruled(card, pair) for card, pair in zip(segments, [*told, rest], strict=True)]


def _from(edge: float) -> Pair:
    if edge > _NOBODYS:
        return "nobody", "无"
    return ("above 0", "高于 0") if edge < _LEAST else (f"from {_number(edge)}", f"不低于 {_number(edge)}")


def _ruled(card: SegmentCard, rule: Pair) -> SegmentCard:
    return replace(card, rule_en=rule[0], rule_zh=rule[1])


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.2f}"
