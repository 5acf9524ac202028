"""Everyone who competes for a forecast, by name. To add one: a line in the dict of its file, or a file here."""

from collections.abc import Mapping

from patron.forecasts.contenders.contender import (
    TARGETS,
    Additive,
    Contender,
    Contributions,
    Learn,
    Lesson,
    Prediction,
    Restore,
    Selective,
    Target,
)
from patron.forecasts.contenders.learned import MODELS, Learned, learner
from patron.forecasts.contenders.naive import LastWindow, RateSoFar, learn_last_window, learn_rate
from patron.forecasts.contenders.purchase_process import KINDS, PurchaseProcess, process_learner

LEARN: Mapping[str, Learn] = {
    "naive": learn_rate,
    "last_period": learn_last_window,
    **{kind: process_learner(kind) for kind in KINDS},
    **{kind: learner(kind) for kind in MODELS},
}
RESTORE: Mapping[str, Restore] = {
    "naive": RateSoFar.from_parts,
    "last_period": LastWindow.from_parts,
    **dict.fromkeys(KINDS, PurchaseProcess.from_parts),
    **dict.fromkeys(MODELS, Learned.from_parts),
}
NAIVE = "naive"
FORMULAS = (NAIVE, "last_period")  # contenders that learn nothing: what a person with a calculator would say

__all__ = [
    "FORMULAS",
    "LEARN",
    "NAIVE",
    "RESTORE",
    "TARGETS",
    "Additive",
    "Contender",
    "Contributions",
    "Lesson",
    "Prediction",
    "PurchaseProcess",
    "Selective",
    "Target",
]
