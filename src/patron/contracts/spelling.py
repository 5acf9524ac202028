"""How numbers of the published tables are spelled for people: money without the noise of its sum, counts as counts.

Features are kept as floats, so that a table of them is one matrix. A text that leaves the house says 4 orders, not 4.0,
and 6526.12, not 6526.120000000002.
"""

from __future__ import annotations

import re
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from patron.contracts.catalogue import declared
from patron.contracts.features import Affinity, Attribute, DaysBetween, DaysSince, Derived, Feature, Social, Windowed
from patron.contracts.published import PUBLISHED

MONEY_DECIMALS = 4  # as the facts have them
_SIGNAL_COUNT = re.compile(r"^signal_.+_count_\d+d$")


def spelled(table: pa.Table) -> pa.Table:
    """Return a table as it is written for people: money rounded to four decimals, counts as whole numbers.

    Columns are known by their names, which mean the same in every table. A count that is not whole stays as it is.

    Args:
        table: any of a run's tables, or some of its columns.

    >>> table = pa.table({"orders_count_lifetime": [4.0, None], "net_revenue_sum_365d": [6526.120000000002, None]})
    >>> spelled(table).to_pylist()[0]
    {'orders_count_lifetime': 4, 'net_revenue_sum_365d': 6526.12}
    """
    for at, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            table = table.set_column(at, field.name, _spelled(field.name, table.column(at)))
    return table


def _spelled(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if name in _money():
        return pc.round(column, MONEY_DECIMALS)
    if name in _whole() or _SIGNAL_COUNT.match(name):
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:
            return column
    return column


@cache
def _money() -> frozenset[str]:
    """Return the names of all columns that hold amounts."""
    published = (column for contract in PUBLISHED.values() for column in contract.columns)
    return frozenset(one.name for one in (*published, *declared()) if one.unit == "money")


@cache
def _whole() -> frozenset[str]:
    """Return the names of all features that count."""
    return frozenset(feature.name for feature in declared() if _counts(feature))


def _counts(feature: Feature) -> bool:
    match feature:
        case Windowed(tile=tile):
            return tile.kind == "int" and tile.how != "squares"
        case Derived(formula=formula):
            return isinstance(formula, DaysSince | DaysBetween)
        case Affinity(statistic=statistic):
            return statistic == "distinct"
        case Social(statistic=statistic):
            return not statistic.endswith("_mean")
        case Attribute():
            return True
