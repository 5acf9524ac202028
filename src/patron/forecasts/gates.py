"""What may be published of a forecast: the facts that its gates read, and the cells that a refusal leaves empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from patron.contracts.gates import Ruling, gates, of_room, rule
from patron.contracts.published import QUALITY
from patron.forecasts.contenders import PurchaseProcess
from patron.forecasts.fitted import ForecastModel
from patron.forecasts.margin import costed_percent
from patron.forecasts.quality import Backtest
from patron.forecasts.rows import HISTORY, Rows

_ROOM = "forecasts"


def rulings(rows: Rows, backtest: Backtest | None, process: PurchaseProcess | None) -> tuple[Ruling, ...]:
    """Rule on every output of one horizon that fills columns of the forecasts table.

    Args:
        rows: today's customers with a history.
        backtest: the judgement; None where no past date could judge.
        process: the purchase model behind `probability_alive`; None where none could be fitted.
    """
    facts = {
        "money": float(rows.has_money),
        "window_revenue": float(_earned(backtest)),
        "repeat_customers": float((rows.column(HISTORY[0], absent=0.0) > 0).sum()),
        "purchase_process": float(process is not None),
        "leaving_seen": float(process is not None and process.sees_leaving),
        "costed_percent": costed_percent(rows),
        **_judged(backtest),
    }
    return tuple(rule(gate, facts) for gate in of_room(_ROOM) if gate.columns)


def gated(model: ForecastModel) -> pa.Table:
    """Return the model's rulings as rows of the `quality` table: measure `gate`, slice `{horizon}d/{output}`."""
    rows = [ruling.row(_ROOM, f"{model.horizon_days}d/") for ruling in model.gates]
    return QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema))


def emptied(columns: Mapping[str, pa.Array], ruled: Sequence[Ruling]) -> dict[str, Any]:
    """Return the columns with those of refused outputs empty."""
    shut = {name for one in ruled if one.status == "refused" for name in gates()[one.output].columns}
    return {name: pa.nulls(len(it), it.type) if name in shut else it for name, it in columns.items()}


def _earned(backtest: Backtest | None) -> bool:
    """Tell whether purchases exceeded refunds in the window that judges; also where nothing tells otherwise."""
    revenue = backtest.trials[-1].rows.future_revenue if backtest else None
    return revenue is None or not np.isfinite(revenue).any() or float(np.nansum(revenue)) > 0


def _judged(backtest: Backtest | None) -> dict[str, float]:
    if backtest is None:
        return {"origins": 0.0, "origin_customers": 0.0, "origin_events": 0.0}
    rows = backtest.trials[-1].rows
    bought = 0 if rows.future_orders is None else int(np.count_nonzero(rows.future_orders > 0))
    return {
        "origins": float(len(backtest.trials)),
        "origin_customers": float(len(rows)),
        "origin_events": float(min(bought, len(rows) - bought)),
    }
