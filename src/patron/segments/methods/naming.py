"""Names for learned segments by rule from their profile, in English and in Chinese."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

HIGH = 0.25  # relative standing: a typical member exceeds 62.5 % of all customers


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a segment's members stand among all customers, -1 … 1 (0 = like everyone); None where not measured.

    Args:
        silence: days since the last order (1 = silent for longest).
        orders: orders so far.
        money: net revenue so far.
        tenure: days since the first order (-1 = newest).
        order_value: mean order.
        median_orders: the median member's orders.
    """

    silence: float
    orders: float
    money: float | None
    tenure: float
    order_value: float | None
    median_orders: float


@dataclass(frozen=True, slots=True)
class Name:
    """A segment's name and one sentence on who is in it."""

    en: str
    zh: str
    meaning_en: str
    meaning_zh: str


def name_all(standings: Sequence[Standing]) -> list[Name]:
    """Name every segment; names are distinct, those of the same kind being told apart by order value, then by letter.

    >>> best = Standing(-0.5, 0.6, 0.6, 0.2, 0.1, 8.0)
    >>> gone = Standing(0.6, -0.5, -0.5, 0.1, 0.0, 1.0)
    >>> [name.en for name in name_all([best, gone])]
    ['Active frequent big spenders', 'Lapsed one-time small spenders']
    """
    names = [_name(one) for one in standings]
    names = _told_apart(names, [_order_size(one) for one in standings])
    letters = [(f" {chr(65 + i)}", f"{chr(65 + i)}") for i in _turns(names)]
    return _told_apart(names, letters)


def _name(one: Standing) -> Name:
    when_en, when_zh = _when(one)
    often_en, often_zh = _how_often(one)
    much_en, much_zh = _how_much(one)
    en = " ".join(word for word in (when_en, often_en, much_en) if word)
    zh = "".join(word for word in (when_zh, often_zh, much_zh) if word) + "客户"
    return Name(en[0].upper() + en[1:], zh, *_meaning(one))


def _when(one: Standing) -> tuple[str, str]:
    if one.tenure <= -2 * HIGH and one.silence <= 0:
        return "new", "新近"
    if one.silence <= -HIGH:
        return "active", "活跃"
    return ("lapsed", "久未购买") if one.silence >= HIGH else ("cooling", "渐冷")


def _how_often(one: Standing) -> tuple[str, str]:
    if one.median_orders <= 1:
        return "one-time", "单次"
    if one.orders >= HIGH:
        return "frequent", "高频"
    return ("occasional", "低频") if one.orders <= -HIGH else ("regular", "常规")


def _how_much(one: Standing) -> tuple[str, str]:
    if one.money is None:
        return "buyers", ""
    if one.money >= HIGH:
        return "big spenders", "高消费"
    return ("small spenders", "低消费") if one.money <= -HIGH else ("mid spenders", "中等消费")


def _meaning(one: Standing) -> tuple[str, str]:
    silence = {"new": "came recently for the first time", "active": "ordered recently"}
    when, often, much = _when(one)[0], _how_often(one)[0], _how_much(one)[0]
    said = silence.get(when, "have not ordered for long" if when == "lapsed" else "have not ordered lately")
    spent = {
        "big spenders": ", spent much",
        "small spenders": ", spent little",
        "mid spenders": ", spent about average",
    }
    order = {"one-time": "ordered once", "frequent": "order often", "occasional": "order rarely"}
    en = f"They {said}, {order.get(often, 'order about as often as others')}{spent.get(much, '')}."
    said_zh = {"new": "最近首次下单", "active": "近期下过单", "lapsed": "很久没有下单"}.get(when, "近来没有下单")
    order_zh = {"one-time": "只下过一单", "frequent": "下单频繁", "occasional": "下单很少"}.get(often, "下单次数居中")
    spent_zh = {"big spenders": ",消费高", "small spenders": ",消费低", "mid spenders": ",消费居中"}.get(much, "")
    return en, f"{said_zh},{order_zh}{spent_zh}。"


def _order_size(one: Standing) -> tuple[str, str]:
    if one.order_value is None or abs(one.order_value) < HIGH / 2:
        return "", ""
    return (", large orders", "·大单") if one.order_value > 0 else (", small orders", "·小单")


def _told_apart(names: list[Name], marks: Sequence[tuple[str, str]]) -> list[Name]:
    same = Counter(name.en for name in names)
    return [
        Name(name.en + en, name.zh + zh, name.meaning_en, name.meaning_zh) if same[name.en] > 1 else name
        for name, (en, zh) in zip(names, marks, strict=True)
    ]


def _turns(names: Sequence[Name]) -> list[int]:
    """Return the turn of each name among those that are the same, from 0."""
    seen: Counter[str] = Counter()
    turns = []
    for name in names:
        turns.append(seen[name.en])
        seen[name.en] += 1
    return turns
