"""Why a cut may not be used, and what to do about it, in English and in Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal["too_large", "too_small", "unstable", "seeds"]

_EN = {
    "too_large": "K = {k}: one segment holds {figure:.1%} of customers",
    "too_small": "K = {k}: one segment holds only {figure:.1%} of customers",
    "unstable": "K = {k}: one segment does not come back when other customers are drawn (Jaccard {figure:.3f}, "
    "at least {limit:g} is asked for)",
    "seeds": "K = {k}: other starts give another cut (adjusted Rand {figure:.3f}, at least {limit:g} is asked for)",
}
_ZH = {
    "too_large": "K = {k}：有一群占全部客户的 {figure:.1%}",
    "too_small": "K = {k}：有一群仅占全部客户的 {figure:.1%}",
    "unstable": "K = {k}：重新抽样后有一群不再出现（Jaccard {figure:.3f}，至少应为 {limit:g}）",
    "seeds": "K = {k}：换一个起点就得到另一种切分（调整兰德指数 {figure:.3f}，至少应为 {limit:g}）",
}
_NEXT_EN = {
    "too_large": "leave out features in which nearly everyone is alike, or take their logarithm",
    "too_small": "look at the few customers apart (wholesale? tests?), or lower segments.smallest_share",
    "unstable": "use fewer features or a smaller segments.k_max, or plan by an RFM scheme",
    "seeds": "use fewer features or a smaller segments.k_max, or plan by an RFM scheme",
}
_NEXT_ZH = {
    "too_large": "去掉几乎所有客户都相同的特征，或取对数",
    "too_small": "检查那少数客户（批发？测试？），或调低 segments.smallest_share",
    "unstable": "减少特征或调低 segments.k_max，或改用 RFM 方案",
    "seeds": "减少特征或调低 segments.k_max，或改用 RFM 方案",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One cut that may not be used: its K, what was measured and what was asked for.

    >>> Refusal("too_large", 2, 0.997, 0.8).en
    'K = 2: one segment holds 99.7% of customers'
    """

    reason: Reason
    k: int
    figure: float
    limit: float

    @property
    def en(self) -> str:
        """What is wrong, in English."""
        return _EN[self.reason].format(k=self.k, figure=self.figure, limit=self.limit)

    @property
    def zh(self) -> str:
        """What is wrong, in Chinese."""
        return _ZH[self.reason].format(k=self.k, figure=self.figure, limit=self.limit)

    @property
    def next_en(self) -> str:
        """What to do, in English."""
        return _NEXT_EN[self.reason]

    @property
    def next_zh(self) -> str:
        """What to do, in Chinese."""
        return _NEXT_ZH[self.reason]
