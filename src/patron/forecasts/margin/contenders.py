"""Who competes for the margin: a money forecast times a share, the shop's or the customer's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from patron.forecasts.contenders import NAIVE
from patron.forecasts.methods.credibility import Credibility
from patron.forecasts.rows import ORDERS, FloatArray, Rows

SHARE = "margin_share_lifetime"
COSTED = "costed_revenue_sum_lifetime"
REVENUE = "revenue_sum_lifetime"
MARGIN_READ = (SHARE, COSTED, REVENUE)


@dataclass(frozen=True, slots=True)
class Kind:
    """One contender: whose money it takes (the naive formula's, or the champion's), and how many orders it doubts."""

    naive_money: bool
    doubt: float | None  # of the customer's own share: infinity is the shop's share, 0 the own one, None learned


KINDS: Mapping[str, Kind] = {
    NAIVE: Kind(naive_money=True, doubt=np.inf),
    "own_share": Kind(naive_money=True, doubt=0.0),
    "shop_share": Kind(naive_money=False, doubt=np.inf),
    "credibility": Kind(naive_money=False, doubt=None),
}
FORMULAS = (NAIVE, "own_share")


@dataclass(frozen=True, slots=True)
class Share:
    """A fitted share of money that is margin: the shop's mean, and how many orders it counts for."""

    mean: float
    doubt: float

    @classmethod
    def learn(cls, rows: Rows, doubt: float | None) -> Self:
        """Learn it from customers' histories."""
        model = Credibility(doubt=doubt).fit(_ratios(rows), sample_weight=rows.column(COSTED, absent=0.0))
        return cls(model.mean_, model.doubt_)

    def of(self, rows: Rows) -> FloatArray:
        """Return each customer's expected share."""
        model = Credibility(doubt=self.doubt)
        model.mean_, model.doubt_ = self.mean, self.doubt
        return model.predict(_ratios(rows))

    def to_parts(self) -> dict[str, Any]:
        """Return both numbers; a doubt without end as None."""
        return {"mean": self.mean, "doubt": self.doubt if np.isfinite(self.doubt) else None}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the share that `to_parts` described."""
        return cls(float(parts["mean"]), float("inf") if parts["doubt"] is None else float(parts["doubt"]))


def has_costs(rows: Rows) -> bool:
    """Tell whether any customer's margin is known."""
    return bool((rows.column(COSTED, absent=0.0) > 0).any())


def costed_percent(rows: Rows) -> float:
    """Return how much of the customers' revenue is of orders whose costs are known, in percent."""
    revenue = float(rows.column(REVENUE, absent=0.0).sum())
    return 100.0 * float(rows.column(COSTED, absent=0.0).sum()) / revenue if revenue > 0 else 0.0


def _ratios(rows: Rows) -> FloatArray:
    """Return orders and own share; a share beyond -1 to 1 is a slip in the costs and counts as that end."""
    share = rows.column(SHARE)
    known = np.isfinite(share) & (rows.column(COSTED, absent=0.0) > 0)
    return np.column_stack(
        [np.where(known, rows.column(ORDERS, absent=0.0), 0.0), np.clip(np.nan_to_num(share), -1.0, 1.0)]
    )
