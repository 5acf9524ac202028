"""Segments: who is like whom, by published rules and by a cut learned from the shop's own customers.

`fit` learns score thresholds, lifecycle days, value tiers and the learned cut from one snapshot; `apply` places every
customer in every scheme and cannot relearn; `evaluate` publishes how the cut was chosen;
`judge_on_held_out` says what it adds in money over RFM; `build_profiles` and `describe` say what each segment is. A
scheme is versioned data: its name carries the version, its definition is a card.
"""

from patron.segments.fitted import SegmentModel
from patron.segments.model import apply, fit, known_schemes
from patron.segments.profiles import SegmentStory, build_profiles, describe
from patron.segments.quality import evaluate
from patron.segments.spec import SegmentSpec
from patron.segments.worth import HeldOutWorth, judge_on_held_out

__all__ = [
    "HeldOutWorth",
    "SegmentModel",
    "SegmentSpec",
    "SegmentStory",
    "apply",
    "build_profiles",
    "describe",
    "evaluate",
    "fit",
    "judge_on_held_out",
    "known_schemes",
]
