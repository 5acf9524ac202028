from __future__ import annotations

from typing import Any

import pytest

from patron.engines.duck import DuckEngine
from patron.records.fitness import SCHEMA, Facts, counted, judged
from patron.records.quality import quality
from staged import imported, staged


def verdicts(**counts: Any) -> dict[str, bool]:
    return {row["output"]: row["supported"] for row in judged(Facts(**counts)).to_pylist()}


def test_nothing_supports_nothing() -> None:
    rows = judged(Facts())
    assert rows.schema.equals(SCHEMA)
    assert not any(rows["supported"].to_pylist())
    assert all(row["next_step"] and row["next_step_zh"] for row in rows.to_pylist())


@pytest.mark.parametrize(
    ("buyers", "span_days", "short", "long"),
    [
        (500, 730, True, True),
        (499, 730, False, False),
        (500, 179, False, False),
        (500, 180, True, False),
        (9999, 729, True, False),
    ],
)
def test_forecasts_need_buyers_and_twice_the_horizon(buyers: int, span_days: int, short: bool, long: bool) -> None:
    found = verdicts(buyers=buyers, repeaters=5, span_days=span_days)
    assert (found["forecast 90 days"], found["forecast 365 days"]) == (short, long)


def test_uplift_needs_both_arms() -> None:
    assert verdicts(treated=100, held_out=100)["uplift"]
    assert not verdicts(treated=10_000, held_out=99)["uplift"]


def test_the_reason_names_the_numbers() -> None:
    told = {row["output"]: row for row in judged(Facts(buyers=312, orders=400, span_days=95)).to_pylist()}
    needed = "Needs 500 buyers or more and 180 days of orders. The data hold 312 buyers and 95 days."
    assert told["forecast 90 days"]["reason"] == needed
    assert judged(Facts(buyers=1, orders=1))["reason"][0].as_py() == "1 buyer with 1 order."
    assert "RFM works already" in told["forecast 90 days"]["next_step"]
    assert told["RFM"]["supported"]
    assert told["RFM"]["next_step"] == ""


def test_counts_are_read_from_facts_and_quality_from_the_ledger() -> None:
    with DuckEngine(threads=1) as engine:
        rows = [
            {
                "order_id": str(i),
                "customer_id": who,
                "ordered_at": f"2026-0{1 + i}-05T10:00:00",
                "product_id": "tea",
                "category": "Drinks",
                "quantity": 1,
                "unit_price": price,
            }
            for i, (who, price) in enumerate([("a", 5), ("a", 5), ("b", 5), ("b", 0)])
        ]
        touches = [
            {"customer_id": "a", "campaign_id": arm, "sent_at": "2026-01-01T00:00:00", "arm": arm, "opened_at": at}
            for arm, at in (("treatment", "2026-01-02T00:00:00"), ("holdout", None))
        ]
        result = imported(engine, staged(engine, "line", rows), staged(engine, "touch", touches))
        found = counted(result.facts, engine)
    assert (found.buyers, found.repeaters, found.orders, found.priced, found.span_days) == (2, 1, 3, 3, 60)
    assert (found.touches, found.treated, found.held_out, found.outcomes, found.categorised) == (2, 1, 1, 1, 3)
    judgements = {(row["measure"], row["slice"]): row for row in quality(result.ledger, result.identity).to_pylist()}
    assert judgements["share of rows rejected", "all rows"]["value"] == pytest.approx(1 / 6)
    assert judgements["share of rows rejected", "zero price"]["verdict"] == "info: 1 rows"


def test_rows_that_a_later_version_replaced_do_not_count_against_the_verdict() -> None:
    with DuckEngine(threads=1) as engine:
        order = {"order_id": "1", "customer_id": "a", "ordered_at": "2026-01-05T10:00:00", "total_amount": 5}
        result = imported(engine, *(staged(engine, "order", [order, {**order, "email": at}], path=at) for at in "ab"))
    whole = next(row for row in quality(result.ledger, result.identity).to_pylist() if row["slice"] == "all rows")
    assert whole["value"] == pytest.approx(3 / 4)
    assert whole["verdict"] == "good: 1 of 4 rows are facts, 3 were replaced by a later version"
