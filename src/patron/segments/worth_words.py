"""What the held-out judgement says, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from patron.measures import Interval
from patron.segments.methods.worth import Worth

METHODS_EN: Mapping[str, str] = {
    "k_means": "K-Means",
    "mini_batch_k_means": "mini-batch K-Means",
    "bisecting_k_means": "bisecting K-Means",
    "agglomerative": "agglomerative clustering",
    "gaussian_mixture": "the Gaussian mixture",
    "hdbscan": "HDBSCAN",
    "spectral": "spectral clustering",
    "value_tree": "the value tree",
}
METHODS_ZH: Mapping[str, str] = {
    "k_means": "K-Means",
    "mini_batch_k_means": "小批量 K-Means",
    "bisecting_k_means": "二分 K-Means",
    "agglomerative": "层次聚类",
    "gaussian_mixture": "高斯混合",
    "hdbscan": "HDBSCAN",
    "spectral": "谱聚类",
    "value_tree": "价值树",
}
_KEEPS = (
    (
        "As many segments ({n}), learned on {then} and held against what came after {later}, rank customers by value "
        "better than RFM quintiles: normalised Gini {own} against {rfm}, {gain} more ({lower} to {upper})."
    ),
    (
        "同样数量的分群（{n} 个）在{then}学习、以{later}之后的收入检验，按价值对客户排序优于 RFM 五分位："
        "归一化基尼 {own} 对 {rfm}，高 {gain}（{lower} 至 {upper}）。"
    ),
)
_ENOUGH = (
    (
        "RFM is enough: as many segments ({n}), learned on {then} and held against what came after {later}, do not "
        "rank customers by value better than RFM quintiles beyond luck: normalised Gini {own} against {rfm}, {gain} "
        "more ({lower} to {upper}). Next: plan by an RFM scheme such as classic11, or give the cut features that RFM "
        "does not hold (segments.features)."
    ),
    (
        "RFM 已足够：同样数量的分群（{n} 个）在{then}学习、以{later}之后的收入检验，"
        "按价值对客户排序并不明显优于 RFM 五分位："
        "归一化基尼 {own} 对 {rfm}，差 {gain}（{lower} 至 {upper}）。"
        "下一步：使用 classic11 等 RFM 方案，或让切分看到 RFM 之外的特征。"
    ),
)
_NONE = (
    (
        "What the learned segments add in money could not be shown: of the customers of {then} no cut came about, or "
        "they all brought the same. Next: plan by an RFM scheme such as classic11."
    ),
    (
        "无法说明学习分群在金额上的增益：{then}的客户未能形成切分，或他们之后带来的收入都相同。"
        "下一步：使用 classic11 等 RFM 方案。"
    ),
)
_TAKEN = (
    (
        "Of {n} methods {method} is taken: it ranks customers better than the value tree beyond luck, normalised "
        "Gini {told}."
    ),
    ("在 {n} 种方法中选用{method}：其排序优于价值树，超出偶然，归一化基尼 {told}。"),
)
_FIRST = (
    ("Of {n} methods none ranks customers better than the value tree beyond luck."),
    ("在 {n} 种方法中，没有一种的排序优于价值树且超出偶然。"),
)


def verdict(worth: Worth, rival: str, origins: tuple[date, date], n_segments: int) -> tuple[str, str]:
    """Say whether the cut earns its keep against RFM quintiles."""
    gain, days = worth.gains["gini", rival], {"then": str(origins[0]), "later": str(origins[1])}
    if n_segments == 1 or not np.isfinite(gain.value):
        return _NONE[0].format(**days), _NONE[1].format(**days)
    own, rfm = worth.scores["gini", "judged"].value, worth.scores["gini", rival].value
    told = {"n": str(n_segments), "own": f"{own:.3f}", "rfm": f"{rfm:.3f}", "gain": f"{gain.value:+.3f}", **days}
    told |= {"lower": f"{gain.lower:+.3f}", "upper": f"{gain.upper:+.3f}"}
    en, zh = _KEEPS if worth.beats(rival) else _ENOUGH
    return en.format(**told), zh.format(**told)


def comparison(chosen: str, behind: Interval | None, n_methods: int) -> tuple[str, str]:
    """Say which method is taken; `behind` is the value tree's Gini minus its own, None: the tree is taken."""
    if behind is None:
        return _FIRST[0].format(n=n_methods), _FIRST[1].format(n=n_methods)
    told = f"{-behind.value:+.3f} ({-behind.upper:+.3f} … {-behind.lower:+.3f})"
    en, zh = _TAKEN
    return (
        en.format(n=n_methods, method=METHODS_EN[chosen], told=told),
        zh.format(n=n_methods, method=METHODS_ZH[chosen], told=told),
    )
