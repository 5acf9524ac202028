"""Features as data: what a declaration can say. Engines compile it; the dictionary is printed from it.

Facts are first reduced to *tiles*: one row per customer and day of mergeable base aggregates. A windowed feature is a
reduction of one tile column over the tiles of the days ``[as_of - days, as_of)``; a derived feature is a formula over
other features. Names are never typed twice: ``{what}_{how}_{days}d`` or ``{what}_{how}_lifetime``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["orders", "lines", "returns", "cancellations", "events", "reviews", "touches", "signals"]
How = Literal["count", "sum", "squares", "min", "max", "first", "last"]
Merge = Literal["sum", "min", "max"]
Dimension = Literal["category", "brand", "product"]
Spread = Literal["distinct", "top_share", "entropy"]
Days = int | None  # None: the customer's lifetime up to as_of

WINDOWS_DAYS: tuple[int, ...] = (7, 30, 90, 180, 365)
ALWAYS: tuple[Days, ...] = (*WINDOWS_DAYS, None)
LONG: tuple[Days, ...] = (90, 365, None)

MERGES: dict[How, Merge] = {
    "count": "sum",
    "sum": "sum",
    "squares": "sum",
    "min": "min",
    "max": "max",
    "first": "min",
    "last": "max",
}


@dataclass(frozen=True, slots=True)
class TileColumn:
    """One mergeable base aggregate of a source, per customer and day.

    `row` names the row expression that is aggregated (see `patron.features.rows`); `needs` names the fact columns
    without which it does not exist. Sums of real numbers are `exact`: decimal numbers, so that they are the same in
    whatever sequence they are added up.
    """

    source: Source
    what: str
    how: How
    row: str
    meaning: str
    unit: str = ""
    kind: Literal["int", "money", "exact", "real", "day"] = "real"
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The derived name, such as `revenue_sum`."""
        return f"{self.what}_{self.how}"

    @property
    def merge(self) -> Merge:
        """How tiles of several days combine."""
        return MERGES[self.how]


def window_suffix(days: Days) -> str:
    """Return the part of a feature's name that tells its window.

    >>> window_suffix(90), window_suffix(None)
    ('90d', 'lifetime')
    """
    return "lifetime" if days is None else f"{days}d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Windowed:
    """A tile column reduced over the days before as_of."""

    tile: TileColumn
    days: Days
    family: str

    @property
    def name(self) -> str:
        """The derived name, such as `revenue_sum_90d`."""
        return f"{self.tile.name}_{window_suffix(self.days)}"

    @property
    def unit(self) -> str:
        """The tile column's unit."""
        return self.tile.unit

    @property
    def meaning(self) -> str:
        """The tile column's sentence and the window."""
        return f"{self.tile.meaning}, {_span(self.days)}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """scale * numerator / denominator; absent where the denominator is zero or absent."""

    numerator: str
    denominator: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Difference:
    """left - right; a right side whose source does not exist counts as zero."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Deviation:
    """Sample standard deviation from sum, sum of squares and count; absent below two observations."""

    total: str
    squares: str
    count: str


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Whole days from a day-valued feature to as_of."""

    day: str


@dataclass(frozen=True, slots=True)
class DaysBetween:
    """Whole days from one day-valued feature to another."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Log1p:
    """Natural logarithm of one plus a feature; negative values count as zero."""

    of: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Another feature under the name its users know."""

    of: str


Formula = Ratio | Difference | Deviation | DaysSince | DaysBetween | Log1p | Copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A formula over other features."""

    name: str
    formula: Formula
    family: str
    meaning: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affinity:
    """How a customer's order lines spread over a dimension such as category or brand.

    `distinct`: how many values; `top_share`: share of the largest; `entropy`: -sum p ln p in nats.
    """

    dimension: Dimension
    statistic: Spread
    days: Days
    family: str = "affinity"

    @property
    def name(self) -> str:
        """The derived name, such as `category_entropy_365d`."""
        return f"{self.dimension}_{self.statistic}_{window_suffix(self.days)}"

    @property
    def unit(self) -> str:
        """The statistic's unit."""
        return {"distinct": "count", "top_share": "share", "entropy": "nats"}[self.statistic]

    @property
    def meaning(self) -> str:
        """One sentence."""
        says = {
            "distinct": f"Different values of {self.dimension} bought",
            "top_share": f"Share of order lines in the customer's most bought {self.dimension}",
            "entropy": f"Entropy of order lines over {self.dimension}",
        }
        return f"{says[self.statistic]}, {_span(self.days)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A number read off the customer's own row, if it was known before as_of."""

    name: str
    column: str
    statistic: Literal["age_years", "tenure_days", "is"]
    meaning: str
    value: str = ""
    family: str = "demographics"
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Social:
    """A number read off the ties a customer had before as_of."""

    name: str
    statistic: Literal["degree", "referred", "was_referred", "neighbour_orders_mean", "neighbour_revenue_mean"]
    meaning: str
    family: str = "social"
    unit: str = ""


Feature = Windowed | Derived | Affinity | Attribute | Social


def _span(days: Days) -> str:
    return "over the customer's lifetime" if days is None else f"in the last {days} days"
