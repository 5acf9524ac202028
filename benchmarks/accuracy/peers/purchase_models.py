"""The purchase models of lifetimes: BG/NBD, MBG/NBD and Pareto/NBD for orders, Gamma-Gamma for their value, in weeks.

lifetimes has no chance of a purchase given a history for (M)BG/NBD. It is Patron's closed form at the parameters that
lifetimes found, so that the peer is judged on it at all; the same for Pareto/NBD.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from contextlib import redirect_stdout
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.accuracy.peers.peer import Peer, Said
from benchmarks.accuracy.protocols import HoldOut
from benchmarks.accuracy.purchases import FloatArray, Histories, histories
from patron.forecasts.methods import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD

WEEK = 7.0
_FITTERS = {
    "BG/NBD": ("BetaGeoFitter", BetaGeoNBD),
    "MBG/NBD": ("ModifiedBetaGeoFitter", ModifiedBetaGeoNBD),
    "Pareto/NBD": ("ParetoNBDFitter", ParetoNBD),
}
_SETTING = "Maximum likelihood without a penalty, as published; equal rows grouped by their weight; Gamma-Gamma on repeat purchases with an amount."


def answer(name: str, held: HoldOut) -> Said:
    import lifetimes

    fitter, ours = _FITTERS[name]
    known = histories(held.known, np.datetime64(held.as_of))
    weeks = held.horizon_days / WEEK
    columns = (known.x, known.t_x / WEEK, known.T / WEEK)
    with warnings.catch_warnings(), np.errstate(all="ignore"), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        model = getattr(lifetimes, fitter)(penalizer_coef=0.0)
        kinds = _grouped(columns)
        model.fit(*(kinds[i].to_numpy() for i in range(3)), weights=kinds["customers"].to_numpy())
        orders = np.asarray(model.conditional_expected_number_of_purchases_up_to_time(weeks, *columns), dtype=float)
        value = _value(known)
    chance = ours.from_params(**_named(model.params_)).probability_of_purchase(np.column_stack(columns), weeks)
    return {"orders": orders, "net_revenue": orders * value, "active": np.clip(chance, 0.0, 1.0)}


def _value(known: Histories) -> FloatArray:
    from lifetimes import GammaGammaFitter

    used = (known.x > 0) & (known.mean_amount > 0)
    model = GammaGammaFitter(penalizer_coef=0.0).fit(known.x[used], known.mean_amount[used])
    return np.asarray(model.conditional_expected_average_profit(known.x, known.mean_amount), dtype=float)


def _grouped(columns: tuple[FloatArray, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(dict(enumerate(columns)))
    return frame.groupby([0, 1, 2]).size().reset_index(name="customers")


def _named(found: Mapping[str, float]) -> dict[str, float]:
    return {str(name): float(value) for name, value in found.items()}


PEERS = tuple(Peer(f"{name} (lifetimes)", "lifetimes", _SETTING, partial(answer, name)) for name in _FITTERS)
