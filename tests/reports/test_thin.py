"""Thin data: what the report does not claim, what it warns of first, and in which language."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from patron.contracts.cards import ActionCard, Caveat, HeavyOrders
from patron.reports.chapters.data import data
from patron.reports.chapters.forecast import forecast
from patron.reports.chapters.headline import headline
from patron.reports.chapters.plan import plan
from patron.reports.chapters.value import value
from patron.reports.model import render
from patron.reports.playbook import action_totals
from reports.conftest import look, reading_of
from reports.worlds import table_of, tiny_shop, with_check, with_decisions, without_money

LET_GO = ActionCard("let_go", "Let go", "放手", "no_contact", "Nothing; spend on others", "不再投入", 0.0, "CRM")


def _refusal(slice_, key, **numbers):
    row = {"room": "forecasts", "measure": "refused 1", "slice": slice_, "verdict": "refused: said in English"}
    return table_of("quality", [row | {"reason": json.dumps({"key": key, **numbers})}])


def test_no_check_is_claimed_where_no_date_could_judge(tiny):
    page = forecast(reading_of(tiny))
    assert "this one is unchecked" in page.intro
    assert "compared it with what then happened" not in page.intro
    assert "did best" not in page.champion
    checked = forecast(reading_of(with_check(tiny)))
    assert "compared it with what then happened" in checked.intro
    assert "did best" in checked.champion


def test_the_horizon_that_was_not_checked_is_named_beside_the_one_that_was(tiny):
    longer = tiny.forecasts.set_column(1, "horizon_days", [[365] * tiny.forecasts.num_rows])
    both = replace(
        with_check(tiny), forecasts=table_of("forecasts", [*tiny.forecasts.to_pylist(), *longer.to_pylist()])
    )
    page = forecast(reading_of(both))
    assert "over the next 90 days. Before" in page.intro
    assert "The forecast over 365 days could not be checked" in page.intro
    assert "What is refused is left empty" in page.champion


@pytest.mark.parametrize(("lang", "text"), [("en", "Thin data: 6 customers."), ("zh", "数据偏少：6 位客户。")])
def test_what_the_data_cannot_support_stands_on_the_first_page(tiny, lang, text):
    story = replace(tiny, caveats=(Caveat("Thin data: 6 customers.", "数据偏少:6 位客户。"),))
    reading = reading_of(story, lang)
    assert headline(reading, ()).caveats == (text,)
    seen = look(render(reading)).text
    assert seen.index(text) < seen.index(reading.voice.say("chapter.value"), seen.index(text))


def test_no_first_step_rests_on_money_that_nothing_has_checked(tiny):
    story = with_decisions(tiny)
    page = headline(reading_of(story), action_totals(reading_of(story)))
    assert page.steps == ()
    assert "no past date could check" in page.no_steps
    assert any("take them as an example" in note for note in _plan(story).notes)
    judged = headline(reading_of(with_check(story)), action_totals(reading_of(with_check(story))))
    assert len(judged.steps) == 1
    assert judged.no_steps == ""
    assert not any("take them as an example" in note for note in _plan(with_check(story)).notes)


def _plan(story):
    return plan(reading_of(story), action_totals(reading_of(story)))


def test_leaving_people_alone_is_no_first_step_and_no_contact(tiny):
    rows = with_decisions(without_money(tiny)).decisions.to_pylist()
    rows[0] |= {"expected_margin": None}
    rows[2] |= {"action": "let_go", "channel": "no_contact", "arm": "treatment", "measure_until": rows[0]["as_of"]}
    story = replace(without_money(tiny), decisions=table_of("decisions", rows), actions=(*tiny.actions, LET_GO))
    reading = reading_of(story)
    assert [step.title for step in headline(reading, action_totals(reading)).steps] == ["Win back the best"]
    assert "1 customer to contact" in _plan(story).sentence
    assert "Left alone for good (Let go): 1 customer." in _plan(story).sentence


def test_a_check_of_orders_is_not_told_as_one_of_amounts(tiny):
    story = replace(without_money(tiny), forecasts=_no_money(tiny.forecasts))
    gaps = " ".join(headline(reading_of(with_check(story, "orders", 2.0)), ()).gaps)
    assert "expected orders with care" in gaps
    assert "expected amounts" not in gaps
    assert "no forecast of money" not in gaps


def _no_money(forecasts):
    return table_of("forecasts", [row | {"predicted_clv": None} for row in forecasts.to_pylist()])


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "Needs 50 customers in past windows of 180 days that are over, and has 0."),
        ("zh", "需要 50 位客户处于已结束的 180 天窗口，现有 0 位。"),
    ],
)
def test_a_refusal_with_a_key_is_told_in_the_reports_own_words(tiny, lang, told):
    story = replace(tiny, quality=_refusal("180d/hurdle", "few_windows", needed=50, days=180, found=0))
    assert forecast(reading_of(story, lang)).refusals[0].reason.startswith(told)


def test_a_date_that_could_not_judge_is_named_as_a_date(tiny):
    numbers = {"customers": 4, "bought": 1, "least_customers": 50, "least_buyers": 10}
    story = replace(tiny, quality=_refusal("90d/origin 2011-03-12", "thin_origin", **numbers))
    assert forecast(reading_of(story)).refusals[0].output == "Check from 12 Mar 2011, 90 days"
    assert forecast(reading_of(story, "zh")).refusals[0].reason.startswith("当时有 4 位客户")


def test_an_english_why_without_chinese_words_is_left_out_of_the_chinese_report():
    assert reading_of(tiny_shop(), "zh").voice.verdict("good: 80 of 100 rows are facts") == "好"
    assert reading_of(tiny_shop(), "zh").voice.verdict("info: chosen; larger is better") == "参考：已选；越大越好"
    assert reading_of(tiny_shop()).voice.verdict("good: 80 of 100 rows are facts") == "good: 80 of 100 rows are facts"


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "2 orders far beyond the usual hold 99% of the revenue: check rows 3 and 9 of a.csv and row 4 of b.csv"),
        (
            "zh",
            "有 2 单远超平常金额，占收入的 99%：在相信这里的任何金额之前，请核对a.csv 的第 3和9 行和b.csv 的第 4 行。",
        ),
    ],
)
def test_orders_that_outweigh_the_shop_are_told_with_their_rows(tiny, lang, told):
    story = replace(tiny, heavy=HeavyOrders(2, 0.99, (("a.csv", 3), ("a.csv", 9), ("b.csv", 4))))
    reading = reading_of(story, lang)
    assert headline(reading, ()).sentences[1].startswith(told)
    assert data(reading).warning.startswith(told)
    assert data(reading_of(tiny)).warning == ""


def test_the_few_are_not_compared_with_the_rest_where_there_is_no_rest(tiny):
    alone = value(reading_of(replace(tiny, profiles=tiny.profiles.slice(0, 1))))
    assert (alone.pyramid, alone.concentration) == (None, None)
    assert "nothing to compare" in alone.intro
    alike = tiny.segments.set_column(
        tiny.segments.schema.get_field_index("value_tier"), "value_tier", [["platinum"] * tiny.segments.num_rows]
    )
    assert value(reading_of(replace(tiny, segments=alike))).pyramid is None
