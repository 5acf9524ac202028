"""Learned peers without look-ahead: features as of the cut less s days, what came in the next s, scaled to the horizon.

s is the horizon, or half of the calibration where that is shorter: half of what is known describes customers, half
tells what they did. A chance p over s days becomes 1 − (1 − p)^(horizon ÷ s).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from benchmarks.accuracy.peers.peer import Peer, Said
from benchmarks.accuracy.protocols import HoldOut, split
from benchmarks.accuracy.purchases import FloatArray, rfm

_SEEDS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Lesson:
    """Features and outcomes of the past window, today's features, and how many such windows the horizon is long."""

    then: FloatArray
    came: HoldOut
    now: FloatArray
    windows: float

    def chance(self, over_a_window: FloatArray) -> FloatArray:
        """Carry a chance from the window to the horizon."""
        inside = np.clip(over_a_window, 0.0, 1.0 - 1e-12)
        return -np.expm1(self.windows * np.log1p(-inside))


def lesson(held: HoldOut) -> Lesson:
    """Cut the calibration itself."""
    known, as_of = held.known, held.as_of
    span = int((np.datetime64(as_of) - known.day.min()).astype(int))
    days = min(held.horizon_days, span // 2)
    came = split(known, as_of - timedelta(days=days), days)
    then = rfm(came.known, np.datetime64(came.as_of))
    return Lesson(then, came, rfm(known, np.datetime64(as_of)), held.horizon_days / days)


def boosting(held: HoldOut) -> Said:
    from lightgbm import LGBMClassifier, LGBMRegressor

    told = lesson(held)
    shared: Mapping[str, Any] = {
        "n_estimators": 200,
        "learning_rate": 0.03,
        "num_leaves": 15,
        "min_child_samples": 50,
        "verbose": -1,
        "n_jobs": 1,
        "random_state": 1,
    }
    orders = LGBMRegressor(objective="poisson", **shared).fit(told.then, told.came.orders)
    money = LGBMRegressor(objective="tweedie", **shared).fit(told.then, np.maximum(told.came.money, 0.0))
    active = LGBMClassifier(**shared).fit(told.then, told.came.active)
    return {
        "orders": told.windows * _asked(orders.predict, told.now),
        "net_revenue": told.windows * _asked(money.predict, told.now),
        "active": told.chance(_asked(active.predict_proba, told.now)[:, 1]),
    }


def logistic(held: HoldOut) -> Said:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    told = lesson(held)
    model = make_pipeline(
        FunctionTransformer(lambda features: np.log1p(np.maximum(features, 0.0))),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    ).fit(told.then, told.came.active)
    chance = _asked(model.predict_proba, told.now)[:, 1]
    bought = told.came.orders[told.came.orders > 0]
    return {"orders": told.windows * chance * float(bought.mean()), "active": told.chance(chance)}


def zero_inflated_lognormal(held: HoldOut) -> Said:
    from patron.forecasts.methods import ZeroInflatedLognormal

    told = lesson(held)
    networks = [
        ZeroInflatedLognormal(n_networks=1, random_state=seed, n_jobs=2).fit(told.then, told.came.money)
        for seed in _SEEDS
    ]
    return {
        "net_revenue": told.windows * np.mean([network.predict(told.now) for network in networks], axis=0),
        "active": told.chance(np.mean([network.probability(told.now) for network in networks], axis=0)),
    }


def _asked(ask: Callable[..., Any], features: FloatArray) -> FloatArray:
    return np.asarray(ask(features), dtype=np.float64)


PEERS = (
    Peer(
        "LightGBM on RFM",
        "lightgbm",
        "200 trees of 15 leaves with 50 customers each, rate 0.03: a mild setting for some thousands of rows; Poisson for orders, Tweedie for money, logistic for the chance.",
        boosting,
    ),
    Peer(
        "logistic on RFM",
        "sklearn",
        "Logs of the features, standardised; scikit-learn's default penalty. Orders are its chance × the mean orders of those who bought.",
        logistic,
    ),
    Peer(
        "ZILN network",
        "torch",
        "Patron's zero-inflated lognormal network with its defaults, trained the peer way: the mean of three seeds, so that neither luck nor mishap of one decides.",
        zero_inflated_lognormal,
    ),
)
