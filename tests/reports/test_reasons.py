"""What the forecast rests on: shares that add up, and sentences in the report's language."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from patron.contracts.gates import Ruling
from patron.reports import reasons
from patron.reports.chapters.forecast import forecast
from reports.conftest import reading_of
from reports.worlds import table_of


@pytest.fixture
def told(real):
    days = reading_of(real).customers.horizon_days
    common = {"horizon_days": days, "target": "net_revenue", "model": "stack", "as_of": real.as_of}
    groups = [("frequency", "number of orders", "购买次数", 0.3, 1), ("value", "amounts spent", "消费金额", 0.1, 2)]
    importances = [
        common
        | {"kind": "group", "name": name, "group": name, "label": en, "label_zh": zh, "importance": size}
        | {"lower": size, "upper": size, "rank": rank, "rank_best": rank, "rank_worst": rank, "customer_count": 9}
        | {"seed_count": 3, "seed_lower": 0.75 * size, "seed_upper": 1.25 * size}
        | {"seed_rank_best": rank, "seed_rank_worst": rank}
        for name, en, zh, size, rank in groups
    ]
    explained = [
        common
        | {
            "customer_id": who,
            "base_value": 1.0,
            "predicted_value": value,
            "reason": f"Why {who}.",
            "reason_zh": f"原因{who}。",
        }
        for who, value in (("a", 5.0), ("b", 90.0))
    ]
    return replace(
        real, importances=table_of("importances", importances), explanations=table_of("explanations", explained)
    )


def test_groups_have_shares_that_add_up_and_customers_stand_by_what_is_expected(told):
    page = forecast(reading_of(told))
    assert [[cell.text for cell in row] for row in page.importances.table.rows] == [
        ["number of orders", "75%", "56% to 94%"],
        ["amounts spent", "25%", "19% to 31%"],
    ]
    assert [row[0].text for row in page.reasons.rows] == ["b", "a"]
    assert page.reasons.rows[0][2].text == "Why b."


def test_the_chinese_report_has_the_chinese_sentences(told):
    page = forecast(reading_of(told, "zh"))
    assert page.importances.table.rows[0][0].text == "购买次数"
    assert page.reasons.rows[0][2].text == "原因b。"


def test_nothing_explained_leaves_the_chapter_without_reasons(real):
    reading = reading_of(real)
    assert reasons.importances(reading) is None
    assert reasons.customers(reading) is None


def test_the_spread_over_seeds_is_drawn_and_told(told):
    figure = forecast(reading_of(told)).importances
    assert "Learned 3 times from the same customers" in figure.sentence
    assert "between 56% and 94%" in figure.sentence
    [bars] = json.loads(figure.chart.options)["series"]
    ends = [[point["coord"] for point in line] for line in bars["markLine"]["data"]]
    assert ends == [[[pytest.approx(0.5625), 0], [pytest.approx(0.9375), 0]], [[pytest.approx(0.1875), 1], [0.3125, 1]]]
    alone = [
        row | {"seed_count": 1} | dict.fromkeys(("seed_lower", "seed_upper", "seed_rank_best", "seed_rank_worst"))
        for row in told.importances.to_pylist()
    ]
    one = forecast(reading_of(replace(told, importances=table_of("importances", alone)))).importances
    assert [len(row) for row in one.table.rows] == [2, 2]
    assert "Learned" not in one.sentence
    assert "markLine" not in one.chart.options


@pytest.mark.parametrize(("lang", "said"), [("en", "only 41% of the reasons"), ("zh", "只对 41% 的原因")])
def test_reasons_that_are_refused_are_refused_in_words(real, lang, said):
    days = reading_of(real).customers.horizon_days
    ruled = Ruling("reasons", "refused", "same_direction_percent", 41.0, 60.0).row("explanations", f"{days}d/")
    story = replace(real, quality=table_of("quality", [ruled]))
    assert said in forecast(reading_of(story, lang)).no_reasons
    assert forecast(reading_of(real)).no_reasons == ""
