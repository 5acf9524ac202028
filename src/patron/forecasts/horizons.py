"""Several horizons of the same customers, made to agree: what may happen by a day may happen by any later day.

Each horizon has a champion of its own, so a customer may be told a higher chance of an order in 90 days than in 180, or
two dates of the next order. The shorter horizon knows more of the days it spans: it was learned and judged on them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.forecasts.rows import FloatArray

_BEYOND = ("expected_date_of_next_order", "next_order_date_upper")
_DATES = ("next_order_date_lower", *_BEYOND)


def agree(said: Sequence[pa.Table]) -> list[pa.Table]:
    """Return forecasts of several horizons of which no two contradict one another.

    A chance of an order, and a number of orders, is at least that of the next shorter horizon. A date of the next order
    is that of the shortest horizon that names it; the day that an order is as likely as not to have come by, or nine in
    ten, lies beyond the end of a shorter one that names none. What a horizon refuses stays refused. Money is left as it
    is: refunds may make the longer horizon the poorer one.

    Args:
        said: tables as `apply` returns them, one per horizon, shortest first, of the same customers in the same order.
    """
    agreed = list(said[:1])
    for longer in said[1:]:
        agreed.append(_after(agreed[-1], longer))
    return agreed


def _after(shorter: pa.Table, longer: pa.Table) -> pa.Table:
    chance = np.fmax(_numbers(shorter, "repurchase_probability"), _numbers(longer, "repurchase_probability"))
    orders = np.fmax(_numbers(shorter, "predicted_number_of_orders"), _numbers(longer, "predicted_number_of_orders"))
    alive = _numbers(longer, "probability_alive")
    said = {
        "repurchase_probability": chance,
        "churn_probability": 1.0 - chance,
        "predicted_number_of_orders": np.maximum(orders, chance),
        "probability_alive": np.maximum(alive, np.where(np.isnan(chance), alive, chance)),
    }
    columns: dict[str, pa.Array] = {
        name: pa.array(_where_said(longer, name, values), pa.float64(), from_pandas=True)
        for name, values in said.items()
    }
    columns |= {name: _date(shorter, longer, name) for name in _DATES}
    for name, values in columns.items():
        longer = longer.set_column(longer.column_names.index(name), longer.schema.field(name), values)
    return longer


def _where_said(table: pa.Table, name: str, values: FloatArray) -> FloatArray:
    return np.where(np.isnan(_numbers(table, name)), np.nan, values)


def _date(shorter: pa.Table, longer: pa.Table, name: str) -> pa.ChunkedArray:
    own = longer[name]
    if own.null_count == len(own):  # refused
        return own
    if name in _BEYOND:
        horizon = pc.cast(pc.multiply(shorter["horizon_days"], 86_400), pa.duration("s"))
        end = pc.cast(pc.add(pc.cast(shorter["as_of"], pa.timestamp("s")), horizon), pa.date32())
        own = pc.if_else(pc.is_valid(own), pc.max_element_wise(own, end), own)
    return pc.coalesce(shorter[name], own)


def _numbers(table: pa.Table, name: str) -> FloatArray:
    values: FloatArray = table[name].to_numpy().astype(np.float64)
    return values
