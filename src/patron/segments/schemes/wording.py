"""A scheme's page as a card, with every segment's rule in words that need no translation: R5 · FM4–5."""

from __future__ import annotations

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.segments.methods.score_rules import Box
from patron.segments.schemes.page import LADDERS, SchemePage, SegmentPage

_REST = ("everything else", "其余全部")
_HIGH_LOW = {(1, 1): ("high", "高"), (0, 0): ("low", "低")}


def card_of(page: SchemePage) -> SchemeCard:
    """Return what people see of a scheme before any shop's thresholds are known."""
    segments = tuple(_segment(page, it, order) for order, it in enumerate(page.segments))
    key = f"{page.key}-{page.version}"
    definition = _definition(page)
    return SchemeCard(key, page.name_en, page.name_zh, page.meaning_en, page.meaning_zh, segments, *definition)


def _segment(page: SchemePage, it: SegmentPage, order: int) -> SegmentCard:
    rule_en, rule_zh = ("", "") if page.reads in LADDERS else _rule(page, it)
    return SegmentCard(it.key, it.name_en, it.name_zh, it.meaning_en, it.meaning_zh, it.colour, order, rule_en, rule_zh)


def _rule(page: SchemePage, it: SegmentPage) -> tuple[str, str]:
    """Return a segment's rule in English and in Chinese."""
    if page.reads == "high_low":
        sides = [_high_low(box) for box in it.boxes]
        return " / ".join(en for en, _ in sides), " / ".join(zh for _, zh in sides)
    said = [_box(box, page.scores) for box in it.rules] + ([", ".join(it.codes)] if it.codes else [])
    rest_en, rest_zh = ([word] if it.key == page.fallback else [] for word in _REST)
    return " / ".join([*said, *rest_en]), " / ".join([*said, *rest_zh])


def _box(box: Box, highest: int) -> str:
    return " · ".join(f"{axis.upper()}{_range(max(low, 1), min(high, highest))}" for axis, (low, high) in box.items())


def _range(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}–{high}"


def _high_low(box: Box) -> tuple[str, str]:
    sides = [(axis.upper(), _HIGH_LOW.get(side, ("any", "不限"))) for axis, side in box.items()]
    return ", ".join(f"{axis} {words[0]}" for axis, words in sides), "、".join(f"{a} {w[1]}" for a, w in sides)


def _definition(page: SchemePage) -> tuple[str, str]:
    """Say the version and how the rules are read."""
    en, zh = [f"Version {page.version}."], [f"第 {page.version} 版。"]
    if any("fm" in box for it in page.segments for box in it.rules):
        en.append("FM = (F + M) / 2, halves rounded up.")
        zh.append("FM =（F + M）/ 2，半数进位。")
    if any(it.codes for it in page.segments):
        en.append("Codes are the scores of R, F and M.")
        zh.append("代码依次为 R、F、M 的得分。")
    if page.match == "first":
        en.append("Read from the top; the first rule that holds wins.")
        zh.append("自上而下，取第一个符合的规则。")
    return " ".join(en), "".join(zh)
