"""Who of the active customers will not order in the window: judged among them alone.

The active are those who ordered in the last `horizon_days` before as_of. Over all customers a chance looks good for
knowing that who left long ago stays away; what a shop can act on is who of its customers of today stops. So the
contenders' chances are judged once more among the active, and who is best there speaks of them. Everyone else's chance
comes from the champion of `active`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from patron.forecasts.contenders import Prediction, Target
from patron.forecasts.rows import HISTORY, BoolArray, FloatArray, Rows
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Refusal, Trial


def ordered_lately(rows: Rows, horizon_days: int) -> BoolArray:
    """Return which customers are active: their last order lies at most the horizon before as_of."""
    _, recency, age = (rows.column(name) for name in HISTORY)
    return np.asarray(age - recency <= horizon_days, dtype=np.bool_)


def active_trials(
    trials: Sequence[Trial], horizon_days: int, spec: ForecastSpec
) -> tuple[tuple[Trial, ...], tuple[Refusal, ...]]:
    """Return the trials over their active customers alone; a refusal where the newest has too few to judge by."""
    alone = [_alone(trial, horizon_days) for trial in trials]
    enough = [trial for trial in alone if min(_counts(trial)) >= spec.least_buyers]
    enough = [trial for trial in enough if len(trial.rows) >= spec.least_customers]
    if enough and enough[-1] is alone[-1]:
        return tuple(enough), ()
    stayed, left = _counts(alone[-1])
    numbers = {"days": horizon_days, "customers": stayed + left, "stayed": stayed, "left": left}
    why = (
        "{customers} customers had ordered in the {days} days before the newest past date, {stayed} ordered again and "
        "{left} did not; the chance over all customers is used for them too."
    )
    return (), (Refusal("churn", why.format(**numbers), "few_active", numbers),)


def chance_of_order(
    said: Mapping[str, Prediction], champions: Mapping[Target, str], lately: BoolArray
) -> FloatArray | None:
    """Return the chance of an order in the window as it is published; None where nobody speaks of it.

    Args:
        said: the contenders' predictions.
        champions: who is used for each target.
        lately: which customers are active.
    """
    if "active" not in champions:
        return None
    everyone = said[champions["active"]].active
    return everyone if "churn" not in champions else np.where(lately, said[champions["churn"]].active, everyone)


def _alone(trial: Trial, horizon_days: int) -> Trial:
    lately = ordered_lately(trial.rows, horizon_days)
    said = {name: prediction.where(lately) for name, prediction in trial.said.items()}
    return Trial(trial.origin, trial.rows.where(lately), {}, said)


def _counts(trial: Trial) -> tuple[int, int]:
    orders = trial.rows.future_orders
    stayed = 0 if orders is None else int(np.count_nonzero(orders > 0))
    return stayed, len(trial.rows) - stayed
