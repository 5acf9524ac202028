"""What the year before leads to expect: of each past origin and of today, for one horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from patron import features
from patron.engines.engine import Engine
from patron.features import Tiles
from patron.forecasts import LastYear, is_steady, taken_a_year_ago
from patron.ground.dates import YEAR_DAYS

FloatArray = NDArray[np.float64]
_AMOUNTS = {"orders": ("order_count", "future_order_count"), "net_revenue": ("net_revenue", "future_net_revenue")}


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the shop took on each day from its first to the last that is known."""

    first_day: date
    by_day: dict[str, FloatArray]

    def before(self, day: date) -> int:
        """Return how many days were over by then."""
        return (day - self.first_day).days


def ledger(engine: Engine, tiles: Tiles, first_day: date, as_of: date) -> Ledger:
    """Read what the shop took on each day before `as_of`: one pass over the tiles."""
    days = features.daily(tiles)
    found = engine.arrow(days.filter(days.day >= ibis.literal(first_day), days.day < ibis.literal(as_of)))
    index = (found["day"].to_numpy().astype("datetime64[D]") - np.datetime64(first_day)).astype(np.intp)
    size = (as_of - first_day).days
    amounts = {name: column for name, (column, _) in _AMOUNTS.items() if column in found.column_names}
    return Ledger(first_day, {name: _spread(index, found[column], size) for name, column in amounts.items()})


def expected(
    engine: Engine, tiles: Tiles, taken: Ledger, days: Sequence[date], horizon_days: int
) -> dict[date, LastYear]:
    """Return what the year before says on those days, where a year is known.

    It costs one pass over the order tiles for each day that has a steady year before it.
    """
    known = [day for day in days if taken.before(day) >= YEAR_DAYS]
    return {day: _expected(engine, tiles, taken, day, horizon_days) for day in known}


def _expected(engine: Engine, tiles: Tiles, taken: Ledger, day: date, horizon_days: int) -> LastYear:
    today = taken.before(day)
    totals = {name: taken_a_year_ago(amounts, today, horizon_days) for name, amounts in taken.by_day.items()}
    shop = {"shop_orders": totals["orders"], "shop_net_revenue": totals.get("net_revenue")}
    if not is_steady(taken.by_day["orders"], today):
        return LastYear(None, **shop)
    shares = _shares_of_known(engine, tiles, taken, day, min(horizon_days, today // 2))
    count = engine.count(features.customers_before(tiles, day))
    each = {
        name: total * shares[name] / count
        for name, total in totals.items()
        if total is not None and is_steady(taken.by_day[name], today)
    }
    return LastYear(each["orders"], each.get("net_revenue"), **shop)


def _shares_of_known(engine: Engine, tiles: Tiles, taken: Ledger, day: date, days: int) -> dict[str, float]:
    """Return the shares of the latest days' amounts that came from customers known when these days began."""
    known = features.label(tiles, features.customers_before(tiles, day - timedelta(days=days)), days)
    columns = {name: column for name, (_, column) in _AMOUNTS.items() if name in taken.by_day}
    came = engine.arrow(known.agg(**{name: known[column].sum() for name, column in columns.items()}))
    today = taken.before(day)
    whole = {name: float(amounts[today - days : today].sum()) for name, amounts in taken.by_day.items()}
    return {name: float(came[name][0].as_py() or 0.0) / whole[name] if whole[name] else 0.0 for name in columns}


def _spread(index: NDArray[np.intp], amounts: pa.ChunkedArray, size: int) -> FloatArray:
    return np.bincount(index, weights=amounts.to_numpy().astype(np.float64), minlength=size).astype(np.float64)
