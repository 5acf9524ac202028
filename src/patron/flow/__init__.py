"""Flow: the whole story on one page (`run.py`), the Plan it follows, and its stages."""

from patron.flow.explaining import CustomerExplanation, WhatIf, explain_customer
from patron.flow.live import Streamed, stream
from patron.flow.live import one_customer as live_customer
from patron.flow.live import opened as live_state
from patron.flow.plan import FILE as PLAN_FILE
from patron.flow.plan import Plan, Source, profiles_folder
from patron.flow.plan import read as read_plan
from patron.flow.plan import write as write_plan
from patron.flow.run import Place, run
from patron.flow.warehouse import PARTS, compile_run

__all__ = [
    "PARTS",
    "PLAN_FILE",
    "CustomerExplanation",
    "Place",
    "Plan",
    "Source",
    "Streamed",
    "WhatIf",
    "compile_run",
    "explain_customer",
    "live_customer",
    "live_state",
    "profiles_folder",
    "read_plan",
    "run",
    "stream",
    "write_plan",
]
