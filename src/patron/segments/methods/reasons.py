"""Why this K, in one sentence, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from patron.segments.methods.refusals import Refusal

INDEX_EN = {
    "elbow": "the elbow",
    "gap (uniform)": "the gap statistic",
    "gap (pca)": "the gap statistic along the main axes",
    "silhouette": "the silhouette",
    "Davies–Bouldin": "the Davies–Bouldin index",
    "Calinski–Harabasz": "the Calinski–Harabasz index",
    "stability": "stability under resampling",
}
INDEX_ZH = {
    "elbow": "肘部",
    "gap (uniform)": "间隙统计（均匀）",
    "gap (pca)": "间隙统计（主轴）",
    "silhouette": "轮廓系数",
    "Davies–Bouldin": "Davies–Bouldin",
    "Calinski–Harabasz": "Calinski–Harabasz",
    "stability": "重抽样稳定性",
}

_FOR_EN = {
    "too_large": "for the size of a segment",
    "too_small": "for the size of a segment",
    "unstable": "because a segment does not come back when other customers are drawn",
    "seeds": "because other starts give another cut",
}
_FOR_ZH = {"too_large": "群体规模", "too_small": "群体规模", "unstable": "重抽样后不稳定", "seeds": "依赖起点"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided.

    Args:
        k: the number of segments.
        way: "natural", "practical", "fewest", "own", "none", "alike", "one_day" or "refused".
        supporters: the indices that voted for it.
        refusals: why other cuts may not be used.
    """

    k: int
    way: str
    supporters: Sequence[str]
    refusals: Sequence[Refusal]


def explain(verdict: Verdict) -> tuple[str, str]:
    """Return the sentence in English and in Chinese.

    >>> explain(Verdict(3, "practical", ["elbow"], []))[0]
    'Customers form one continuous cloud; 3 segments are a practical cut of it, backed by the elbow.'
    """
    names = " and ".join(INDEX_EN.get(name, name) for name in verdict.supporters) or "the size limits alone"
    names_zh = "、".join(INDEX_ZH.get(name, name) for name in verdict.supporters) or "仅规模限制"
    k, n = verdict.k, len(verdict.refusals)
    match verdict.way:
        case "natural":
            en = f"Customers fall into {k} groups that stand apart from each other, backed by {names}."
            zh = f"客户自然分成 {k} 个彼此分开的群体（支持：{names_zh}）。"
        case "practical" | "fewest":
            en = f"Customers form one continuous cloud; {k} segments are a practical cut of it, backed by {names}."
            zh = f"客户呈连续分布，没有天然分界；分成 {k} 群是实用的切分（支持：{names_zh}）。"
        case "own":
            en = f"The method itself finds {k} segments that hold."
            zh = f"该方法自行得出 {k} 个稳定的分群。"
        case "refused":
            en, zh = _unusable(verdict.refusals)
        case "alike":
            en = (
                "The customers do not differ in any feature that the cut looks at, so everyone is one segment. "
                "Next: give it features in which they differ (segments.features)."
            )
            zh = "客户在切分所看的特征上没有差别，所有客户归为一群。下一步：在 segments.features 中加入有差别的特征。"
        case "one_day":
            en = (
                "All orders lie on one day, so nobody can be told apart by when or how often they order, and everyone "
                "is one segment. Next: add orders of other days, or wait for them."
            )
            zh = (
                "所有订单都在同一天，无法按下单的时间和频率区分客户，所有客户归为一群。"
                "下一步：补充其他日期的订单，或等待新订单。"
            )
        case _:
            en = "Customers form one continuous cloud without groups, so everyone is one segment."
            zh = "客户呈连续分布，没有群体，所有客户归为一群。"
    if n and k > 1:
        en += f" {n} other cut{'s were' if n > 1 else ' was'} refused {_what_for(verdict.refusals, _FOR_EN, ' or ')}."
        zh += f" 另有 {n} 种切分因{_what_for(verdict.refusals, _FOR_ZH, '或')}被拒绝。"
    return en, zh


def _unusable(refusals: Sequence[Refusal]) -> tuple[str, str]:
    if not refusals:
        return (
            "No cut is usable, so everyone is one segment: too few different customers.",
            "没有可用的切分，所有客户归为一群：不同的客户太少。",
        )
    first = refusals[0]
    return (
        f"No cut is usable, so everyone is one segment: {first.en}. Next: {first.next_en}.",
        f"没有可用的切分，所有客户归为一群：{first.zh}。下一步：{first.next_zh}。",
    )


def _what_for(refusals: Sequence[Refusal], words: Mapping[str, str], joined: str) -> str:
    return joined.join(dict.fromkeys(words[refusal.reason] for refusal in refusals))
