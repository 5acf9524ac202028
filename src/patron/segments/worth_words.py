"""What the held-out judgement says, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from patron.measures import Interval

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
        "On held-out time the {n} learned segments rank customers by what they then brought better than RFM quintiles: "
        "normalised Gini {told}."
    ),
    ("在留出期内，{n} 个学习分群按客户之后带来的收入排序，优于 RFM 五分位：归一化基尼 {told}。"),
)
_ENOUGH = (
    (
        "RFM is enough: on held-out time the {n} learned segments do not rank customers better than RFM quintiles, "
        "normalised Gini {told}. Next: plan by an RFM scheme such as classic11, or give the cut features that RFM does "
        "not hold (segments.features)."
    ),
    (
        "RFM 已足够：在留出期内，{n} 个学习分群并不优于 RFM 五分位，归一化基尼 {told}。"
        "下一步：使用 classic11 等 RFM 方案，或让切分看到 RFM 之外的特征。"
    ),
)
_NONE = (
    ("RFM is enough: from the past alone no learned cut could be used. Next: plan by an RFM scheme such as classic11."),
    ("RFM 已足够：仅凭过去的数据得不出可用的学习分群。下一步：使用 classic11 等 RFM 方案。"),
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


def verdict(gain: Interval, n_segments: int, *, keeps: bool) -> tuple[str, str]:
    """Say whether the cut earns its keep against RFM quintiles."""
    if n_segments == 1 or not np.isfinite(gain.value):
        return _NONE
    told = f"{gain.value:+.3f} ({gain.lower:+.3f} … {gain.upper:+.3f})"
    en, zh = _KEEPS if keeps else _ENOUGH
    return en.format(n=n_segments, told=told), zh.format(n=n_segments, told=told)


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
