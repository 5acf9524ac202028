"""Where a customer stands in their life with the shop, by the shop's own rhythm of buying."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

STAGES = ("new", "active", "reactivated", "at_risk", "dormant", "churned", "prospect")
STAGES_ZH = ("新客", "活跃", "回流", "流失风险", "沉睡", "已流失", "潜客")


@dataclass(frozen=True, slots=True)
class LifecycleDays:
    """Silences, in days since the last order, at which the next stage begins.

    Args:
        at_risk_after_days: longer than most gaps between orders (by default their 80th percentile).
        dormant_after_days: longer than nearly all of them (the 95th).
        churned_after_days: twice that.
    """

    at_risk_after_days: float
    dormant_after_days: float
    churned_after_days: float

    @classmethod
    def from_gaps(cls, gap_days_p80: float, gap_days_p95: float) -> LifecycleDays:
        """Derive the thresholds from quantiles of the days between consecutive orders, at least a day apart.

        >>> LifecycleDays.from_gaps(70.0, 155.0)
        LifecycleDays(at_risk_after_days=70.0, dormant_after_days=155.0, churned_after_days=310.0)
        """
        at_risk = max(1.0, float(gap_days_p80))
        dormant = max(at_risk + 1.0, float(gap_days_p95))
        return cls(at_risk, dormant, 2.0 * dormant)


@dataclass(frozen=True, slots=True)
class OrderTimes:
    """What the stage is read off, one entry a customer; NaN where absent.

    Args:
        days_since_last: from the last order to as_of.
        days_since_first: from the first order to as_of.
        order_count: orders so far.
        last_gap_days: days between the last order and the one before it; NaN where unknown.
    """

    days_since_last: FloatArray
    days_since_first: FloatArray
    order_count: FloatArray
    last_gap_days: FloatArray


def lifecycle_stages(times: OrderTimes, days: LifecycleDays) -> IntArray:
    """Return each customer's position in `STAGES`.

    Without an order: prospect. By the silence since the last order: churned, dormant, at_risk. Of those who are not
    silent: new if the first order is as recent as that, reactivated if the last gap was a dormant one, else active.
    """
    silence = times.days_since_last
    ordered = (np.nan_to_num(times.order_count) > 0) & ~np.isnan(silence)
    conditions = [
        ~ordered,
        silence > days.churned_after_days,
        silence > days.dormant_after_days,
        silence > days.at_risk_after_days,
        times.days_since_first <= days.at_risk_after_days,
        times.last_gap_days > days.dormant_after_days,
    ]
    stages = [STAGES.index(s) for s in ("prospect", "churned", "dormant", "at_risk", "new", "reactivated")]
    return np.select(conditions, stages, STAGES.index("active")).astype(np.int64)
