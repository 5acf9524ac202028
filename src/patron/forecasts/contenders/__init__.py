"""Everyone who competes for a forecast, by name. To add a contender: one file here, one line in each dict."""

from collections.abc import Mapping

from patron.forecasts.contenders.boosted import BoostedHurdle, learn_hurdle
from patron.forecasts.contenders.contender import (
    TARGETS,
    Contender,
    Learn,
    Lesson,
    Prediction,
    Restore,
    Target,
)
from patron.forecasts.contenders.naive import LastWindow, RateSoFar, learn_last_window, learn_rate
from patron.forecasts.contenders.purchase_process import PurchaseProcess, learn_bg_nbd, learn_mbg_nbd

LEARN: Mapping[str, Learn] = {
    "naive": learn_rate,
    "last_period": learn_last_window,
    "bg_nbd": learn_bg_nbd,
    "mbg_nbd": learn_mbg_nbd,
    "hurdle": learn_hurdle,
}
RESTORE: Mapping[str, Restore] = {
    "naive": RateSoFar.from_parts,
    "last_period": LastWindow.from_parts,
    "bg_nbd": PurchaseProcess.from_parts,
    "mbg_nbd": PurchaseProcess.from_parts,
    "hurdle": BoostedHurdle.from_parts,
}
NAIVE = "naive"
FORMULAS = (NAIVE, "last_period")  # contenders that learn nothing: what a person with a calculator would say

__all__ = [
    "FORMULAS",
    "LEARN",
    "NAIVE",
    "RESTORE",
    "TARGETS",
    "Contender",
    "Lesson",
    "Prediction",
    "PurchaseProcess",
    "Target",
]
