"""Decisions: what to do for each customer, at which cost, for which reason, and when to see whether it worked.

A decision is an action of the *playbook* that makes sense for the customer, is expected to bring more margin than it
costs, and is worth more than what the same budget would do elsewhere. A fixed share of customers, drawn by a salted
hash of their id, is held out, so that the effect can be measured. `load` reads a playbook, `decide` chooses,
`evaluate` judges the plan, `hindsight_margins` says what actions would have brought.
"""

from patron.decisions.columns import MONEY_READ
from patron.decisions.hindsight import hindsight_margins
from patron.decisions.model import decide
from patron.decisions.playbook import Playbook, load
from patron.decisions.quality import evaluate
from patron.decisions.spec import DecisionSpec

__all__ = ["MONEY_READ", "DecisionSpec", "Playbook", "decide", "evaluate", "hindsight_margins", "load"]
