"""Patron: what is each customer worth, what will they do next, and what should we do about it?

Every table in this package answers one question: *what was known about a customer, as of a date?*
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.ground.version import VERSION

if TYPE_CHECKING:
    from patron.shop import Shop

__all__ = ["__version__", "open", "segment"]
__version__ = VERSION


def open(home: str | Path) -> Shop:  # noqa: A001
    """Open the shop in a folder that holds a `patron.toml`; `Shop.run()` executes its Plan.

    Raises:
        PlanError: the folder holds no Plan.
    """
    from patron.shop import open_shop  # noqa: PLC0415

    return open_shop(home)


def segment(
    orders: Any,
    *,
    as_of: date | str | None = None,
    columns: dict[str, str] | None = None,
    scheme: str = "classic11",
    zone: str = "UTC",
    currency: str = "",
    keep: str | Path | None = None,
) -> Any:
    """Segment and value the customers of one dataframe of orders or order lines; see `patron.oneoff.segment`."""
    from patron.oneoff import segment as work  # noqa: PLC0415

    return work(orders, as_of=as_of, columns=columns, scheme=scheme, zone=zone, currency=currency, keep=keep)
