"""What each action would have brought, had its assumed effect held: known once the window is over."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.decisions import columns
from patron.decisions.candidates import candidates, prospects
from patron.decisions.customers import read_customers
from patron.decisions.playbook import Playbook
from patron.decisions.spec import DecisionSpec


def hindsight_margins(customers: pa.Table, playbook: Playbook, spec: DecisionSpec) -> NDArray[np.float64]:
    """Return the expected margin of every action for every past customer, by what the customer did without it.

    As `decide` weighs actions, with what came in place of the forecast: whoever ordered in the window anyway could not
    be moved to a further first order, and an order is worth what theirs were worth. Effects are the playbook's.

    Args:
        customers: as for `decide`, with `future_net_revenue`, `future_order_count` and `window_days` of a window that
            is over instead of forecasts.
        playbook: the actions.
        spec: margin rate and cost factor.

    Returns:
        Shape (n_customers, n_actions), in money; 0 where an action makes no sense for a customer or its worth cannot
        be known.
    """
    told = _with_hindsight(customers)
    kinds = playbook.vocabulary.kinds
    read = playbook.columns_read | set(columns.MONEY_READ)
    known = read_customers(told, {name: kinds[name] for name in sorted(read)})
    pairs = candidates(known, playbook, prospects(known, spec), spec)
    margins = np.zeros((len(known), len(playbook.actions)))
    margins[pairs.customer, pairs.action] = np.nan_to_num(pairs.margin)
    return margins


def _with_hindsight(customers: pa.Table) -> pa.Table:
    orders = pc.fill_null(customers["future_order_count"].cast(pa.float64()), 0.0)
    ordered = pc.greater(orders, 0.0).cast(pa.float64())
    came = {
        "predicted_clv": customers["future_net_revenue"].cast(pa.float64()),
        "predicted_number_of_orders": orders,
        "repurchase_probability": ordered,
        "churn_probability": pc.subtract(1.0, ordered),
        "horizon_days": customers["window_days"].cast(pa.float64()),
    }
    kept = customers.drop_columns([name for name in came if name in customers.column_names])
    for name, values in came.items():
        kept = kept.append_column(name, values)
    return kept
