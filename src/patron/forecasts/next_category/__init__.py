"""Next category: which categories a customer's next order will hold, should there be one in the horizon.

Stated for each category: the probability that the customer's first order day in [as_of, as_of + horizon_days) holds it,
given that there is one. An order may hold several, so that a customer's probabilities add up to more than one. The most
bought categories are forecast (`MOST_CATEGORIES`); what others bring is never named, and counts as a miss.
"""

from patron.forecasts.next_category.baskets import MOST_CATEGORIES, Baskets, CategoryWindow, read_baskets
from patron.forecasts.next_category.judgement import JudgedCategories, judge_categories
from patron.forecasts.next_category.model import NextCategory, fit_categories, name_categories
from patron.forecasts.next_category.published import evaluate_categories, refuse_categories

__all__ = [
    "MOST_CATEGORIES",
    "Baskets",
    "CategoryWindow",
    "JudgedCategories",
    "NextCategory",
    "evaluate_categories",
    "fit_categories",
    "judge_categories",
    "name_categories",
    "read_baskets",
    "refuse_categories",
]
