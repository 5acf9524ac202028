"""The level of a forecast: what completed windows say about the total, carried to the next one.

Ranking customers is easier than knowing how much all of them will buy: seasons and the shop's growth move the total.
A model's total over a completed window is compared with what happened, and the next forecast is multiplied by that
factor, drawn towards 1 because one window is one observation. The window of a year before, where there is one, knows
the season and is followed halfway; otherwise the latest window is followed a quarter of the way: neighbouring
windows lie in different seasons, and following them further did harm on the shops it was tried on.

The chance of an order has a level and a shape. Its level is a shift of the log-odds, followed as far. Its shape,
whether high chances are too high and low ones too low, is learned by beta calibration on the same window and followed
halfway; it moves far less from window to window than the level. docs/why/calibration.md has the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from patron.forecasts.contenders import Prediction, Target
from patron.forecasts.methods import BetaCalibration
from patron.forecasts.rows import FloatArray, Rows

FOLLOW_SEASON = 0.5
FOLLOW_LATEST = 0.25
FOLLOW_SHAPE = 0.5
MOST = 2.0
MOST_SEASON = 4.0  # a total of many customers over a whole window is no outlier, so it may say more
_LEAST_CHANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Level:
    """Factors for money and orders, and a map of the chance p of an order; the identity by default.

    The map is logit q = active_log_odds + active_low · ln p − active_high · ln(1 − p).
    """

    net_revenue: float = 1.0
    orders: float = 1.0
    active_log_odds: float = 0.0
    active_low: float = 1.0
    active_high: float = 1.0

    def apply(self, said: Prediction) -> Prediction:
        """Return the prediction at this level."""
        money = None if said.net_revenue is None else self.of("net_revenue", said.net_revenue)
        return Prediction(money, self.of("orders", said.orders), self.of("active", said.active))

    def of(self, target: Target, said: FloatArray) -> FloatArray:
        """Return one target at this level."""
        if target == "active":
            return self._calibrated(said)
        return said * (self.net_revenue if target == "net_revenue" else self.orders)

    def _calibrated(self, chance: FloatArray) -> FloatArray:
        if (self.active_log_odds, self.active_low, self.active_high) == (0.0, 1.0, 1.0):
            return chance
        calibrated: FloatArray = expit(self.active_log_odds + _log_odds(chance, self.active_low, self.active_high))
        return calibrated

    def to_parts(self) -> dict[str, float]:
        """Return the five numbers by name."""
        return asdict(self)

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the level that `to_parts` described."""
        return cls(**{field.name: float(parts[field.name]) for field in fields(cls)})


def learn_level(said: Prediction, happened: Rows, follow: float) -> Level:
    """Return the level at which `said` would have been right in total, followed that share of the way (in logs).

    The shape of the chances is followed `FOLLOW_SHAPE` of the way whatever `follow` is, and leaves their mean alone.
    """
    orders = happened.future_orders
    if orders is None:
        return Level()
    money = 1.0
    if said.net_revenue is not None and happened.future_revenue is not None:
        money = _factor(happened.future_revenue, said.net_revenue, follow)
    return Level(
        money,
        _factor(orders, said.orders, follow),
        *_map_of_chances((orders > 0).astype(np.float64), said.active, follow),
    )


def followed(wanted: float, said: float, follow: float, most: float = MOST_SEASON) -> float:
    """Return the factor that draws what was said to what is wanted, followed that share of the way (in logs)."""
    if wanted <= 0 or said <= 0:
        return 1.0
    return float(np.clip(wanted / said, 1.0 / most, most) ** follow)


def moved_log_odds(said: FloatArray, by: float, low: float, high: float) -> float:
    """Return the shift of a map with these slopes that moves the mean chance as adding `by` to the log-odds would."""
    known = said[np.isfinite(said)]
    wanted = float(expit(_log_odds(known, 1.0, 1.0) + by).mean())
    return _centre(_log_odds(known, low, high), wanted)


def _factor(actual: FloatArray, predicted: FloatArray, follow: float) -> float:
    return followed(float(np.nansum(actual)), float(np.nansum(predicted)), follow, MOST)


def _map_of_chances(happened: FloatArray, said: FloatArray, follow: float) -> tuple[float, float, float]:
    """Return the shift and the two slopes of the map of chances."""
    known = np.isfinite(said)
    happened, said = happened[known], said[known]
    if not (0.0 < happened.mean() < 1.0 and 0.0 < said.mean() < 1.0):
        return 0.0, 1.0, 1.0
    found = BetaCalibration().fit(said, happened)
    low, high = 1.0 + FOLLOW_SHAPE * (found.a_ - 1.0), 1.0 + FOLLOW_SHAPE * (found.b_ - 1.0)
    most = float(np.log(MOST))
    shift = follow * float(np.clip(logit(happened.mean()) - logit(said.mean()), -most, most))
    return moved_log_odds(said, shift, low, high), low, high


def _centre(log_odds: FloatArray, mean: float) -> float:
    """Return the shift of these log-odds at which their chances have the given mean."""
    middle = float(logit(mean))
    ends = middle - float(log_odds.max()) - 1e-6, middle - float(log_odds.min()) + 1e-6
    return float(brentq(lambda shift: float(expit(log_odds + shift).mean()) - mean, *ends, xtol=1e-9))


def _log_odds(chance: FloatArray, low: float, high: float) -> FloatArray:
    inside = np.clip(chance, _LEAST_CHANCE, 1.0 - _LEAST_CHANCE)
    log_odds: FloatArray = low * np.log(inside) - high * np.log1p(-inside)
    return log_odds
