"""What the forecast rests on: shares that add up, and sentences in the report's language."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
    assert [[cell.text for cell in row] for row in page.importances.rows] == [
        ["number of orders", "75%"],
        ["amounts spent", "25%"],
    ]
    assert [row[0].text for row in page.reasons.rows] == ["b", "a"]
    assert page.reasons.rows[0][2].text == "Why b."


def test_the_chinese_report_has_the_chinese_sentences(told):
    page = forecast(reading_of(told, "zh"))
    assert page.importances.rows[0][0].text == "购买次数"
    assert page.reasons.rows[0][2].text == "原因b。"


def test_nothing_explained_leaves_the_chapter_without_reasons(real):
    reading = reading_of(real)
    assert reasons.importances(reading) is None
    assert reasons.customers(reading) is None
