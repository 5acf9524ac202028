"""What a run may publish besides forecasts: the gates of its segments, its effects, and of everything at once.

The forecasts room rules on its own outputs; here are those whose facts lie in several stages.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from patron.contracts.gates import gates, rule
from patron.contracts.published import QUALITY
from patron.flow.desk import Made
from patron.flow.stages import known
from patron.flow.stages.history import History

_HERE = ("all_numbers", "rule_segments", "learned_segments", "expected_effects")


def ruled(snapshot: Made, judged: pa.Table, history: History) -> pa.Table:
    """Return rows of the `quality` table, measure `gate`, one per output.

    Args:
        snapshot: today's features.
        judged: what the rooms said of themselves, as `quality` rows.
        history: what the data span.
    """
    orders = known.read(snapshot, "features", ["orders_count_lifetime"])["orders_count_lifetime"]
    facts = {
        "customers": float(len(orders)),
        "repeat_customers": float(pc.sum(pc.greater(orders, 1)).as_py() or 0),
        "history_days": float((history.as_of - history.first_day).days),
        "learned_cuts": float(_learned(judged)),
        "measured_effects": float(_measured(judged)),
    }
    there = [gates()[name] for name in _HERE]
    rows = [rule(gate, facts).row(gate.room) for gate in there]
    return QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema))


def _learned(judged: pa.Table) -> int:
    """Return how many learned cuts were refused neither as cuts nor for what they tell of held-out money."""
    here = judged.filter(pc.equal(judged["room"], "segments"))
    asked = here.filter(pc.is_in(here["measure"], pa.array(["chosen_k", "earns_its_keep"])))
    refused = asked.filter(pc.starts_with(asked["verdict"], "refused"))
    return int(pc.count_distinct(asked["slice"]).as_py()) - int(pc.count_distinct(refused["slice"]).as_py())


def _measured(judged: pa.Table) -> bool:
    """Tell whether every effect behind the plan was measured; not where nothing is planned."""
    mine = judged.filter(pc.equal(judged["measure"], "assumed_uplift_share"))
    return bool(mine.num_rows) and float(pc.max(mine["value"]).as_py() or 0.0) == 0.0
