"""From a fitted forecast and customers' rows to the published columns, and how they agree with one another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from patron.contracts.published import FORECASTS
from patron.forecasts.contenders import NAIVE, Prediction, Target
from patron.forecasts.fitted import ForecastModel
from patron.forecasts.gates import emptied
from patron.forecasts.levels import Level
from patron.forecasts.margin import predict_margin
from patron.forecasts.methods.conformal import MondrianConformal
from patron.forecasts.rows import MONEY, FloatArray, Rows


def forecast(model: ForecastModel, rows: Rows) -> pa.Table:
    """Return the rows of the `forecasts` table for these customers, in their order."""
    known = rows.has_history
    said = {name: _levelled(model, name, rows) for name in model.contenders}
    active = np.clip(_said(model, said, "active"), 0.0, 1.0)
    orders = np.maximum(_said(model, said, "orders"), active)  # one order at least, if any
    money, historic = _said(model, said, "net_revenue"), rows.column(MONEY)
    usual = _interval(model.intervals.usual if model.intervals else None, money)
    wide = _interval(model.intervals.wide if model.intervals else None, money)
    alive = model.process.probability_alive(rows) if model.process else np.full(len(rows), np.nan)
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
        **predict_margin(model.margin, rows, money, said[NAIVE].net_revenue if NAIVE in said else None),
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
        "expected_date_of_next_order": _next_order(model, rows, np.where(known, active, np.nan)),
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


def _interval(bands: MondrianConformal | None, money: FloatArray) -> tuple[FloatArray, FloatArray]:
    lower, upper = np.full(money.size, np.nan), np.full(money.size, np.nan)
    known = np.isfinite(money)
    if bands is not None and known.any():
        lower[known], upper[known] = bands.predict_interval(money[known])
    return lower, upper


def _next_order(model: ForecastModel, rows: Rows, active: FloatArray) -> pa.Array:
    """Return the day by which an order is as likely as not; empty when that day lies beyond the horizon."""
    empty = np.full(len(rows), "NaT", dtype="datetime64[D]")
    likely = active > 0.5
    if model.process is None or not likely.any():
        return pa.array(empty, pa.date32())
    days = model.process.days_until_share(rows, 0.5 / np.where(likely, active, 1.0))
    likely &= np.isfinite(days)
    ahead = np.minimum(np.floor(days[likely]), model.horizon_days - 1).astype("timedelta64[D]")
    empty[likely] = rows.as_of[likely] + ahead
    return pa.array(empty, pa.date32())
