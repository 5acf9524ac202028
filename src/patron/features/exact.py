"""Numbers whose sums are the same in any order, so that every engine tells the same features.

A sum of floats depends on the sequence in which it is added, and no two engines add in the same one. What is summed is
therefore a decimal number: money and its squares as they are, real numbers after they were rounded here.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

EXACT = "decimal(38, 12)"  # squares of money have eight decimal places, and 26 digits are left before the point
_WIDER_MONEY = "decimal(19, 4)"  # DuckDB lets the product of two of 18 digits have no more than 18
_NARROW = "decimal(18, 12)"
_LOGARITHM = "decimal(15, 12)"  # few digits, so that its product with a count has at most 38 everywhere
_PLACES = 1e12
_NEAR = 1e3  # fifteen digits with twelve decimal places: what every engine can turn into a decimal number unharmed
_FAR = "decimal(38, 9)"
_MOST = 1e20


def exact(value: ir.NumericValue) -> ir.DecimalValue:
    """Return a real number to 12 decimal places, one of 1,000 and more to 9; beyond 1e20 it counts as 1e20."""
    near, far = twelve_places(value).cast(_NARROW).cast(EXACT), value.clip(-_MOST, _MOST).cast(_FAR).cast(EXACT)
    return ibis.ifelse(value.abs() < _NEAR, near, far)


def squared(money: ir.DecimalValue) -> ir.DecimalValue:
    """Return the square of an amount, to its last digit."""
    return (money.cast(_WIDER_MONEY) * money).cast(EXACT)


def twelve_places(value: ir.NumericValue) -> ir.FloatingValue:
    """Round a number below 1,000 by steps that are the same everywhere; every engine's ROUND has rules of its own."""
    return (value * _PLACES + 0.5).floor().cast("float64") / _PLACES


def logarithm(value: ir.NumericValue) -> ir.FloatingValue:
    """Return the natural logarithm to 12 decimal places: engines compute it to the last bit but one."""
    return twelve_places(value.ln())


def entropy(counts: ir.IntegerValue, counted: ir.BooleanValue) -> ir.FloatingValue:
    """Aggregate counts of values to -sum p ln p, over those that are `counted`."""
    weighed = counts * logarithm(counts).cast(_LOGARITHM)
    total = ibis.ifelse(counted, counts, None).sum()
    return logarithm(total) - ibis.ifelse(counted, weighed, None).sum().cast("float64") / total.cast("float64")
