"""Next category: which categories a customer's next order will hold, should there be one in the horizon.

Stated for each category: the probability that the customer's first order day in [as_of, as_of + horizon_days) holds it,
given that there is one. An order may hold several, so that a customer's probabilities add up to more than one. The most
bought categories are forecast (`MOST_CATEGORIES`); what others bring is never named, and counts as a miss.
"""

from patron.forecasts.next_category.baskets import MOST_CATEGORIES, Baskets, Window, read_baskets
from patron.forecasts.next_category.judgement import Judged, judge
from patron.forecasts.next_category.model import NextCategory, apply, fit
from patron.forecasts.next_category.published import evaluate, refused

__all__ = [
    "MOST_CATEGORIES",
    "Baskets",
    "Judged",
    "NextCategory",
    "Window",
    "apply",
    "evaluate",
    "fit",
    "judge",
    "read_baskets",
    "refused",
]
