"""PyMC-Marketing's BG/NBD and Gamma-Gamma at the most likely parameters under its default priors (MAP), in weeks.

Its other purchase models are left to lifetimes, which finds the same maxima in seconds.
"""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pandas as pd

from benchmarks.accuracy.peers.peer import Peer, Said
from benchmarks.accuracy.peers.purchase_models import WEEK
from benchmarks.accuracy.protocols import HoldOut
from benchmarks.accuracy.purchases import FloatArray, histories
from patron.forecasts.methods import BetaGeoNBD

_PARAMETERS = ("r", "alpha", "a", "b")
_SETTING = 'The package\'s default priors, `method="map"`; Gamma-Gamma on repeat purchases with an amount.'


def answer(held: HoldOut) -> Said:
    rows = _rows(held)
    weeks = held.horizon_days / WEEK
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pymc_marketing import clv

        logging.getLogger("pymc").setLevel(logging.ERROR)
        model = clv.BetaGeoModel(data=rows)
        model.fit(method="map", progressbar=False)
        orders = model.expected_purchases(data=rows, future_t=weeks).mean(("chain", "draw")).to_numpy()
        value = _value(rows)
    found = {parameter: float(model.fit_result[parameter].mean()) for parameter in _PARAMETERS}
    chance = BetaGeoNBD.from_params(**found).probability_of_purchase(
        rows[["frequency", "recency", "T"]].to_numpy(), weeks
    )
    return {"orders": orders, "net_revenue": orders * value, "active": np.clip(chance, 0.0, 1.0)}


def _rows(held: HoldOut) -> pd.DataFrame:
    known = histories(held.known, np.datetime64(held.as_of))
    return pd.DataFrame(
        {
            "customer_id": np.arange(known.x.size),
            "frequency": known.x,
            "recency": known.t_x / WEEK,
            "T": known.T / WEEK,
            "monetary_value": known.mean_amount,
        }
    )


def _value(rows: pd.DataFrame) -> FloatArray:
    from pymc_marketing import clv

    model = clv.GammaGammaModel(data=rows[(rows["frequency"] > 0) & (rows["monetary_value"] > 0)])
    model.fit(method="map", progressbar=False)
    return np.asarray(model.expected_customer_spend(data=rows).mean(("chain", "draw")))


PEERS = (Peer("BG/NBD (PyMC-Marketing)", "pymc_marketing", _SETTING, answer),)
