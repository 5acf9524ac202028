"""Forecasts: what each customer will spend and order in a window to come, and how surely.

A forecast is *as of* a date and covers [as_of, as_of + horizon_days). It is judged before it is believed: every
contender forecasts from past dates whose windows have since completed (`backtest`), the naive formula competes, and
whoever wins is refitted on everything (`fit`) and says it of every customer (`apply`); what several horizons say of one
customer is made to agree (`agree`). `evaluate` and `calibration` publish the judgement, `gated` what it allows,
`realised` what became of it once its window is over. What the data cannot support is refused by name.
"""

from patron.forecasts.explainable import ExplainableForecast, explainable, learned_again
from patron.forecasts.fitted import ForecastModel
from patron.forecasts.gates import gated
from patron.forecasts.horizons import agree
from patron.forecasts.model import apply, fit
from patron.forecasts.next_category import (
    MOST_CATEGORIES,
    Baskets,
    CategoryWindow,
    JudgedCategories,
    NextCategory,
    evaluate_categories,
    fit_categories,
    judge_categories,
    name_categories,
    read_baskets,
    refuse_categories,
)
from patron.forecasts.published import calibration, evaluate, held_out
from patron.forecasts.quality import Backtest, backtest
from patron.forecasts.realised import Due, nothing_due, realised
from patron.forecasts.seasons import LastYear, is_steady, taken_a_year_ago
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Refusal

__all__ = [
    "MOST_CATEGORIES",
    "Backtest",
    "Baskets",
    "CategoryWindow",
    "Due",
    "ExplainableForecast",
    "ForecastModel",
    "ForecastSpec",
    "JudgedCategories",
    "LastYear",
    "NextCategory",
    "Refusal",
    "agree",
    "apply",
    "backtest",
    "calibration",
    "evaluate",
    "evaluate_categories",
    "explainable",
    "fit",
    "fit_categories",
    "gated",
    "held_out",
    "is_steady",
    "judge_categories",
    "learned_again",
    "name_categories",
    "nothing_due",
    "read_baskets",
    "realised",
    "refuse_categories",
    "taken_a_year_ago",
]
