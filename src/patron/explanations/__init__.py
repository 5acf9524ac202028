"""Explanations: why each forecast is what it is, how sure we are of the reasons, and what would change it.

`prepare` makes a fitted forecast ready. `explain` says of every customer which features raise and lower it, exactly
(they add up to the log of the forecast), and in one sentence; `importances` says what moves forecasts over all
customers; `evaluate` checks the reasons by a second method and by taking them away, and `ruling` says whether they may
be told; `tell` says everything of one
customer, and `changed` what that customer would be after a change. The room knows forecasts as a protocol only.
"""

from patron.explanations.explainer import Attribution, Explainer, Sample, prepare
from patron.explanations.gates import ruling
from patron.explanations.importances import importances
from patron.explanations.links import changed
from patron.explanations.model import explain
from patron.explanations.quality import coverage, evaluate
from patron.explanations.sentences import READ
from patron.explanations.spec import ExplanationSpec
from patron.explanations.story import CustomerStory, GroupStory, tell

__all__ = [
    "READ",
    "Attribution",
    "CustomerStory",
    "Explainer",
    "ExplanationSpec",
    "GroupStory",
    "Sample",
    "changed",
    "coverage",
    "evaluate",
    "explain",
    "importances",
    "prepare",
    "ruling",
    "tell",
]
