"""What the report is told: the published tables of one run, and the cards that name things."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import pyarrow as pa

from patron.contracts import published, segment_tables
from patron.contracts.accounts import LEDGER
from patron.contracts.cards import ActionCard, Caveat, FeatureCard, HeavyOrders, SchemeCard
from patron.contracts.tables import Column as C
from patron.contracts.tables import TableContract
from patron.ground.errors import EmptyInput

CUSTOMER_PROFILES = TableContract(
    "profiles",
    "one customer with at least one order",
    ("customer_id",),
    (
        C("customer_id", "text", "pseudonym", required=True),
        C("days_since_last_order", "real", "days from the last order to as_of", unit="days"),
        C("orders_count_lifetime", "real", "paid orders so far"),
        C("net_revenue_sum_lifetime", "real", "revenue less refunds so far; empty for shops without money"),
        C("order_gap_days_mean_lifetime", "real", "usual days between orders; empty below two orders", unit="days"),
        C("days_since_first_order", "real", "days from the first order to as_of", unit="days"),
    ),
)

FITNESS = TableContract(
    "fitness",
    "one output that the data may or may not support",
    ("output",),
    (
        C("output", "text", "what was asked for", required=True),
        C("supported", "flag", "whether the data carries it", required=True),
        C("reason", "text", "why, in English"),
        C("reason_zh", "text", "why, in Chinese"),
        C("next_step", "text", "what to collect or do next, in English"),
        C("next_step_zh", "text", "what to collect or do next, in Chinese"),
    ),
)

PREPARATION = TableContract(
    "preparation",
    "one choice made before learning",
    ("step", "column"),
    (
        C("step", "text", "which step", required=True),
        C("column", "text", "which column, or empty for all"),
        C("choice", "text", "what was chosen", required=True),
        C("reason", "text", "why"),
    ),
)

ASKED = {
    "segments": segment_tables.SEGMENTS,
    "forecasts": published.FORECASTS,
    "segment_profiles": segment_tables.SEGMENT_PROFILES,
    "segment_medoids": segment_tables.SEGMENT_MEDOIDS,
    "segment_categories": segment_tables.SEGMENT_CATEGORIES,
    "segment_responses": segment_tables.SEGMENT_RESPONSES,
    "segment_events": segment_tables.SEGMENT_EVENTS,
    "segment_moves": segment_tables.SEGMENT_MOVES,
    "decisions": published.DECISIONS,
    "quality": published.QUALITY,
    "calibration": published.CALIBRATION,
    "cohorts": published.COHORTS,
    "explanations": published.EXPLANATIONS,
    "importances": published.IMPORTANCES,
    "realised": published.REALISED,
    "next_categories": published.NEXT_CATEGORIES,
    "ledger": LEDGER,
    "fitness": FITNESS,
    "profiles": CUSTOMER_PROFILES,
    "preparation": PREPARATION,
}


@dataclass(frozen=True, slots=True)
class ReportInput:
    """Everything one report is made of. Tables may be empty, except `profiles`; each keeps its contract in `ASKED`.

    Args:
        shop: the shop's name, as people know it.
        currency: ISO 4217 code; empty or `NO_CURRENCY` for shops without money or with amounts in no currency.
        as_of: everything before this local day is known, nothing later.
        run_id: the run that made the tables.
        first_day, last_day: first and last day with an order.
        schemes: how customers are cut; the first one carries the report.
        actions: the playbook.
        caveats: what the data cannot support; they stand on the first page.
        heavy: the few flagged orders that hold much of the revenue; None where none do.
        features: words and units for features of `segment_profiles` that the report has no word for.
    """

    shop: str
    currency: str
    as_of: date
    run_id: str
    first_day: date
    last_day: date
    segments: pa.Table
    forecasts: pa.Table
    segment_profiles: pa.Table
    decisions: pa.Table
    quality: pa.Table
    calibration: pa.Table
    cohorts: pa.Table
    ledger: pa.Table
    fitness: pa.Table
    profiles: pa.Table
    preparation: pa.Table
    explanations: pa.Table = field(default_factory=published.EXPLANATIONS.empty)
    importances: pa.Table = field(default_factory=published.IMPORTANCES.empty)
    realised: pa.Table = field(default_factory=published.REALISED.empty)
    next_categories: pa.Table = field(default_factory=published.NEXT_CATEGORIES.empty)
    segment_medoids: pa.Table = field(default_factory=segment_tables.SEGMENT_MEDOIDS.empty)
    segment_categories: pa.Table = field(default_factory=segment_tables.SEGMENT_CATEGORIES.empty)
    segment_responses: pa.Table = field(default_factory=segment_tables.SEGMENT_RESPONSES.empty)
    segment_events: pa.Table = field(default_factory=segment_tables.SEGMENT_EVENTS.empty)
    segment_moves: pa.Table = field(default_factory=segment_tables.SEGMENT_MOVES.empty)
    schemes: tuple[SchemeCard, ...] = ()
    actions: tuple[ActionCard, ...] = ()
    features: tuple[FeatureCard, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    heavy: HeavyOrders | None = None


def checked(story: ReportInput) -> ReportInput:
    """Return the input with every table cast to its contract.

    Raises:
        ContractBroken: a table lacks a column, or has one of the wrong type.
        EmptyInput: there is no customer to report on.
    """
    tables = {name: contract.check(getattr(story, name)) for name, contract in ASKED.items()}
    if tables["profiles"].num_rows == 0:
        raise EmptyInput(
            f"The report of {story.shop!r} has no customer: table 'profiles' is empty.\n"
            "It needs at least one customer with a paid order before as_of.\n"
            "Next: look at the ledger of the import to see why no order was kept."
        )
    return replace(story, **tables)
