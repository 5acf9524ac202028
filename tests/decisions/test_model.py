"""Decisions by hand: money, arms, reasons, and what happens when money or forecasts are not there."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.shops import AS_OF, book, crowd, customers
from patron.contracts.published import DECISIONS
from patron.decisions import DecisionSpec, decide, load
from patron.decisions.playbook import parse
from patron.ground.errors import ContractBroken, MissingColumns

NO_FLOOR = {"least_return": 0.0, "least_margin": 0.0}
NO_HOLDOUT = DecisionSpec(holdout_share=0.0, margin_rate=0.5, **NO_FLOOR)


def decided(table, actions, spec=NO_HOLDOUT, **top):
    return decide(table, parse(book(*actions, **top), name="test"), spec, as_of=AS_OF, seed=7)


def test_money_by_hand():
    """Uplift 0.1 x order of 100 x margin 0.5 = 5; contact 1 -> 4. At 19: 0.95 - 1 < 0, which does not pay."""
    made = decided(customers([100.0, 19.0, 30.0]), [{}])
    assert made["action"].to_pylist() == ["a0", "none", "a0"]
    assert made["expected_margin"].to_pylist() == [pytest.approx(4.0, rel=1e-4), None, pytest.approx(0.5, rel=1e-3)]
    assert made["cost"].to_pylist() == pytest.approx([1.0, 0.0, 1.0])
    assert made["expected_uplift"].to_pylist() == [0.1, None, 0.1]
    assert made["measure_until"].to_pylist() == [date(2026, 1, 31), None, date(2026, 1, 31)]
    assert made["owner"].to_pylist() == ["CRM", None, "CRM"]


def test_what_brings_too_little_for_its_cost_is_not_done():
    """Cost 1 each. At 100 it brings 4 net, at 41 it brings 1.05, at 39 it brings 0.95, at 19 it loses 0.05."""
    spec = DecisionSpec(holdout_share=0.0, margin_rate=0.5)
    made = decided(customers([100.0, 41.0, 39.0, 19.0]), [{}], spec)
    assert made["action"].to_pylist() == ["a0", "a0", "none", "none"]
    assert made["reason"][2].as_py() == "What an action is expected to bring is too little for its cost."
    assert made["reason"][3].as_py() == "No action is expected to bring more than it costs."
    assert made["reason_zh"][2].as_py() == "动作的预期收益相对成本太小。"


def test_a_cheap_action_must_bring_a_least_amount_a_customer():
    """Free of charge it brings 0.1 x 0.5 x value: 0.05 at a value of 1; the least amount follows the currency."""
    free, told = {"cost_per_contact": 0.0}, customers([2.0, 0.5])
    spec = DecisionSpec(holdout_share=0.0, margin_rate=0.5)
    assert decided(told, [free], spec)["action"].to_pylist() == ["a0", "none"]
    dear = DecisionSpec(holdout_share=0.0, margin_rate=0.5, cost_factor=7.0)
    assert decided(told, [free], dear)["action"].to_pylist() == ["none", "none"]


def test_too_little_is_left_before_the_budget_is_spent():
    """The budget of 2 does not buy the action at 39, although it would pay, and money is left."""
    spec = DecisionSpec(holdout_share=0.0, margin_rate=0.5, budget=2.0)
    made = decided(customers([100.0, 39.0]), [{}], spec)
    assert made["action"].to_pylist() == ["a0", "none"]


def test_an_offer_is_also_used_by_those_who_would_have_come_anyway():
    """p = 0.5, uplift 0.1, value 100: the offer of 10 % costs (0.5 + 0.1) x 10 = 6 > the 5 that it brings."""
    offer = {"cost_per_contact": 0.0, "offer_cost_share": 0.1}
    assert decided(customers([100.0]), [offer])["action"].to_pylist() == ["none"]
    extra = decided(customers([100.0]), [offer | {"offer_applies_to": "extra_order"}])
    assert extra["cost"][0].as_py() == pytest.approx(1.0, rel=1e-4)
    assert extra["expected_margin"][0].as_py() == pytest.approx(4.0, rel=1e-4)


def test_the_action_that_brings_most_wins_not_the_first():
    cheap, dear = {"uplift": {"mean": 0.05, "lower": 0, "upper": 0.1}}, {"cost_per_contact": 3.0}
    # at 100: 2.5 - 1 = 1.5 against 5 - 3 = 2; at 70: 1.75 - 1 = 0.75 against 3.5 - 3 = 0.5
    assert decided(customers([100.0, 70.0]), [cheap, dear])["action"].to_pylist() == ["a1", "a0"]


def test_the_budget_goes_where_it_returns_most():
    spec = DecisionSpec(holdout_share=0.0, margin_rate=0.5, budget=2.0, **NO_FLOOR)
    made = decided(customers([100.0, 300.0, 200.0]), [{}], spec)
    assert made["action"].to_pylist() == ["none", "a0", "a0"]
    assert made["reason"][0].as_py() == "The budget brings more elsewhere."


def test_a_probability_cannot_rise_above_one():
    table = customers([100.0], repurchase_probability=[0.98], horizon_days=[30])
    assert decided(table, [{}])["expected_uplift"][0].as_py() == pytest.approx(0.02)


def test_amounts_follow_the_currency():
    spec = DecisionSpec(holdout_share=0.0, margin_rate=0.5, cost_factor=7.0)
    assert decided(customers([700.0]), [{}], spec)["cost"].to_pylist() == [7.0]


def test_the_shops_own_margin_comes_before_the_assumed_one():
    made = decided(customers([100.0], margin_share_lifetime=[0.2]), [{}])
    assert made["expected_margin"][0].as_py() == pytest.approx(1.0, rel=1e-3)


def test_the_forecast_share_of_margin_comes_before_the_one_so_far():
    made = decided(customers([100.0], margin_share_lifetime=[0.2], expected_margin_share=[0.4]), [{}])
    assert made["expected_margin"][0].as_py() == pytest.approx(3.0, rel=1e-3)


def test_the_held_out_keep_their_action_at_no_cost():
    spec = DecisionSpec(holdout_share=0.25, margin_rate=0.5)
    made = decided(customers([100.0] * 2000), [{}], spec)
    out = pc.equal(made["arm"], "holdout")
    held, treated = made.filter(out), made.filter(pc.invert(out))
    assert 400 < held.num_rows < 600
    assert set(held["action"].to_pylist()) == {"a0"}
    assert set(held["cost"].to_pylist()) == {0.0}
    assert set(held["expected_margin"].to_pylist()) == {0.0}
    assert set(held["propensity"].to_pylist()) == {0.25}
    assert set(treated["propensity"].to_pylist()) == {0.75}
    assert held["reason"][0].as_py().endswith(" Held out to measure the effect.")
    assert "Held out" not in treated["reason"][0].as_py()


def test_the_holdout_is_the_same_tomorrow_and_in_another_audience():
    spec, everyone = DecisionSpec(), crowd(3000)
    first = decide(everyone, load(), spec, as_of=AS_OF, seed=1)
    later = decide(everyone.slice(1000, 500), load(), spec, as_of=date(2027, 5, 5), seed=99)
    assert later["arm"].to_pylist() == first["arm"].slice(1000, 500).to_pylist()
    other = decide(everyone, load(), DecisionSpec(holdout_salt="other"), as_of=AS_OF, seed=1)
    assert other["arm"].to_pylist() != first["arm"].to_pylist()


def test_shuffling_rows_shuffles_decisions_and_nothing_else():
    table, spec = crowd(2000), DecisionSpec(budget=20.0)
    order = pa.array(np.random.default_rng(3).permutation(2000))
    made = decide(table, load(), spec, as_of=AS_OF, seed=7)
    assert decide(table.take(order), load(), spec, as_of=AS_OF, seed=7).equals(made.take(order).combine_chunks())


@given(st.integers(0, 1000), st.floats(0, 300), st.floats(0, 0.9))
def test_the_budget_is_never_exceeded(seed, budget, share):
    spec = DecisionSpec(budget=budget, holdout_share=share)
    made = decide(crowd(400, seed), load(), spec, as_of=AS_OF, seed=seed)
    assert pc.sum(made["cost"]).as_py() <= budget * (1 + 1e-12)


def test_without_forecasts_priority_decides_within_the_budget():
    table = customers([100.0] * 4).drop_columns(["repurchase_probability", "horizon_days"])
    spec = DecisionSpec(holdout_share=0.0, budget=3.0)
    made = decided(table, [{"eligible": "customer_kind == 'rare'"}, {}], spec, own_columns={"customer_kind": "text"})
    assert made["expected_margin"].null_count == 4
    assert made["action"].to_pylist().count("a1") == 3
    assert pc.sum(made["cost"]).as_py() == 3.0


def test_without_money_there_are_actions_and_no_amounts():
    table = crowd(500).drop_columns(["net_revenue_sum_lifetime", "predicted_clv"])
    made = decide(table, load(), DecisionSpec(), as_of=AS_OF, seed=7)
    assert made["expected_margin"].null_count == 500
    assert "none" not in made["action"].to_pylist()


def test_an_action_whose_data_the_shop_lacks_is_for_nobody():
    actions = [{"eligible": "coupon_share_lifetime is missing", "needs": ["coupon_share_lifetime"]}]
    made = decided(customers([100.0]), actions)
    assert made["reason"].to_pylist() == ["No action in the playbook makes sense for this customer now."]


def test_what_takes_precedence_leaves_no_other_choice():
    first = {"takes_precedence": True, "eligible": "days_since_last_return <= 30", "cost_per_contact": 99.0}
    table = customers([100.0, 100.0], days_since_last_return=[5.0, 50.0])
    made = decided(table, [first, {}])
    assert made["action"].to_pylist() == ["none", "a1"]
    assert made["reason"][0].as_py() == "No action is expected to bring more than it costs."


def test_the_table_keeps_the_contract_and_the_order():
    table = crowd(50)
    made = decide(table, load(), DecisionSpec(), as_of=AS_OF, seed=7)
    assert made.schema.names == list(DECISIONS.names)
    assert made["customer_id"].to_pylist() == table["customer_id"].to_pylist()
    assert set(made["as_of"].to_pylist()) == {AS_OF}


def test_nobody_is_no_problem():
    assert decide(crowd(5).slice(0, 0), load(), DecisionSpec(), as_of=AS_OF, seed=7).num_rows == 0


def test_a_customer_twice_is_refused():
    twice = pa.concat_tables([crowd(2), crowd(1)])
    with pytest.raises(ContractBroken, match="3 rows hold 2 different ids") as error:
        decide(twice, load(), DecisionSpec(), as_of=AS_OF, seed=7)
    assert "one scheme of segments and one horizon" in str(error.value)


def test_a_table_without_ids_or_with_words_for_numbers_is_refused():
    with pytest.raises(MissingColumns, match="customer_id"):
        decide(crowd(2).drop_columns(["customer_id"]), load(), DecisionSpec(), as_of=AS_OF, seed=7)
    words = customers([1.0]).append_column("days_since_last_order", pa.array(["soon"]))
    with pytest.raises(ContractBroken, match="'days_since_last_order' of table 'customers' is string"):
        decide(words, load(), DecisionSpec(), as_of=AS_OF, seed=7)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_count_as_missing(bad):
    made = decided(customers([100.0], days_since_last_order=[bad]), [{"eligible": "days_since_last_order is missing"}])
    assert made["action"].to_pylist() == ["a0"]
    assert decided(customers([bad]), [{}])["expected_margin"].to_pylist() == [None]


def test_fifty_thousand_customers_are_decided_in_one_piece():
    made = decide(crowd(50_000), load(), DecisionSpec(budget=1_000.0), as_of=AS_OF, seed=7)
    assert 995.0 < pc.sum(made["cost"]).as_py() <= 1_000.0
    assert pc.mean(pc.equal(made["arm"], "holdout")).as_py() == pytest.approx(0.1, abs=0.0054)
