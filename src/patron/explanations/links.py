"""Change one thing about a customer, and what hangs on it changes too.

The rule: what is set holds. What is tied to it by definition moves with it, in this order:

1. days since the last or the first order, the days between them, and what the purchase process reads of them
   (recency = T - days since the last order) are one another's complements;
2. a window shorter than the days since the last order holds no order and no money; one as long as they are holds one
   order of average value at least;
3. a number of orders so far moves repeat orders, and in proportion money and whatever else is counted per order: what
   an average order is stays; the gaps between orders shrink or grow to fit; an average order moves all money so far
   and of every window in proportion;
4. every feature that is declared as a ratio, a difference, a logarithm or a copy of others is computed again.

Everything else stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches

import numpy as np

from patron.contracts.catalogue import declared
from patron.contracts.features import Copy, Derived, Difference, Log1p, Ratio
from patron.ground.errors import PlanError

Row = dict[str, float]
_LAST, _FIRST, _RECENCY, _T = "days_since_last_order", "days_since_first_order", "btyd_recency_days", "btyd_T_days"
_ORDERS, _REPEAT, _GAPS = "orders_count_lifetime", "btyd_frequency", "order_gap_days_count_lifetime"
_VALUE, _REPEAT_VALUE = "order_value_mean_lifetime", "btyd_monetary_mean"
_ORDERS_IN = re.compile(r"^(?:orders|order_days)_count_(\d+)d$")
_MONEY_IN = re.compile(r"^(?:net_revenue|revenue)_sum_(\d+)d$")
_ALL_MONEY = re.compile(
    r"^(?:(?:net_revenue|revenue|repeat_revenue)_sum|order_value_mean|revenue_max|revenue_min)_(?:\d+d|lifetime)$"
)
_GAP_SIZES = tuple(f"order_gap_days_{size}_lifetime" for size in ("max", "min", "std"))
_SUMS_SO_FAR = (
    "revenue_sum_lifetime",
    "net_revenue_sum_lifetime",
    "revenue_count_lifetime",
    "order_days_count_lifetime",
)


def changed(row: Mapping[str, float], to: Mapping[str, float], known: Mapping[str, float] | None = None) -> Row:
    """Return a customer's features after a change, with everything that is tied to it.

    Args:
        row: the customer's features by name, NaN where absent.
        to: what is set.
        known: names that may be set; None: those of `row`.

    Raises:
        PlanError: a feature that is not there, a value that is not a number, or a history that cannot be.
    """
    names = list(known if known is not None else row)
    for name, value in to.items():
        if name not in names:
            near = get_close_matches(name, names, n=3)
            guess = f" Did you mean {', '.join(near)}?" if near else ""
            raise PlanError(
                f"--set {name}: the forecast's customers have no such feature.{guess}\n"
                "Next: `patron tables features` holds those that this shop has."
            )
        if not np.isfinite(value):
            raise PlanError(f"--set {name}: {value} came, and a finite number was expected.")
    after = {**row, **to}
    for step in (_days, _windows, _orders, _values):
        after = {**after, **{name: value for name, value in step(row, after, to).items() if name in row}, **to}
    _check(after)
    return _recomputed(row, after, to)


def _days(before: Row | Mapping[str, float], after: Row, to: Mapping[str, float]) -> Row:
    moved: Row = {}
    if _FIRST in to or _T in to:
        known = to.get(_T, to.get(_FIRST, np.nan))
        moved |= {_FIRST: known, _T: known}
    known = moved.get(_T, after.get(_T, after.get(_FIRST, np.nan)))
    if _RECENCY in to:
        return {**moved, _LAST: known - to[_RECENCY]}
    last = after.get(_LAST, before.get(_LAST, np.nan))
    repeats = after.get(_REPEAT, 0.0) > 0 or to.get(_ORDERS, 1.0) > 1  # several orders on one day are no return
    if _LAST in to and not repeats:
        return {**moved, _FIRST: last, _T: last, _RECENCY: 0.0}
    return {**moved, _RECENCY: known - last} if moved or _LAST in to else moved


def _windows(before: Mapping[str, float], after: Row, to: Mapping[str, float]) -> Row:
    if _LAST not in to:
        return {}
    moved: Row = {}
    value = after.get(_VALUE, np.nan)
    for name, was in before.items():
        for shape, least in ((_ORDERS_IN, 1.0), (_MONEY_IN, value)):
            found = shape.match(name)
            if found is None:
                continue
            inside = to[_LAST] <= int(found[1])
            moved[name] = 0.0 if not inside else least if was == 0.0 and np.isfinite(least) else was
    return moved


def _orders(before: Mapping[str, float], after: Row, to: Mapping[str, float]) -> Row:
    if _ORDERS not in to and _REPEAT not in to:
        return {}
    orders = to.get(_ORDERS, to.get(_REPEAT, 0.0) + 1.0)
    was = before.get(_ORDERS, np.nan)
    share = orders / was if was > 0 else np.nan
    moved = {_ORDERS: orders, _REPEAT: max(orders - 1.0, 0.0), _GAPS: max(orders - 1.0, 0.0)}
    moved |= {name: before[name] * share for name in _SUMS_SO_FAR if name in before and np.isfinite(share)}
    if np.isfinite(share):
        moved |= {name: before[name] * share for name in _counted_per_order() if name in before}
    if orders <= 1:
        return {**moved, _RECENCY: 0.0}
    if before.get(_REPEAT, 0.0) > 0:
        closer = before[_REPEAT] / (orders - 1.0)
        moved |= {name: before[name] * closer for name in _GAP_SIZES if name in before}
    if not before.get(_REPEAT_VALUE, 0.0) > 0 and after.get(_VALUE, 0.0) > 0:
        moved[_REPEAT_VALUE] = after[_VALUE]
    moved["repeat_revenue_sum_lifetime"] = moved[_REPEAT] * moved.get(_REPEAT_VALUE, after.get(_REPEAT_VALUE, np.nan))
    return moved


def _counted_per_order() -> tuple[str, ...]:
    return tuple(
        feature.formula.numerator
        for feature in declared()
        if isinstance(feature, Derived)
        and isinstance(feature.formula, Ratio)
        and feature.formula.denominator == _ORDERS
    )


def _values(before: Mapping[str, float], after: Row, to: Mapping[str, float]) -> Row:
    asked = next((name for name in (_VALUE, _REPEAT_VALUE) if name in to), None)
    if asked is None or not before.get(asked, 0.0) > 0:
        return {}
    share = to[asked] / before[asked]
    moved = {name: after[name] * share for name in before if _ALL_MONEY.match(name)}
    return {**moved, _REPEAT_VALUE: after.get(_REPEAT_VALUE, np.nan) * (1.0 if _REPEAT_VALUE in to else share)}


def _check(row: Row) -> None:
    if row.get(_RECENCY, 0.0) < 0:
        raise PlanError(
            f"--set: the last order would be {row[_LAST]:g} days ago and the first {row[_T]:g}.\n"
            f"Expected: the first at least as long ago. Next: set {_FIRST}, too, or a smaller {_LAST}."
        )
    negative = [name for name in (_LAST, _FIRST, _ORDERS, _REPEAT) if row.get(name, 0.0) < 0]
    if negative:
        raise PlanError(f"--set {negative[0]}: {row[negative[0]]:g} came, and 0 or more was expected.")


def _recomputed(before: Mapping[str, float], after: Row, to: Mapping[str, float]) -> Row:
    """Compute derived features again, in the order of their declaration, where something they read has moved."""
    row = dict(after)
    for feature in declared():
        if not isinstance(feature, Derived) or feature.name not in row or feature.name in to:
            continue
        made = _FORMULAS.get(type(feature.formula))
        reads = made[0](feature.formula) if made else ()
        if made and reads and all(name in row for name in reads) and any(row[n] != before[n] for n in reads):
            row[feature.name] = made[1](feature.formula, row)
    return row


def _ratio(formula: Ratio, row: Row) -> float:
    below = row[formula.denominator]
    return formula.scale * row[formula.numerator] / below if below else float("nan")


_FORMULAS: Mapping[type, tuple[Callable[..., tuple[str, ...]], Callable[..., float]]] = {
    Ratio: (lambda it: (it.numerator, it.denominator), _ratio),
    Difference: (lambda it: (it.left, it.right), lambda it, row: row[it.left] - row[it.right]),
    Log1p: (lambda it: (it.of,), lambda it, row: float(np.log1p(max(row[it.of], 0.0)))),
    Copy: (lambda it: (it.of,), lambda it, row: row[it.of]),
}
