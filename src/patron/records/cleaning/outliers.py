"""Outliers: amounts far from the shop's usual ones are flagged, never deleted."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.records.cleaning.context import Context

_TO_SIGMA = 1.4826  # of a normal distribution: standard deviation / median absolute deviation


def flagged(table: ir.Table, column: str, context: Context) -> ir.Table:
    """Add `is_outlier`: ``|log a - median| > fence * 1.4826 * MAD``, over the positive amounts of the import.

    Where half of the amounts are equal (MAD = 0) nothing is flagged.
    """
    low, high = _fence(table, column, context)
    amount = table[column].cast("float64")
    far = (amount < low) | (amount > high) if high > 0 else ibis.literal(False)
    return table.mutate(is_outlier=ibis.coalesce((amount > 0) & far, False))


def _fence(table: ir.Table, column: str, context: Context) -> tuple[float, float]:
    amounts = table.filter(table[column] > 0).select(log=table[column].cast("float64").ln())
    middle = context.engine.rows(amounts.agg(m=amounts["log"].median()))[0]["m"]
    if middle is None:
        return 0.0, 0.0
    centre = float(str(middle))
    spread = context.engine.rows(amounts.agg(s=(amounts["log"] - centre).abs().median()))[0]["s"]
    width = context.spec.outlier_fence * _TO_SIGMA * float(str(spread))
    return (2.718281828459045 ** (centre - width), 2.718281828459045 ** (centre + width)) if width > 0 else (0.0, 0.0)
