"""Explanations: why each forecast is what it is, how sure we are of the reasons, and what would change it.

`prepare` makes a fitted forecast ready. `explain` says of every customer which features raise and lower it, exactly
(they add up to the log of the forecast), and in one sentence; `importances` says what moves forecasts over all
customers; `evaluate` checks the reasons by a second method and by taking them away; `second_opinion` and `changed`
answer what if for one customer. The room knows forecasts as a protocol only.
"""

from patron.explanations.explainer import Explainer, prepare
from patron.explanations.importances import importances
from patron.explanations.model import explain
from patron.explanations.quality import evaluate
from patron.explanations.sentences import READ
from patron.explanations.spec import ExplanationSpec

__all__ = ["READ", "Explainer", "ExplanationSpec", "evaluate", "explain", "importances", "prepare"]
