"""Margin: what the expected money of each customer will leave after the cost of the goods.

Margin is money times a share of it. The money is what the room forecasts; the share is the shop's, the customer's own
so far, or the customer's own drawn towards the shop's by how many orders it was seen over. It is forecast where the
orders' costs are known, and judged on the same past dates as the money.
"""

from patron.forecasts.margin.contenders import MARGIN_READ, costed_percent
from patron.forecasts.margin.judgement import JudgedMargin, judge_margin
from patron.forecasts.margin.model import MarginModel, fit_margin, predict_margin
from patron.forecasts.margin.published import evaluate_margin

__all__ = [
    "MARGIN_READ",
    "JudgedMargin",
    "MarginModel",
    "costed_percent",
    "evaluate_margin",
    "fit_margin",
    "judge_margin",
    "predict_margin",
]
