"""Features: what was known about each customer, as of a date.

Facts are reduced to *tiles* (one row per customer and day of mergeable aggregates); every declared feature of every
snapshot is a reduction over the tiles of earlier days. The declarations live in `patron.contracts.catalogue`.
"""

from patron.features.categories import (
    category_days,
    category_history,
    has_categories,
    most_bought,
    next_categories,
)
from patron.features.cohorts import cohorts, gap_quantiles
from patron.features.days import daily
from patron.features.methods import Preparation
from patron.features.passing import Passing
from patron.features.prepared_columns import prepared_columns
from patron.features.recipe import (
    Tiles,
    build,
    capabilities,
    customers_before,
    finish,
    label,
    reduce,
    signal_names,
    tile,
)
from patron.features.spec import FeatureSpec
from patron.features.storage import answerable, keep, reopen
from patron.features.tiles import AS_THEY_ARE, LINES_READ, day_parts, from_day_parts, merged_parts

__all__ = [
    "AS_THEY_ARE",
    "LINES_READ",
    "FeatureSpec",
    "Passing",
    "Preparation",
    "Tiles",
    "answerable",
    "build",
    "capabilities",
    "category_days",
    "category_history",
    "cohorts",
    "customers_before",
    "daily",
    "day_parts",
    "finish",
    "from_day_parts",
    "gap_quantiles",
    "has_categories",
    "keep",
    "label",
    "merged_parts",
    "most_bought",
    "next_categories",
    "prepared_columns",
    "reduce",
    "reopen",
    "signal_names",
    "tile",
]
