"""The judgement of a plan: budget, holdout, expected money, and what the data cannot support."""

from __future__ import annotations

import pytest

from decisions.shops import AS_OF, book, crowd, customers
from patron.contracts.published import QUALITY
from patron.decisions import DecisionSpec, decide, evaluate, load
from patron.decisions.playbook import parse


def judged(table, playbook, spec):
    made = decide(table, playbook, spec, as_of=AS_OF, seed=7)
    found = evaluate(made, table, playbook, spec, seed=7)
    assert found.schema.names == list(QUALITY.names)
    return {(row["measure"], row["slice"]): row for row in found.to_pylist()}


def test_a_plan_by_hand():
    """Two customers of 100 and 300; uplift 0.1 (0 to 0.2), margin 0.5, contact 1: 4 + 14; at the ends -2 and 38."""
    rows = judged(
        customers([100.0, 300.0]), parse(book({}), name="t"), DecisionSpec(holdout_share=0.0, margin_rate=0.5)
    )
    money = rows["expected_margin", "all"]
    assert [money[name] for name in ("value", "lower", "upper", "baseline")] == pytest.approx(
        [18, -2, 38, 18], rel=1e-3
    )
    assert money["verdict"].startswith("fair: at the lower ends")
    assert rows["cost", "all"]["value"] == 2.0
    assert rows["customers", "a0"]["value"] == rows["customers", "a0"]["baseline"] == 2.0
    assert rows["minimum_detectable_uplift", "all"]["verdict"].startswith("refused: nobody is held out")


def test_those_left_alone_for_too_little_gain_are_counted():
    """At 100 it brings 4 of cost 1, at 39 and 30 it pays, but brings less than the cost; at 19 it does not pay."""
    table = customers([100.0, 39.0, 30.0, 19.0])
    row = judged(table, parse(book({}), name="t"), DecisionSpec(holdout_share=0.0, margin_rate=0.5))[
        "below_floor", "all"
    ]
    assert (row["value"], row["baseline"]) == (2.0, 3.0)
    assert "1 × cost and 0.05 a customer" in row["verdict"]


def test_the_budget_is_judged_and_money_beats_priority():
    rows = judged(crowd(3000), load(), DecisionSpec(budget=50.0))
    assert rows["cost", "all"]["verdict"] == "good: within the budget"
    assert rows["cost", "all"]["value"] <= rows["cost", "all"]["baseline"] == 50.0
    money = rows["expected_margin", "all"]
    assert money["lower"] < money["value"] < money["upper"]
    assert money["value"] > money["baseline"]


def test_the_holdout_is_judged_with_its_interval():
    row = judged(crowd(3000), load(), DecisionSpec())["holdout_share", "all"]
    assert row["lower"] < row["value"] < row["upper"]
    assert (row["baseline"], row["verdict"][:4]) == (0.1, "good")


def test_what_the_data_cannot_support_is_refused_by_name():
    rows = judged(crowd(300).drop_columns(["discounted_order_share_lifetime"]), load(), DecisionSpec())
    verdict = rows["refused", "price_offer"]["verdict"]
    assert verdict.startswith("refused: needs discounted_order_share_lifetime, which")
    assert ("refused", "welcome") not in rows


def test_without_money_no_money_is_promised():
    table = crowd(300).drop_columns(["net_revenue_sum_lifetime", "predicted_clv"])
    row = judged(table, load(), DecisionSpec())["expected_margin", "all"]
    assert row["value"] is None
    assert row["verdict"].startswith("refused: ")


def test_assumed_effects_are_called_assumed_and_measured_ones_are_not():
    table, spec = customers([100.0]), DecisionSpec(holdout_share=0.0)
    tested = {"uplift": {"mean": 0.1, "lower": 0.05, "upper": 0.2, "source": "test of May 2026"}}
    assert judged(table, parse(book({}), name="t"), spec)["assumed_uplift_share", "all"]["value"] == 1.0
    rows = judged(table, parse(book(tested), name="t"), spec)
    assert rows["assumed_uplift_share", "all"]["verdict"].startswith("good")
    assert "test of May 2026" in rows["expected_margin", "a0"]["verdict"]


def test_an_action_for_nobody_is_pointed_out():
    rows = judged(customers([1.0]), parse(book({"eligible": "orders_count_lifetime < 0"}), name="t"), DecisionSpec())
    assert rows["customers", "a0"]["verdict"] == "fair: makes sense for nobody"


def test_nobody_to_judge():
    assert judged(crowd(3).slice(0, 0), load(), DecisionSpec()) == {}
