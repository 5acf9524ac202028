"""The level of a forecast: what completed windows say about the total, carried to the next one.

Ranking customers is easier than knowing how much all of them will buy: seasons and the shop's growth move the total.
A model's total over a completed window is compared with what happened, and the next forecast is multiplied by that
factor, drawn towards 1 because one window is one observation. The window of a year before, where there is one, knows
the season and is followed halfway; otherwise the latest window is followed a quarter of the way: neighbouring
windows lie in different seasons, and following them further did harm on the shops it was tried on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit, logit

from patron.forecasts.contenders import Prediction
from patron.forecasts.rows import FloatArray, Rows

YEAR_DAYS = 365
FOLLOW_SEASON = 0.5
FOLLOW_LATEST = 0.25
MOST = 2.0


@dataclass(frozen=True, slots=True)
class Level:
    """Factors for money and orders, and a shift of the log-odds of being active; the identity by default."""

    net_revenue: float = 1.0
    orders: float = 1.0
    active_log_odds: float = 0.0

    def apply(self, said: Prediction) -> Prediction:
        """Return the prediction at this level."""
        money = None if said.net_revenue is None else said.net_revenue * self.net_revenue
        return Prediction(money, said.orders * self.orders, _shift(said.active, self.active_log_odds))

    def to_parts(self) -> dict[str, float]:
        """Return the three numbers by name."""
        return asdict(self)

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the level that `to_parts` described."""
        return cls(float(parts["net_revenue"]), float(parts["orders"]), float(parts["active_log_odds"]))


def learn_level(said: Prediction, happened: Rows, follow: float) -> Level:
    """Return the level at which `said` would have been right in total, followed that share of the way (in logs)."""
    orders = happened.future_orders
    if orders is None:
        return Level()
    money = 1.0
    if said.net_revenue is not None and happened.future_revenue is not None:
        money = _factor(happened.future_revenue, said.net_revenue, follow)
    return Level(
        money,
        _factor(orders, said.orders, follow),
        follow * _log_odds((orders > 0).astype(np.float64), said.active),
    )


def _factor(actual: FloatArray, predicted: FloatArray, follow: float) -> float:
    happened, said = float(np.nansum(actual)), float(np.nansum(predicted))
    if happened <= 0 or said <= 0:
        return 1.0
    return float(np.clip(happened / said, 1.0 / MOST, MOST) ** follow)


def _log_odds(happened: FloatArray, probability: FloatArray) -> float:
    rate, said = float(happened.mean()), float(np.nanmean(probability))
    if not (0.0 < rate < 1.0 and 0.0 < said < 1.0):
        return 0.0
    most = float(np.log(MOST))
    return float(np.clip(logit(rate) - logit(said), -most, most))


def _shift(probability: FloatArray, log_odds: float) -> FloatArray:
    if log_odds == 0.0:
        return probability
    inside = np.clip(probability, 1e-12, 1.0 - 1e-12)
    shifted: FloatArray = expit(logit(inside) + log_odds)
    return shifted
