"""Names for learned segments by rule from their profile, in English and in Chinese.

A name speaks only of what differs: not of what is the same for everyone, and not of what all the segments would be
called alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from patron.segments.methods.telling_apart import HIGH, Pair, marks_of, told_apart

_ASPECTS = 3  # when, how often, how much


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a segment's members stand among all customers, -1 … 1 (0 = like everyone); None where nobody differs.

    Args:
        silence: days since the last order (1 = silent for longest).
        orders: orders so far.
        money: net revenue so far; None also where the shop has none.
        tenure: days since the first order (-1 = newest).
        order_value: mean order.
        median_orders: the median member's orders.
        others: what else may tell segments of one name apart, by the words of `telling_apart`.
    """

    silence: float | None
    orders: float | None
    money: float | None
    tenure: float | None
    order_value: float | None
    median_orders: float
    others: Mapping[str, float] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, float]:
        """Everything that is measured, by the words of `telling_apart`."""
        said = {
            "silence": self.silence,
            "orders": self.orders,
            "money": self.money,
            "tenure": self.tenure,
            "order_value": self.order_value,
            **self.others,
        }
        return {key: value for key, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Name:
    """A segment's name, one sentence on who is in it, and what else may tell it from one of the same name."""

    en: str
    zh: str
    meaning_en: str
    meaning_zh: str
    marks: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """One aspect of a segment: its words in a name, and in a sentence; empty where it says nothing."""

    en: str = ""
    zh: str = ""
    told_en: str = ""
    told_zh: str = ""


_NOTHING = _Said()
_NEW = _Said("new", "新近", "came recently for the first time", "最近首次下单")
_ACTIVE = _Said("active", "活跃", "ordered recently", "近期下过单")
_LAPSED = _Said("lapsed", "久未购买", "have not ordered for long", "很久没有下单")
_COOLING = _Said("cooling", "渐冷", "have not ordered lately", "近来没有下单")
_ONCE = _Said("one-time", "单次", "ordered once", "只下过一单")
_FREQUENT = _Said("frequent", "高频", "order often", "下单频繁")
_OCCASIONAL = _Said("occasional", "低频", "order rarely", "下单很少")
_REGULAR = _Said("regular", "常规", "order about as often as others", "下单次数居中")
_MUCH = _Said("big spenders", "高消费", "spent much", "消费高")
_LITTLE = _Said("small spenders", "低消费", "spent little", "消费低")
_MIDDLING = _Said("mid spenders", "中等消费", "spent about average", "消费居中")
_ALL_ALIKE = _Said("customers", "", "are much like everyone", "与全体客户相近")


def name_all(standings: Sequence[Standing]) -> list[Name]:
    """Name every segment; names are distinct, those alike being told apart by what sets them apart most, then letters.

    >>> best = Standing(-0.5, 0.6, 0.6, 0.2, 0.1, 8.0)
    >>> gone = Standing(0.6, -0.5, -0.5, 0.1, 0.0, 1.0)
    >>> [name.en for name in name_all([best, gone])]
    ['Active frequent big spenders', 'Lapsed one-time small spenders']
    """
    said = [(_when(one), _how_often(one), _how_much(one)) for one in standings]
    if len(said) > 1:
        differs = [len({words[i] for words in said}) > 1 for i in range(_ASPECTS)]
        said = [_those(words, differs) for words in said] if any(differs) else said
    names = [_name(words, one) for words, one in zip(said, standings, strict=True)]
    marks = told_apart([name.en for name in names], [one.known for one in standings])
    return [
        Name(name.en + en, name.zh + zh, name.meaning_en, name.meaning_zh, name.marks)
        for name, (en, zh) in zip(names, marks, strict=True)
    ]


def _those(words: tuple[_Said, _Said, _Said], differs: Sequence[bool]) -> tuple[_Said, _Said, _Said]:
    when, often, much = (word if is_it else _NOTHING for word, is_it in zip(words, differs, strict=True))
    return when, often, much


def _name(words: Sequence[_Said], one: Standing) -> Name:
    told = [word for word in words if word.told_en] or [_ALL_ALIKE]
    en = " ".join(word.en for word in told)
    noun = "" if words[-1].en or told[0] is _ALL_ALIKE else " buyers"
    zh = "".join(word.zh for word in told) + "客户"
    meaning_en = f"They {', '.join(word.told_en for word in told)}."
    meaning_zh = f"{'，'.join(word.told_zh for word in told)}。"
    return Name(en[0].upper() + en[1:] + noun, zh, meaning_en, meaning_zh, marks_of(one.known))


def _when(one: Standing) -> _Said:
    if one.silence is None:
        return _NOTHING
    if one.tenure is not None and one.tenure <= -2 * HIGH and one.silence <= 0:
        return _NEW
    if one.silence <= -HIGH:
        return _ACTIVE
    return _LAPSED if one.silence >= HIGH else _COOLING


def _how_often(one: Standing) -> _Said:
    if one.orders is None:
        return _NOTHING
    if one.median_orders <= 1:
        return _ONCE
    if one.orders >= HIGH:
        return _FREQUENT
    return _OCCASIONAL if one.orders <= -HIGH else _REGULAR


def _how_much(one: Standing) -> _Said:
    if one.money is None:
        return _NOTHING
    if one.money >= HIGH:
        return _MUCH
    return _LITTLE if one.money <= -HIGH else _MIDDLING
