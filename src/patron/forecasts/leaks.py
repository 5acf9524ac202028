"""Leaks by what they know: a feature that all but determines an outcome has seen it.

Honest features are far from that: on real shops the best single one ranks orders with a normalised Gini of 0.6 to 0.87.
A feature is a leak when, over the customers of the newest past dates,

- it is the outcome itself, value for value, and nothing else determines it as well; or
- alone, it ranks one outcome (who ordered, orders, the logarithm of spend) with a normalised Gini above 0.995, while
  the best of the features below that stays under 0.95. Of who ordered, the normalised Gini is 2 AUC − 1.

Where more than three features determine an outcome, the shop is that regular (subscriptions, say) and nothing is
refused. Nor is what orders customers exactly by their age: the day of a first order holds no future. Absence counts as
a value: a feature that exists for buyers alone gives them away too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from patron import measures
from patron.forecasts.rows import HISTORY, FloatArray, Rows
from patron.ground.errors import LeakFound

_KNOWS = 0.995
_HONEST = 0.95
_EXACT = 0.9999
_MOST_LEAKS = 3
_LEAST_ROWS = 50
_LEAST_EACH = 10  # customers on either side of an outcome
_MOST_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class _Outcome:
    what: str
    measure: str
    ranked: FloatArray  # what a feature is to put in order
    values: tuple[FloatArray, ...]  # what a feature that is the outcome itself would equal


@dataclass(frozen=True, slots=True)
class Leak:
    """A feature that knows the future, and what gave it away."""

    feature: str
    what: str  # which outcome it knows
    how: str


def insist_no_leak(rows: Rows, horizon_days: int, *, where: str) -> None:
    """Make sure that no feature of labelled rows knows the outcome.

    Args:
        rows: labelled rows; the newest dates are looked at.
        horizon_days: the length of their windows, for the message.
        where: the door that was given them, for the message.

    Raises:
        LeakFound: a feature does, by the module's rule; it is named, with what gave it away.
    """
    leak = find_leak(rows)
    if leak is None:
        return
    raise LeakFound(
        f"{where}: the feature {leak.feature!r} knows the future.\n"
        f"Of {leak.what} in the {horizon_days} days after as_of, {leak.how}.\n"
        "Expected: what was known before as_of. Next: find out from which rows it is computed; compute it from rows "
        "dated before as_of, or leave it out (in a Plan: features.leave_out)."
    )


def find_leak(rows: Rows) -> Leak | None:
    """Return the feature that knows an outcome best, by the module's rule; None where none does."""
    if len(rows) < _LEAST_ROWS or not rows.names:
        return None
    index = np.argsort(-rows.as_of.astype(np.int64), kind="stable")[: 2 * _MOST_ROWS]
    some = rows.where(np.sort(index[:: max(1, index.size // _MOST_ROWS)]))
    aged = {name for name in some.names if _is_age(some.column(name), some.column(HISTORY[2]))}
    for outcome in _outcomes(some):
        knows = {name: _strength(some.column(name), outcome) for name in some.names if name not in aged}
        same = {name for name in knows if _is_outcome(some.column(name), outcome)}
        leak = _leak(outcome, knows, same)
        if leak:
            return leak
    return None


def _outcomes(rows: Rows) -> list[_Outcome]:
    if rows.future_orders is None:
        return []
    orders = np.nan_to_num(rows.future_orders)
    bought = (orders > 0).astype(np.float64)
    found = []
    if min(bought.sum(), (1.0 - bought).sum()) >= _LEAST_EACH:
        found.append(_Outcome("who ordered", "an AUC", bought, (bought,)))
    if np.count_nonzero(orders != np.median(orders)) >= _LEAST_EACH:
        found.append(_Outcome("how many orders came", "a normalised Gini", orders, (orders,)))
    if rows.future_revenue is not None:
        money = np.nan_to_num(rows.future_revenue)
        if np.count_nonzero(money != np.median(money)) >= _LEAST_EACH:
            found.append(
                _Outcome("how much was spent", "a normalised Gini", np.log1p(np.maximum(money, 0.0)), (money,))
            )
    return found


def _strength(values: FloatArray, outcome: _Outcome) -> float:
    """Return how well a feature alone orders an outcome, in either direction: 0 not at all, 1 perfectly."""
    known = np.isfinite(values)
    if not known.any():
        return 0.0
    filled = np.where(known, values, float(values[known].min()) - 1.0)
    return abs(float(np.nan_to_num(measures.normalised_gini(outcome.ranked, filled))))


def _is_age(values: FloatArray, age_days: FloatArray) -> bool:
    if not (np.isfinite(values).all() and np.ptp(values) > 0):
        return False
    return abs(float(np.nan_to_num(measures.spearman(values, age_days)))) > _EXACT


def _is_outcome(values: FloatArray, outcome: _Outcome) -> bool:
    return any(bool(np.array_equal(np.nan_to_num(values), one)) for one in outcome.values)


def _leak(outcome: _Outcome, knows: Mapping[str, float], same: set[str]) -> Leak | None:
    suspects = [name for name, value in knows.items() if value > _KNOWS or name in same]
    others = {name: value for name, value in knows.items() if name not in suspects}
    best = max(others, key=lambda name: others[name], default="")
    alone = not others or others[best] < _HONEST or set(suspects) == same
    if not suspects or len(suspects) > _MOST_LEAKS or not alone:
        return None
    name = max(suspects, key=lambda one: (one in same, knows[one]))
    if name in same:
        return Leak(name, outcome.what, "it is that outcome, value for value")
    reach = (1.0 + knows[name]) / 2.0 if outcome.measure == "an AUC" else knows[name]
    rest = f"; the next best feature, {best!r}, is far below it" if best else ""
    return Leak(name, outcome.what, f"alone it has {outcome.measure} of {reach:.4f}{rest}")
