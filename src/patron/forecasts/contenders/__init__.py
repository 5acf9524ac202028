"""Everyone who competes for a forecast, by name. To add one: a line in the dict of its file, or a file here."""

from collections.abc import Mapping

from patron.forecasts.contenders.contender import (
    TARGETS,
    Additive,
    Contender,
    Contributions,
    Learn,
    LearnAgain,
    Lesson,
    Prediction,
    Restore,
    Selective,
    Single,
    Target,
)
from patron.forecasts.contenders.learned import MODELS, SEEDED, Learned, again_learner, learner
from patron.forecasts.contenders.naive import LastWindow, RateSoFar, learn_last_window, learn_rate
from patron.forecasts.contenders.purchase_process import KINDS, PurchaseProcess, process_learner
from patron.forecasts.contenders.stack import Stack
from patron.forecasts.contenders.stack_learning import learn_stack, learn_stack_again

LEARN: Mapping[str, Learn] = {
    "naive": learn_rate,
    "last_period": learn_last_window,
    **{kind: process_learner(kind) for kind in KINDS},
    **{kind: learner(kind) for kind in MODELS},
    "stack": learn_stack,
}
AGAIN: Mapping[str, LearnAgain] = {  # the same under other seeds: of trees that are grown from draws
    **{kind: again_learner(kind) for kind in SEEDED},
    "stack": learn_stack_again,
}
RESTORE: Mapping[str, Restore] = {
    "naive": RateSoFar.from_parts,
    "last_period": LastWindow.from_parts,
    **dict.fromkeys(KINDS, PurchaseProcess.from_parts),
    **dict.fromkeys(MODELS, Learned.from_parts),
    "stack": Stack.from_parts,
}
NAIVE = "naive"
FORMULAS = (NAIVE, "last_period")  # contenders that learn nothing: what a person with a calculator would say
SELF_LEVELLED = ("stack",)  # contenders that have drawn their own total to another's

__all__ = [
    "AGAIN",
    "FORMULAS",
    "LEARN",
    "NAIVE",
    "RESTORE",
    "SELF_LEVELLED",
    "TARGETS",
    "Additive",
    "Contender",
    "Contributions",
    "LearnAgain",
    "Lesson",
    "Prediction",
    "PurchaseProcess",
    "Selective",
    "Single",
    "Target",
]
