"""What a feature is about: features that say the same thing in other words are one reason, not three."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from patron.contracts.catalogue import declared

PROCESS = "purchase_process_"
LEVEL = "forecast_level"
_PATTERN = (PROCESS, "order_gap_days")
_READ_BY_PROCESS = {
    "btyd_frequency": "frequency",
    "btyd_recency_days": "recency",
    "btyd_T_days": "tenure",
    "btyd_monetary_mean": "value",
}
_BY_NAME = {
    "order_overdue_ratio": "recency",
    "order_silence_ratio": "recency",
    "orders_per_year_lifetime": "frequency",
    "days_since_first_order": "tenure",
    "account_age_days": "tenure",
    LEVEL: "level",
}
_BY_FAMILY = {
    "recency": "recency",
    "frequency": "frequency",
    "monetary": "value",
    "timing": "pattern",
    "trend": "trend",
    "basket": "basket",
    "affinity": "variety",
    "price": "price",
    "returns": "returns",
    "rhythm": "moments",
    "browsing": "browsing",
    "reviews": "reviews",
    "marketing": "marketing",
    "demographics": "person",
    "social": "ties",
    "signals": "signals",
}
_SAME_NUMBER = {"orders_log_lifetime": "orders_count_lifetime", "net_revenue_log_lifetime": "net_revenue_sum_lifetime"}
_LOG = re.compile(r"^log(?:1p)?_")


def plain_name(name: str) -> str:
    """Return the feature whose number this is: a logarithm of orders tells the number of orders.

    >>> plain_name("orders_log_lifetime"), plain_name("log_orders_count_90d"), plain_name("age_years")
    ('orders_count_lifetime', 'orders_count_90d', 'age_years')
    """
    bare = _LOG.sub("", name)
    return _SAME_NUMBER.get(bare, bare)


def group_of(name: str, *, helped: bool) -> str:
    """Return what a feature is about.

    Where a purchase process helps the model, what it reads and what it says are one: the buying pattern.

    >>> group_of("orders_count_90d", helped=True), group_of("purchase_process_value", helped=True)
    ('frequency', 'pattern')
    >>> group_of("btyd_recency_days", helped=True), group_of("btyd_recency_days", helped=False)
    ('pattern', 'recency')
    """
    plain = plain_name(name)
    if plain in _READ_BY_PROCESS:
        return "pattern" if helped else _READ_BY_PROCESS[plain]
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    if plain.startswith(_PATTERN):
        return "pattern"
    if plain.startswith("signal_"):
        return "signals"
    return _BY_FAMILY.get(_families().get(plain, ""), "other")


def is_helped(names: Sequence[str]) -> bool:
    """Tell whether a purchase process is among what a model reads."""
    return any(name.startswith(PROCESS) for name in names)


def numbered(names: Sequence[str], *, helped: bool) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the groups of the names, in order of first sight, and per name the number of its group."""
    of_each = [group_of(name, helped=helped) for name in names]
    groups = tuple(dict.fromkeys(of_each))
    return groups, np.array([groups.index(group) for group in of_each], dtype=np.intp)


@cache
def _families() -> Mapping[str, str]:
    return {feature.name: feature.family for feature in declared()}
