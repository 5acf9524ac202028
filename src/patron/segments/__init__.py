"""Segments: who is like whom, by published rules and by a cut learned from the shop's own customers.

`fit` learns score thresholds, lifecycle days, value tiers and the learned cut from one snapshot; `apply` places every
customer in every scheme and cannot relearn; `evaluate` publishes how the cut was chosen; `build_profiles` and
`describe` say what each segment is; `succeed` keeps the names of a refit's segments, and `migrate` counts who moved.
A scheme is versioned data: its name carries the version, its definition is a card.
"""

from patron.segments.fitted import SegmentModel
from patron.segments.identity import Before, Succession, succeed
from patron.segments.migration import Side, flows, members, migrate, move_of, standings
from patron.segments.model import apply, fit, known_schemes
from patron.segments.profiles import SegmentStory, build_profiles, describe
from patron.segments.quality import evaluate
from patron.segments.spec import SegmentSpec

__all__ = [
    "Before",
    "SegmentModel",
    "SegmentSpec",
    "SegmentStory",
    "Side",
    "Succession",
    "apply",
    "build_profiles",
    "describe",
    "evaluate",
    "fit",
    "flows",
    "known_schemes",
    "members",
    "migrate",
    "move_of",
    "standings",
    "succeed",
]
