"""Segments: who is like whom, by published rules and by a cut learned from the shop's own customers.

`fit` learns score thresholds, lifecycle days, value tiers and the learned cut from one snapshot; `apply` places every
customer in every scheme and cannot relearn; `evaluate` publishes how the cut was chosen, `judge_on_held_out` what it
adds in money over RFM; `build_profiles`, `build_rules` and `describe` say what each segment is; `succeed` keeps the
names of a refit's segments, and `migrate` counts who moved. A scheme is versioned data: its name carries the version,
its definition is a card.
"""

from patron.segments.categories import bought_by, category_rows
from patron.segments.definition_table import build_definitions
from patron.segments.expressions import reads_forecast, segment_steps
from patron.segments.fitted import SegmentModel
from patron.segments.identity import Before, Succession, succeed
from patron.segments.learned import LEARNED
from patron.segments.learning import Taught
from patron.segments.medoids import build_medoids
from patron.segments.membership import FAITHFUL, build_rules, fidelity, membership_sql, with_rules
from patron.segments.migration import Side, flows, members, migrate, move_of, standings
from patron.segments.model import apply, fit, known_schemes, prove
from patron.segments.profiles import SegmentStory, build_profiles, describe
from patron.segments.quality import evaluate
from patron.segments.responses import answered_by, response_rows
from patron.segments.rows import NAMED_BY
from patron.segments.rule_placements import place_by_rules
from patron.segments.schemes import Scheme
from patron.segments.schemes import load as load_scheme
from patron.segments.schemes import shipped as shipped_schemes
from patron.segments.schemes.page import SchemePage, SegmentPage
from patron.segments.spec import RuleSpec, SegmentSpec
from patron.segments.worth import HeldOutWorth, at_origin, future_value, held_out_origins, judge_on_held_out

__all__ = [
    "FAITHFUL",
    "LEARNED",
    "NAMED_BY",
    "Before",
    "HeldOutWorth",
    "RuleSpec",
    "Scheme",
    "SchemePage",
    "SegmentModel",
    "SegmentPage",
    "SegmentSpec",
    "SegmentStory",
    "Side",
    "Succession",
    "Taught",
    "answered_by",
    "apply",
    "at_origin",
    "bought_by",
    "build_definitions",
    "build_medoids",
    "build_profiles",
    "build_rules",
    "category_rows",
    "describe",
    "evaluate",
    "fidelity",
    "fit",
    "flows",
    "future_value",
    "held_out_origins",
    "judge_on_held_out",
    "known_schemes",
    "load_scheme",
    "members",
    "membership_sql",
    "migrate",
    "move_of",
    "place_by_rules",
    "prove",
    "reads_forecast",
    "response_rows",
    "segment_steps",
    "shipped_schemes",
    "standings",
    "succeed",
    "with_rules",
]
