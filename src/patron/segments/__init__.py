"""Segments: who is like whom, by published rules and by a cut learned from the shop's own customers.

`fit` learns score thresholds, lifecycle days, value tiers and the learned cut from one snapshot; `apply` places every
customer in every scheme and cannot relearn; `evaluate` publishes how the cut was chosen; `build_profiles` and
`describe` say what each segment is. A scheme is versioned data: its name carries the version, its definition is a card.
"""

from patron.segments.fitted import SegmentModel
from patron.segments.model import apply, fit, known_schemes
from patron.segments.profiles import SegmentStory, build_profiles, describe
from patron.segments.quality import evaluate
from patron.segments.schemes import Scheme
from patron.segments.schemes import load as load_scheme
from patron.segments.schemes import shipped as shipped_schemes
from patron.segments.schemes.page import SchemePage, SegmentPage
from patron.segments.spec import RuleSpec, SegmentSpec

__all__ = [
    "RuleSpec",
    "Scheme",
    "SchemePage",
    "SegmentModel",
    "SegmentPage",
    "SegmentSpec",
    "SegmentStory",
    "apply",
    "build_profiles",
    "describe",
    "evaluate",
    "fit",
    "known_schemes",
    "load_scheme",
    "shipped_schemes",
]
