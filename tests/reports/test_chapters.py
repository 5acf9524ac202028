"""The chapters say what can be worked out by hand from the tiny shop (see worlds.tiny_shop)."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.contracts.cards import FeatureCard
from patron.reports.chapters.data import data
from patron.reports.chapters.forecast import forecast
from patron.reports.chapters.grid import grid
from patron.reports.chapters.headline import customers_for, headline
from patron.reports.chapters.methods import methods
from patron.reports.chapters.plan import plan
from patron.reports.chapters.risk import most_at_stake, risk
from patron.reports.chapters.segments import segments, traits
from patron.reports.chapters.value import value
from patron.reports.playbook import action_totals
from patron.reports.reading import totals
from reports.cards import CLASSIC, SCHEME
from reports.conftest import reading_of
from reports.real_world import real_shop
from reports.worlds import ASKED, table_of, tiny_shop, with_check, with_decisions, with_moves, without_money


@pytest.fixture(scope="module")
def reading(tiny):
    return reading_of(tiny)


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_the_headline_counts_the_few_who_bring_most(reading):
    # 1000 + 600 = 1600 of 2000 is exactly 80 %; B (80) and E (5) are late: 85 of 445 expected.
    said = headline(reading, ())
    assert said.sentences[0] == "2 of 6 customers bring 80% of the revenue."
    assert "about £450" in said.sentences[1] or "about £440" in said.sentences[1]
    assert said.sentences[2].startswith("About £85 of it is at risk")
    assert "2 customers" in said.sentences[2]
    tiles = {tile.label: tile.value for tile in said.tiles}
    assert (tiles["Customers"], tiles["Net revenue so far"], tiles["Came back"]) == ("6", "£2k", "50%")


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=40), st.floats(0.05, 0.99))
@settings(max_examples=60)
def test_the_few_are_as_few_as_can_be(amounts, share):
    customers = replace(reading_of(tiny_shop()).customers, worth=np.asarray(amounts))
    few = customers_for(customers, share)
    best = np.sort(amounts)[::-1]
    assert best[:few].sum() >= share * best.sum() * (1 - 1e-12)
    assert few == 1 or best[: few - 1].sum() < share * best.sum() * (1 + 1e-12)


def test_the_pyramid_shares_add_up(reading):
    rows = texts(value(reading).pyramid.table)
    assert [row[:5] for row in rows[:2]] == [
        ["Platinum", "1", "17%", "£1,000", "50%"],
        ["Gold", "1", "17%", "£600", "30%"],
    ]
    assert rows[3][:5] == ["Bronze", "3", "50%", "£200", "10%"]


def test_without_tiers_customers_are_ranked(tiny):
    at = tiny.segments.schema.get_field_index("value_tier")
    story = replace(tiny, segments=tiny.segments.set_column(at, "value_tier", pa.nulls(6, pa.string())))
    rows = texts(value(reading_of(story)).pyramid.table)
    assert [row[0] for row in rows] == ["Best 1%", "Next 4%", "Next 15%", "Other 80%"]
    assert sum(int(row[1]) for row in rows) == 6


def test_the_grid_holds_every_customer_once(reading):
    page = grid(reading)
    assert [len(row.cells) for row in page.rows] == [5] * 5
    assert sum(int(cell.customers) for row in page.rows for cell in row.cells) == 6
    best = page.rows[0].cells[4]
    assert (best.segment, best.customers, best.worth_share) == ("Champions", "1", "50%")
    assert best.told == "R5 · FM5, Champions. 1 customer (17%), 50% of revenue. Median 5 days since the last order."


def test_a_scheme_without_scores_has_no_grid_and_says_so(tiny):
    no = pa.nulls(6, pa.int64())
    bare = tiny.segments
    for name in ("r_score", "f_score", "m_score"):
        bare = bare.set_column(bare.schema.get_field_index(name), name, no)
    page = grid(reading_of(replace(tiny, segments=bare)))
    assert page.rows == ()
    assert "no grid" in page.sentence
    assert page.map is not None


def test_segments_without_a_card_still_appear_under_their_own_name(tiny):
    story = replace(tiny, schemes=())
    page = segments(reading_of(story), ())
    assert {card.name for card in page.cards} == {
        "Champions",
        "Can't Lose Them",
        "Potential Loyalist",
        "New Customers",
        "Lost",
    }
    assert all(card.colour.startswith("#") for card in page.cards)


def test_segments_that_wait_to_be_confirmed_are_said_to_in_both_languages(tiny):
    change = "after 2011-09-11: split group_1 into 2"
    story = with_moves(tiny, to_confirm=change)
    english, chinese = (segments(reading_of(story, lang), ()).waiting for lang in ("en", "zh"))
    assert "would change: “Big” (group_1) splits into “Bigger” and “Small”. Until" in english
    assert "将会变化：“大”（group_1）拆分为“更大”和“小”。在确认之前" in chinese
    assert all(said.endswith(f'confirmed_change = "{change}"') for said in (english, chinese))
    assert segments(reading_of(with_moves(tiny)), ()).waiting == segments(reading_of(tiny), ()).waiting == ""


def test_a_second_scheme_gets_a_table(tiny):
    rows = tiny.segments.to_pylist()
    learned = [{**row, "scheme": "kmeans-1", "segment_key": "s1", "segment_name": "Big"} for row in rows]
    story = replace(tiny, segments=table_of("segments", rows + learned))
    page = segments(reading_of(story), ())
    assert [other.name for other in page.others] == ["kmeans-1"]
    assert page.others[0].table is None  # everyone is in one segment: there is nothing to set side by side
    apart = [
        {**row, "segment_key": "s2", "segment_name": "Small"} if row["customer_id"] == rows[0]["customer_id"] else row
        for row in learned
    ]
    story = replace(tiny, segments=table_of("segments", rows + apart))
    assert [row[0] for row in texts(segments(reading_of(story), ()).others[0].table)] == ["Big", "Small"]


def test_a_scheme_shows_how_it_was_read_and_the_rule_of_each_segment(tiny):
    def ruled(card):
        return replace(card, rule_en=f"rule of {card.key}", rule_zh=f"{card.key} 的规则")

    scheme = replace(
        SCHEME, segments=tuple(map(ruled, SCHEME.segments)), definition_en="Version 1.", definition_zh="第 1 版。"
    )
    other = replace(scheme, key="again-2", definition_en="Version 2.", definition_zh="第 2 版。")
    rows = tiny.segments.to_pylist()
    both = table_of("segments", rows + [{**row, "scheme": "again-2"} for row in rows])
    page = segments(reading_of(replace(tiny, schemes=(scheme, other), segments=both)), ())
    assert page.definition == "Version 1."
    assert {card.name: card.rule for card in page.cards}["Champions"] == "rule of champions"
    (again,) = page.others
    assert (again.definition, again.table.head[4]) == ("Version 2.", "Rule")
    assert {row[4] for row in texts(again.table)} >= {"rule of champions", "rule of lost"}


def test_traits_tell_each_feature_once_and_skip_what_does_not_differ(tiny):
    def row(feature, median, base, rank):
        key, name, zh = CLASSIC[0][:3]
        return {
            "scheme": SCHEME.key,
            "segment_key": key,
            "segment_name": name,
            "segment_name_zh": zh,
            "feature": feature,
            "median": median,
            "base_median": base,
            "lift": 0.9,
            "lift_lower": 0.8,
            "lift_upper": 0.95,
            "is_different": True,
            "share_present": 1.0,
            "rank": rank,
            "as_of": tiny.as_of,
        }

    rows = [
        row("orders_count_90d", 4.0, 1.0, 1),
        row("orders_count_365d", 9.0, 2.0, 2),
        row("orders_log_lifetime", 2.0, 1.0, 3),
        row("returns_count_lifetime", 0.0, 0.0, 4),
        row("days_since_last_order", 5.0, 50.0, 5),
    ]
    story = replace(tiny, segment_profiles=table_of("segment_profiles", rows))
    assert traits(reading_of(story), SCHEME.key, SCHEME.segments[0]) == (
        "Orders, last 90 days: 4 (all customers: 1)",
        "Days since last order: 5 (all customers: 50)",
    )


def test_a_card_gives_the_word_that_the_report_lacks(tiny):
    key, name, zh = CLASSIC[0][:3]
    row = {"scheme": SCHEME.key, "segment_key": key, "segment_name": name, "segment_name_zh": zh, "lift": 0.9}
    row |= {"feature": "signal_steps_mean_90d", "median": 4.0, "base_median": 1.0, "share_present": 1.0, "rank": 1}
    row |= {"lift_lower": 0.8, "lift_upper": 0.95, "is_different": True}
    cards = (FeatureCard("signal_steps_mean_90d", "steps a day", "", "days"),)
    profiles = table_of("segment_profiles", [row | {"as_of": tiny.as_of}])
    story = replace(tiny, segment_profiles=profiles, features=cards)
    assert traits(reading_of(story), SCHEME.key, SCHEME.segments[0]) == ("Steps a day: 4 days (all customers: 1 day)",)


def test_totals_over_segments_are_the_totals(reading):
    sums = totals(reading.customers, len(SCHEME.segments))
    assert sums.customers.sum() == 6
    assert sums.worth.sum() == 2000
    assert sums.expected.sum() == 445
    assert sums.worth_share.sum() == pytest.approx(1.0)


def test_the_late_are_listed_by_what_is_at_stake_with_a_reason(reading):
    page = risk(reading)
    assert "2 customers (33% of all)" in page.sentence
    assert texts(page.people) == [
        ["B", "Can't Lose Them", "6 orders, last 90 days ago, usually every 30 days (3.0×)", "£600", "£80", "50%"],
        ["E", "Lost", "1 order, last 150 days ago", "£60", "£5.00", "30%"],
    ]
    assert most_at_stake(reading, reading.customers.slipping, most=1).tolist() == [1]


def test_lateness_is_read_off_the_customers_own_rhythm_not_the_stage(tiny):
    at = tiny.segments.schema.get_field_index("lifecycle_stage")
    story = replace(tiny, segments=tiny.segments.set_column(at, "lifecycle_stage", [["dormant"] * 6]))
    assert reading_of(story).customers.slipping.tolist() == [False, True, False, False, True, False]


def test_nobody_real_is_late_before_their_own_gap_and_a_share_that_can_be_called(real):
    customers = reading_of(real).customers
    late = customers.slipping
    assert np.nanmin(customers.overdue[late]) >= 1.5
    assert 0.02 < late.mean() < 0.35


def test_the_methods_state_what_late_means(reading):
    said = {term.word: term.meaning for term in methods(reading, ()).terms}["Late, at risk"]
    assert all(number in said for number in ("1.5 times", "between 50% and 90%", "once 80%", "once 95%", "4 times"))


def test_one_customer_is_told_in_the_singular(tiny):
    alone = replace(tiny, profiles=tiny.profiles.slice(0, 1))
    assert headline(reading_of(alone), ()).sentences[0].startswith("There is only one customer, with 10 orders:")


def test_the_net_is_told_with_what_it_is_net_of(tiny):
    reading = reading_of(with_check(with_decisions(tiny)))
    step = headline(reading, action_totals(reading)).steps[0]
    assert "Expected to bring £24 net: £30 of margin less £6.00 of cost." in step.text


def test_those_left_alone_for_too_little_gain_are_counted(tiny):
    row = {"room": "decisions", "measure": "below_floor", "slice": "all", "value": 3.0, "verdict": "info: x"}
    story = replace(tiny, quality=table_of("quality", [row | dict.fromkeys(("lower", "upper", "baseline"))]))
    assert "too little for its cost: 3 customers." in plan(reading_of(story), ()).notes[0]


def test_the_plan_counts_treated_and_held_out_apart(tiny):
    reading = reading_of(with_check(with_decisions(tiny)))
    actions = action_totals(reading)
    assert [(one.key, one.treated, one.held_out) for one in actions] == [("win_back_vip", 1, 0), ("win_back", 0, 1)]
    assert actions[0].segments.sum() == 1
    said = plan(reading, actions).sentence
    assert said.startswith(
        "2 actions, 1 customer to contact. It is expected to bring about £24 net: £30 of margin less £6.00 of cost."
    )
    assert "£24" in said
    assert "9 Jan 2012" in said
    assert headline(reading, actions).steps[0].title == "Win back the best"
    assert len(headline(reading, actions).steps) == 1


def test_no_action_is_said_and_not_drawn(reading):
    assert plan(reading, ()).figure is None
    assert "no action" in plan(reading, ()).sentence


def test_the_ledger_adds_up_over_files(reading):
    page = data(reading)
    assert page.sentence.startswith(
        "100 rows were read; 80% were kept. 20 rows were set aside, most because: no customer id (18)"
    )
    assert texts(page.rejected.table)[0] == ["no customer id", "18", "18%", "–"]


def test_counts_among_the_judgements_have_no_decimals_and_scores_have(tiny):
    said = {"room": "segments", "slice": "learned", "verdict": "info: told"}
    rows = [
        {**said, "measure": "chosen_k", "value": 3.0},
        {**said, "measure": "vote: elbow", "value": 4.0},
        {**said, "measure": "seed_agreement", "value": 1.0, "baseline": 0.9},
        {**said, "measure": "silhouette", "value": 0.3, "lower": 0.3, "upper": 0.3},
    ]
    shown = texts(data(reading_of(replace(tiny, quality=table_of("quality", rows)))).judgements)
    assert [row[3:6] for row in shown] == [
        ["3", "–", "–"],
        ["4", "–", "–"],
        ["1.000", "–", "0.900"],
        ["0.300", "–", "–"],
    ]


def test_a_shop_without_money_is_told_in_orders(tiny):
    story = without_money(tiny)
    reading = reading_of(story)
    said = headline(reading, ())
    assert said.sentences[0] == "4 of 6 customers bring 80% of the orders." or "of the orders" in said.sentences[0]
    assert any("no amounts" in gap for gap in said.gaps)
    assert forecast(reading).calibration is None
    assert forecast(reading).refusals[0].next_step == "import order amounts"
    assert risk(reading).people is not None
    assert any("equally valuable" in limit for limit in methods(reading, ()).limits)


def test_shuffled_rows_tell_the_same_story():
    story = real_shop()
    order = np.random.default_rng(3).permutation(story.segments.num_rows)
    mixed = replace(
        story, segments=story.segments.take(pa.array(order)), forecasts=story.forecasts.take(pa.array(order[::-1]))
    )
    a, b = reading_of(story), reading_of(mixed)
    assert headline(a, ()) == headline(b, ())
    assert grid(a) == grid(b)
    assert risk(a) == risk(b)


def test_every_chart_is_json_and_says_what_its_sentence_says(real):
    figure = grid(reading_of(real)).map
    options = json.loads(figure.chart.options)
    assert options["aria"]["label"]["description"] == figure.sentence
    total = sum(tile["value"] for tile in options["series"][0]["data"])
    assert total == pytest.approx(sum(real.profiles["net_revenue_sum_lifetime"].to_pylist()), rel=1e-9)


def test_asked_tables_are_all_given_by_the_tiny_world(tiny):
    for name, contract in ASKED.items():
        assert contract.check(getattr(tiny, name)).column_names == list(contract.names)
