"""When is the next order? Contenders that state a chance for every day, judged like any other forecast.

To add one: a file here with a class like `UsualGap`, and its two lines below.
"""

from collections.abc import Mapping

from patron.forecasts.contenders import NAIVE
from patron.forecasts.next_order.hazard import HazardTiming, learn_hazard_timing
from patron.forecasts.next_order.process import KIND, ProcessTiming, learn_process_timing
from patron.forecasts.next_order.timing import LearnTiming, RestoreTiming, Timing, Waiting, stated_days
from patron.forecasts.next_order.usual_gap import UsualGap, learn_usual_gap

HAZARD = "hazard"
LEARN_TIMING: Mapping[str, LearnTiming] = {
    NAIVE: learn_usual_gap,
    KIND: learn_process_timing,
    HAZARD: learn_hazard_timing,
}
RESTORE_TIMING: Mapping[str, RestoreTiming] = {
    NAIVE: UsualGap.from_parts,
    KIND: ProcessTiming.from_parts,
    HAZARD: HazardTiming.from_parts,
}

__all__ = ["HAZARD", "KIND", "LEARN_TIMING", "RESTORE_TIMING", "Timing", "Waiting", "stated_days"]
