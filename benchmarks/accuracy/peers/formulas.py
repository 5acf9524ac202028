"""The naive formulas on the protocol's own rows: the rate so far, and the last period again."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.peers.peer import Peer, Said
from benchmarks.accuracy.protocols import HoldOut
from benchmarks.accuracy.purchases import histories

_LEAST_TENURE_DAYS = 30.0


def rate(held: HoldOut) -> Said:
    share = held.horizon_days / np.maximum(histories(held.known, np.datetime64(held.as_of)).T, _LEAST_TENURE_DAYS)
    orders = held.known.counts * share
    return {"orders": orders, "net_revenue": held.known.totals * share, "active": -np.expm1(-orders)}


def last_period(held: HoldOut) -> Said:
    end = np.datetime64(held.as_of)
    recent = held.known.between(end - np.timedelta64(held.horizon_days, "D"), end)
    return {"orders": recent.counts, "net_revenue": recent.totals, "active": -np.expm1(-recent.counts)}


PEERS = (
    Peer(
        "naive rate",
        "numpy",
        f"Purchases so far ÷ days since the first (at least {_LEAST_TENURE_DAYS:.0f}) × the horizon; the chance of any is 1 − e^−orders.",
        rate,
    ),
    Peer(
        "last period",
        "numpy",
        "The purchases of as many days before the cut as the hold-out has; the chance of any is 1 − e^−orders.",
        last_period,
    ),
)
