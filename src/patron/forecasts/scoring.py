"""From a fitted forecast and customers' rows to the published columns, and how they agree with one another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from patron.contracts.published import FORECASTS
from patron.forecasts.churn import chance_of_order, ordered_lately
from patron.forecasts.contenders import NAIVE, Prediction, Target
from patron.forecasts.fitted import ForecastModel
from patron.forecasts.gates import emptied
from patron.forecasts.levels import Level
from patron.forecasts.margin import predict_margin
from patron.forecasts.methods.conformal import MondrianConformal
from patron.forecasts.next_order import Waiting, stated_days
from patron.forecasts.rows import MONEY, FloatArray, Rows

_DATES = {"expected_date_of_next_order": 0.5, "next_order_date_lower": 0.1, "next_order_date_upper": 0.9}


def forecast(model: ForecastModel, rows: Rows) -> pa.Table:
    """Return the rows of the `forecasts` table for these customers, in their order."""
    known = rows.has_history
    said = {name: _levelled(model, name, rows) for name in model.contenders}
    active = np.clip(_chance(model, said, rows), 0.0, 1.0)
    orders = np.maximum(_said(model, said, "orders"), active)  # one order at least, if any
    money, historic = _said(model, said, "net_revenue"), rows.column(MONEY)
    of_money = said.get(model.champions.get("net_revenue", ""))
    chance = of_money.active if of_money else active
    usual = _interval(model.intervals.usual if model.intervals else None, money, chance)
    wide = _interval(model.intervals.wide if model.intervals else None, money, chance)
    alive = model.process.probability_alive(rows) if model.process else np.full(len(rows), np.nan)
    alive = np.maximum(alive, active)  # whoever will order has not left, whichever model says so
    reals = {
        "predicted_clv": money,
        "predicted_clv_lower": usual[0],
        "predicted_clv_upper": usual[1],
        "predicted_clv_lower_wide": wide[0],
        "predicted_clv_upper_wide": wide[1],
        "predicted_number_of_orders": orders,
        "repurchase_probability": active,
        "churn_probability": 1.0 - active,
        "probability_alive": alive,
        "historic_clv": historic,
        "total_clv": historic + money,
        **predict_margin(model.margin, rows, of_money, said.get(NAIVE)),
    }
    shown = {
        name: pa.array(np.where(known, values, np.nan), pa.float64(), from_pandas=True)
        for name, values in reals.items()
    }
    name = model.champions.get("net_revenue", model.champions["orders"])
    table = {
        **shown,
        "customer_id": rows.customer_id,
        "horizon_days": pa.array(np.full(len(rows), model.horizon_days), pa.int64()),
        **_next_order(model, rows, np.where(known, active, np.nan)),
        "model": pa.array([name] * len(rows), pa.string()),
        "as_of": pa.array(rows.as_of, pa.date32()),
    }
    said_of_all = emptied(table, model.gates)
    return pa.table({column: said_of_all[column] for column in FORECASTS.names})


def _levelled(model: ForecastModel, name: str, rows: Rows) -> Prediction:
    return model.levels.get(name, Level()).apply(model.contenders[name].predict(rows))


def _said(model: ForecastModel, said: Mapping[str, Prediction], target: Target) -> FloatArray:
    size = next(iter(said.values())).orders.size
    predicted = said[model.champions[target]].of(target) if target in model.champions else None
    return predicted if predicted is not None else np.full(size, np.nan)


def _chance(model: ForecastModel, said: Mapping[str, Prediction], rows: Rows) -> FloatArray:
    chance = chance_of_order(said, model.champions, ordered_lately(rows, model.horizon_days))
    return np.full(len(rows), np.nan) if chance is None else chance


def _interval(bands: MondrianConformal | None, money: FloatArray, chance: FloatArray) -> tuple[FloatArray, FloatArray]:
    lower, upper = np.full(money.size, np.nan), np.full(money.size, np.nan)
    known = np.isfinite(money)
    if bands is not None and known.any():
        lower[known], upper[known] = bands.predict_interval(np.column_stack([money, chance])[known])
    return lower, upper


def _next_order(model: ForecastModel, rows: Rows, active: FloatArray) -> dict[str, pa.Array]:
    """Return the days by which an order has come with a chance of 10, 50 and 90 %, of those likelier to order than not.

    The days of others lie beyond the horizon, and so may the last of the three.
    """
    likely = np.flatnonzero(active > 0.5)
    days = {name: np.full(len(rows), "NaT", dtype="datetime64[D]") for name in _DATES}
    if model.timing is not None and likely.size:
        mine, by_days = rows.where(likely), stated_days(model.horizon_days)
        waiting = Waiting(by_days, model.timing.reached(mine, by_days)).at_chance(active[likely])
        for name, chance in _DATES.items():
            ahead = waiting.days_until(chance)
            there = np.isfinite(ahead)
            days[name][likely[there]] = mine.as_of[there] + ahead[there].astype("timedelta64[D]")
    return {name: pa.array(found, pa.date32()) for name, found in days.items()}
