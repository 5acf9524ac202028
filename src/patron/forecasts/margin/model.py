"""The margin of a fitted forecast: whose money, which share of it, and how surely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from patron.forecasts.contenders import Prediction
from patron.forecasts.intervals import Intervals
from patron.forecasts.margin.contenders import KINDS, Share, has_costs
from patron.forecasts.margin.judgement import JudgedMargin
from patron.forecasts.rows import FloatArray, Rows

_COLUMNS = ("predicted_margin", "predicted_margin_lower", "predicted_margin_upper", "expected_margin_share")


@dataclass(frozen=True, slots=True)
class MarginModel:
    """The champion of margin, its share learned from today's histories."""

    name: str
    share: Share
    intervals: Intervals | None

    @property
    def naive_money(self) -> bool:
        """Whether it is a share of the naive formula's money, and not of the champion's."""
        return KINDS[self.name].naive_money

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as JSON-ready numbers and text."""
        bands = None if self.intervals is None else self.intervals.to_parts()
        return {"name": self.name, "share": self.share.to_parts(), "intervals": bands}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the model that `to_parts` described."""
        bands = None if parts["intervals"] is None else Intervals.from_parts(parts["intervals"])
        return cls(str(parts["name"]), Share.from_parts(parts["share"]), bands)


def fit_margin(rows: Rows, judged: JudgedMargin | None) -> MarginModel | None:
    """Learn the champion's share from today's customers; None where nothing was judged or no costs are known."""
    if judged is None or not has_costs(rows):
        return None
    name = judged.champion.model
    return MarginModel(name, Share.learn(rows, KINDS[name].doubt), judged.intervals)


def predict_margin(
    model: MarginModel | None, rows: Rows, money: Prediction | None, naive: Prediction | None
) -> dict[str, FloatArray]:
    """Return the published columns of margin, NaN where it is not forecast.

    Args:
        model: from `fit_margin`.
        rows: customers as of today.
        money: what the champion of money says of them.
        naive: the same by the naive formula, where the model wants it.
    """
    base = (naive if model.naive_money else money) if model else None
    if model is None or base is None or base.net_revenue is None:
        empty = np.full(len(rows), np.nan)
        return dict.fromkeys(_COLUMNS, empty)
    share = model.share.of(rows)
    margin = base.net_revenue * share
    lower, upper = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    known = np.isfinite(margin)
    if model.intervals is not None and known.any():
        lower[known], upper[known] = model.intervals.usual.predict_interval(
            np.column_stack([margin, base.active])[known]
        )
    return dict(zip(_COLUMNS, (margin, lower, upper, share), strict=True))
