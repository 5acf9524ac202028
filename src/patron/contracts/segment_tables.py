"""The published tables of segments: where customers stand, what segments are, and what became of them."""

from __future__ import annotations

from patron.contracts.tables import Column as C
from patron.contracts.tables import TableContract

_CUSTOMER = C("customer_id", "text", "pseudonym", required=True)
_AS_OF = C("as_of", "day", "everything dated before this local day is known, nothing later", required=True)
_SEGMENT = (
    C("scheme", "text", "scheme", required=True),
    C("segment_key", "text", "segment", required=True),
    C("segment_name", "text", "English name", required=True),
    C("segment_name_zh", "text", "Chinese name", required=True),
)

SEGMENTS = TableContract(
    "segments",
    "one customer in one scheme",
    ("customer_id", "scheme"),
    (
        _CUSTOMER,
        C("segment_key", "text", "stable key of the segment within its scheme", required=True),
        C("segment_name", "text", "English name", required=True),
        C("scheme", "text", "scheme and version, such as classic11-1, or the learned cut", required=True),
        C("membership", "real", "how surely the customer belongs to it, 0-1; rules give 1"),
        C("distance", "real", "distance to the segment's centre in prepared units; empty for rules"),
        C(
            "fits_segment",
            "flag",
            "whether the customer lies as near that centre as 99 % of those the segment was learned from; false: fits "
            "no segment; empty for rules",
        ),
        C("r_score", "int", "1-5, 5 = most recent"),
        C("f_score", "int", "1-5, 5 = most orders"),
        C(
            "m_score",
            "int",
            "1-5, 5 = most net revenue, or predicted value where the Plan says so; empty without money",
        ),
        C("value_tier", "text", "platinum, gold, silver or bronze by cumulative value"),
        C("lifecycle_stage", "text", "new, active, at_risk, dormant, churned, reactivated or prospect"),
        C(
            "placed_because",
            "text",
            "why their own rhythm has moved them, in English; empty: as the scheme's rules say",
        ),
        C("placed_because_zh", "text", "the same in Chinese"),
        _AS_OF,
    ),
)

SEGMENT_DEFINITIONS = TableContract(
    "segment_definitions",
    "one segment of one scheme, as people see it",
    ("scheme", "segment_key"),
    (
        *_SEGMENT,
        C("scheme_name", "text", "English name of the scheme", required=True),
        C("scheme_name_zh", "text", "Chinese name of the scheme", required=True),
        C("position", "int", "place among the scheme's segments, 1 = best", required=True),
        C(
            "export_name",
            "text",
            "neutral name for files that leave the house: it says nothing of the customer",
            required=True,
        ),
        C("colour", "text", "#rrggbb", required=True),
        C("meaning", "text", "who is in it, in English", required=True),
        C("meaning_zh", "text", "who is in it, in Chinese", required=True),
        C("rule", "text", "who is in it by rule, in English; empty where there is no rule"),
        C("rule_zh", "text", "the same in Chinese"),
        _AS_OF,
    ),
)

SEGMENT_PROFILES = TableContract(
    "segment_profiles",
    "one segment and feature",
    ("scheme", "segment_key", "feature"),
    (
        *_SEGMENT,
        C("feature", "text", "feature", required=True),
        C("median", "real", "median within the segment, of those who have the feature"),
        C("base_median", "real", "median over all customers who have it"),
        C("lift", "real", "standardised difference of ranks against the base, -1 to 1", required=True),
        C("lift_lower", "real", "lower end of its 95 % bootstrap interval", required=True),
        C("lift_upper", "real", "upper end", required=True),
        C(
            "is_different",
            "flag",
            "whether the segment differs from the base beyond chance, with all its scheme's comparisons allowed for",
            required=True,
        ),
        C("share_present", "real", "share of the segment that has the feature", required=True),
        C("rank", "int", "1 = sets the segment apart most", required=True),
        _AS_OF,
    ),
)

SEGMENT_RULES = TableContract(
    "segment_rules",
    "one segment of a learned scheme, as a rule that imitates it",
    ("scheme", "segment_key"),
    (
        *_SEGMENT,
        C("rule_en", "text", "who belongs to it, in English, by its commonest rules", required=True),
        C("rule_zh", "text", "the same in Chinese", required=True),
        C("sql", "text", "all its rules as one condition on the columns of `features`, in DuckDB's SQL", required=True),
        C("rule_count", "int", "rules of the segment", required=True),
        C(
            "fidelity",
            "real",
            "share of customers, of those not learned from, whom all rules together put where the scheme does",
            required=True,
        ),
        C("precision", "real", "share of the customers these rules hold who belong to the segment", required=True),
        C("recall", "real", "share of the segment's customers whom these rules hold", required=True),
        _AS_OF,
    ),
)

SEGMENT_MEDOIDS = TableContract(
    "segment_medoids",
    "one customer who stands for a segment",
    ("scheme", "segment_key", "rank"),
    (
        *_SEGMENT,
        C("rank", "int", "1 = stands for it best", required=True),
        _CUSTOMER,
        C(
            "distance",
            "real",
            "root mean square difference of ranks (-1 to 1) from the segment's mean, over all features told",
            required=True,
        ),
        _AS_OF,
    ),
)

SEGMENT_CATEGORIES = TableContract(
    "segment_categories",
    "one of the categories that a segment buys most",
    ("scheme", "segment_key", "rank"),
    (
        *_SEGMENT,
        C("rank", "int", "1 = bought by most of the segment's customers", required=True),
        C("category", "text", "product category", required=True),
        C("customers", "int", "customers of the segment who bought it in the last 365 days", required=True),
        C("share", "real", "of the segment's customers who bought anything with a category then, 0-1", required=True),
        C("base_share", "real", "the same of all customers, 0-1", required=True),
        C("lift", "real", "share divided by base_share", required=True),
        C("lift_lower", "real", "lower end of its 95 % interval", required=True),
        C("lift_upper", "real", "upper end", required=True),
        _AS_OF,
    ),
)

SEGMENT_RESPONSES = TableContract(
    "segment_responses",
    "how a segment's customers answered contacts through one channel",
    ("scheme", "segment_key", "channel"),
    (
        *_SEGMENT,
        C("channel", "text", "e-mail, SMS, push, mail, ad, …", required=True),
        C("contacts", "int", "contacts of the 365 days before as_of, holdouts left out", required=True),
        C("customers", "int", "customers contacted", required=True),
        C("clicked_share", "real", "of the contacts, those that were clicked, 0-1; empty where no click is known"),
        C("ordered_share", "real", "of the contacts, those followed by an order within 14 days, 0-1", required=True),
        C("ordered_lower", "real", "lower end of its 95 % interval (Wilson)", required=True),
        C("ordered_upper", "real", "upper end", required=True),
        C("base_ordered_share", "real", "the same of all customers' contacts through the channel", required=True),
        _AS_OF,
    ),
)

SEGMENT_EVENTS = TableContract(
    "segment_events",
    "what became of one learned segment, or one of the parts it was split into or merged from",
    ("scheme", "event", "from_segment", "to_segment"),
    (
        C("scheme", "text", "the learned cut", required=True),
        C(
            "event",
            "text",
            "same, split, merged, born or died; a segment that lost a part can be split and still be the same",
            required=True,
        ),
        C("from_segment", "text", "segment of the cut in use so far; empty: born"),
        C("from_name", "text", "its English name"),
        C("from_name_zh", "text", "its Chinese name"),
        C("to_segment", "text", "segment of the cut learned now; empty: died"),
        C("to_name", "text", "its English name"),
        C("to_name_zh", "text", "its Chinese name"),
        C("customers", "int", "today's customers whom the two cuts place in the two segments", required=True),
        C("share_of_from", "real", "of today's customers in from_segment, 0-1; empty: born"),
        C("share_of_to", "real", "of those in to_segment, 0-1; empty: died"),
        C("jaccard", "real", "customers in both over customers in either, 0-1"),
        C("centre_distance", "real", "between the centres, in prepared units of the cut learned now"),
        C("is_published", "flag", "whether the cut learned now is in use; if not, the one so far is", required=True),
        C("to_confirm", "text", "what to write in the Plan as confirmed_change to publish it; empty: nothing"),
        C("change", "text", "everything that changes, in English with the segments' names; empty: nothing does"),
        C("change_zh", "text", "the same in Chinese"),
        C("before_run_id", "text", "the run that the cut so far was read from", required=True),
        _AS_OF,
    ),
)

SEGMENT_MOVES = TableContract(
    "segment_moves",
    "customers who went from one segment of the earlier run to one of this run",
    ("scheme", "from_segment", "to_segment"),
    (
        C("scheme", "text", "scheme", required=True),
        C(
            "move",
            "text",
            "stayed; up or down, in the order of the scheme's segments, best first; moved, where that order is not "
            "known; regrouped: in one of the runs everyone was one segment, so that it is neither up nor down; "
            "joined: no customer in the earlier run; left: no customer in this one",
            required=True,
        ),
        C("from_segment", "text", "segment in the earlier run; empty: joined"),
        C("from_name", "text", "its English name"),
        C("from_name_zh", "text", "its Chinese name"),
        C("to_segment", "text", "segment in this run; empty: left"),
        C("to_name", "text", "its English name"),
        C("to_name_zh", "text", "its Chinese name"),
        C("customers", "int", "how many", required=True),
        C(
            "net_revenue_365d",
            "real",
            "their net revenue in the 365 days before as_of; empty for shops without money",
            unit="money",
        ),
        C("before_run_id", "text", "the earlier run", required=True),
        C("before_as_of", "day", "the day it is as of", required=True),
        _AS_OF,
    ),
)
