"""The playbook: whole and sensible as shipped, editable, and its mistakes answered in words."""

from __future__ import annotations

from importlib import resources

import pytest

from decisions.shops import AS_OF, PLAIN, STAGES, TIERS, book, customers, every_situation
from patron.decisions import DecisionSpec, decide, load
from patron.decisions.columns import CHOICES, published
from patron.decisions.playbook import parse
from patron.ground.errors import PlanError
from patron.segments.methods import lifecycle, value_tiers
from patron.segments.schemes import SCHEMES
from patron.segments.schemes import read as read_scheme

SHIPPED = {
    "welcome", "second_order", "cross_sell", "replenishment", "vip_care", "price_offer", "win_back",
    "reactivation", "let_go", "ad_exposure_down", "referral", "review_request", "service_recovery", "keep_in_touch",
}  # fmt: skip
NO_HOLDOUT = DecisionSpec(holdout_share=0.0)


def actions_of(table):
    made = decide(table, load(), NO_HOLDOUT, as_of=AS_OF, seed=7)
    return dict(zip(made["customer_id"].to_pylist(), made["action"].to_pylist(), strict=True))


def test_the_shipped_playbook_covers_the_customers_life():
    playbook = load()
    assert {action.key for action in playbook.actions} == SHIPPED
    assert all(action.uplift.source.startswith("assumed") for action in playbook.actions)
    assert [card.key for card in playbook.cards] == [action.key for action in playbook.actions]


SENSIBLE = {
    "prospect": {"welcome"},
    "new": {"welcome", "second_order", "cross_sell", "vip_care"},
    "active": {"second_order", "cross_sell", "vip_care"},
    "reactivated": {"second_order", "cross_sell", "vip_care"},
    "at_risk": {"second_order", "win_back", "reactivation", "vip_care"},
    "dormant": {"win_back", "reactivation"},
    "churned": {"win_back", "reactivation", "let_go"},
}


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"value_tier": "platinum", "orders_count_lifetime": 8.0, "days_since_last_order": 30.0},
        {"value_tier": "bronze", "orders_count_lifetime": 1.0, "days_since_last_order": 30.0},
        {
            "orders_count_lifetime": 2.0, "net_revenue_sum_lifetime": 200.0, "days_since_last_order": 60.0,
            "repurchase_probability": 0.2, "churn_probability": 0.8, "horizon_days": 90,
        },
    ],
    ids=["segments alone", "big spender", "one order", "money and forecasts"],
)  # fmt: skip
def test_every_segment_and_stage_has_a_sensible_action(known):
    for who, action in actions_of(every_situation(**known)).items():
        assert action in SENSIBLE[who.split("/")[1]], who


def test_nobody_within_their_own_rhythm_is_told_that_they_slip_away():
    for ratio, told in ((0.4, False), (1.2, True)):
        at_risk = actions_of(every_situation(order_overdue_ratio=ratio))["need_attention/at_risk"]
        assert (at_risk == "win_back") == told


@pytest.mark.parametrize("segment", ["loyal", "promising"])
def test_nobody_who_came_lately_by_their_scores_is_told_that_they_are_missed(segment):
    given = actions_of(every_situation(order_overdue_ratio=1.2))
    assert given[f"{segment}/at_risk"] != "win_back"
    assert given["need_attention/at_risk"] == "win_back"


def test_the_forecast_changes_the_action():
    person = {"orders_count_lifetime": 2.0, "net_revenue_sum_lifetime": 200.0, "days_since_last_order": 400.0}
    lost = {
        chance: actions_of(every_situation(**person, repurchase_probability=chance))["lost/churned"]
        for chance in (0.02, 0.3)
    }
    assert lost == {0.02: "let_go", 0.3: "reactivation"}


@pytest.mark.parametrize("scheme", [name for name in SCHEMES if read_scheme(name).reads in ("scores", "high_low")])
def test_groups_name_segments_of_every_scheme(scheme):
    groups = load().groups
    keys = {card.key for card in read_scheme(scheme).card.segments}
    assert keys & set(groups["best"])
    assert keys & set(groups["gone"])


def test_groups_name_no_segment_that_is_in_no_scheme():
    keys = {card.key for scheme in SCHEMES for card in read_scheme(scheme).card.segments}
    assert {key for name in ("best", "faded", "gone", "lately") for key in load().groups[name]} <= keys


def test_stages_and_tiers_are_those_of_the_segments():
    assert set(CHOICES["lifecycle_stage"]) == set(lifecycle.STAGES) == set(STAGES)
    assert CHOICES["value_tier"] == value_tiers.TIERS == TIERS


def test_a_user_edits_the_playbook(tmp_path):
    text = (resources.files("patron.decisions") / "playbook.toml").read_text("utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(text.replace("cost_per_contact = 2.5", "cost_per_contact = 250.0"), encoding="utf-8")
    person = {"value_tier": "gold", "orders_count_lifetime": 5.0, "net_revenue_sum_lifetime": 4000.0}
    table = every_situation(**person, repurchase_probability=0.5, horizon_days=90)
    before, after = (decide(table, load(path), NO_HOLDOUT, as_of=AS_OF, seed=7) for path in (None, mine))
    assert "vip_care" in before["action"].to_pylist()
    assert "vip_care" not in after["action"].to_pylist()


def test_own_columns_can_be_ruled_on():
    said = book({"eligible": "visits >= 3 and plan == 'gold'"}, own_columns={"visits": "number", "plan": "text"})
    table = customers([100.0, 100.0], visits=[3, 9], plan=["gold", "tin"])
    made = decide(table, parse(said, name="mine"), NO_HOLDOUT, as_of=AS_OF, seed=7)
    assert made["action"].to_pylist() == ["a0", "none"]


def test_it_knows_what_it_reads():
    playbook = parse(book({"facts": ["f"], "needs": ["coupon_share_90d"]}, facts={"f": FACT}), name="mine")
    read = {"orders_count_lifetime", "coupon_share_90d", "order_overdue_ratio", "days_since_last_order"}
    assert playbook.columns_read == read
    assert load().columns_read <= {*published()}


FACT = {"when": "order_overdue_ratio > 1", "en": "{days_since_last_order:0} days", "zh": "{days_since_last_order:0} 天"}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (book({"eligible": "order_count >= 1"}), "action 'a0', eligible: column 'order_count' is not known. Did"),
        (book({"eligible": "lifecycle_stage == 'lost'"}), "value of 'lifecycle_stage': 'lost' is not known"),
        (book({"eligible": "segment_key in bests"}, groups={"best": ["a"]}), "'bests' is not known. Did you mean"),
        (book({"needs": ["coupon_share"]}), "needs: 'coupon_share' is not known. Did you mean 'coupon_share_"),
        (book({"facts": ["order"]}, facts={"orders": FACT}), "facts: 'order' is not known. Did you mean 'orders'"),
        (book({}, facts={"f": FACT | {"en": "{days:0}"}}), "fact 'f': 'days' is not known"),
        (book({}, facts={"f": FACT | {"en": "{segment_name:0}"}}), "'segment_name' is a text"),
        (book({}, facts={"f": FACT | {"zh": "{orders_count_90d}"}}), "'orders_count_90d' is a number"),
        (book({}, {"key": "a0"}), "two actions share the key 'a0'"),
        (book({}, {"priority": 0}), "two actions share the priority '0'"),
        (book({"key": "none"}), "'none' means that nothing is done"),
        (book({"cost_per_contact": -1.0}), "action 'a0', cost_per_contact: got -1.0; "),
        (book({"cost_per_contract": 1.0}), "Extra inputs are not permitted. Did you mean 'cost_per_contact'?"),
        (book({"uplift": {"mean": 0.3, "lower": 0.0, "upper": 0.2}}), "needs lower <= mean <= upper"),
        (book({"uplift": {"men": 0.3, "lower": 0.0, "upper": 0.2}}), "Did you mean 'mean'?"),
        ({"version": 1}, "actions: Field required"),
        ({"version": 1, "action": [PLAIN]}, "Did you mean 'actions'?"),
        ({"version": 1, "actions": "all"}, "actions: got 'all'"),
    ],
)  # fmt: skip
def test_mistakes_are_answered_in_words(said, words):
    with pytest.raises(PlanError, match="mine") as error:
        parse(said, name="mine")
    assert words in str(error.value)


def test_a_file_that_is_not_there_or_not_toml_is_refused(tmp_path):
    with pytest.raises(PlanError, match=r"absent\.toml is not there"):
        load(tmp_path / "absent.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("version = ", encoding="utf-8")
    with pytest.raises(PlanError, match=r"broken\.toml cannot be read as TOML"):
        load(broken)
    with pytest.raises(PlanError, match="cannot be read"):
        load(tmp_path)
