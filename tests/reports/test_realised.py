"""What came true: a verdict first, the totals of the earlier run, and nothing where nothing is due."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from patron.reports.chapters.forecast import forecast
from patron.reports.chapters.headline import headline
from patron.reports.chapters.realised import realised
from patron.reports.model import page_models, render
from reports.conftest import look, reading_of
from reports.worlds import table_of, with_come_due


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_the_verdict_says_what_was_forecast_what_came_and_what_follows(tiny):
    page = realised(reading_of(with_come_due(tiny, 2.0, moved=("level", "coverage"))))
    [verdict] = page.verdicts
    assert verdict.text.startswith("Forecast on 11 Sep 2011 for 90 days: £400; came: £200. Retrain, and look:")
    assert "the level (net revenue); the ranges (net revenue)." in verdict.text
    assert not verdict.holds
    kept = realised(reading_of(with_come_due(tiny, 1.0, moved=()))).verdicts[0]
    assert kept.text == (
        "Forecast on 11 Sep 2011 for 90 days: £200; came: £200. Keep it: that is within what its check had promised."
    )
    assert kept.holds


def test_every_target_has_its_total_and_the_ranges_their_share(tiny):
    page = realised(reading_of(with_come_due(tiny, 2.0)))
    money, orders = texts(page.totals)
    assert money == [
        *("11 Sep 2011, 90 days", "net revenue", "£400", "£200", "200%", "200% to 200%", "90%", "moved"),
    ]
    assert orders[1:4] == ["orders", "12", "6"]
    assert texts(page.coverage)[0] == [
        *("11 Sep 2011, 90 days", "20110911-a1b2c3d4", "80%", "77%", "77% to 77%", "90%", "as promised"),
    ]
    assert texts(page.ranking)[0][2:4] == ["Ranking (normalised Gini)", "0.770"]
    assert texts(page.figure.table) == [["1", "5", "£20", "£10"], ["2", "5", "£60", "£30"]]
    assert "expected to bring £60 each and brought £30" in page.figure.sentence


def test_a_forecast_that_did_not_come_true_is_told_on_the_first_page(tiny):
    gaps = headline(reading_of(with_come_due(tiny, 2.0)), ()).gaps
    assert any("did not come true. Forecast on 11 Sep 2011 for 90 days: £400; came: £200." in gap for gap in gaps)
    assert not any("come true" in gap for gap in headline(reading_of(with_come_due(tiny, 1.0, moved=())), ()).gaps)


def test_where_nothing_is_due_one_sentence_says_from_when_on_it_can_be_told(tiny):
    row = {"room": "realised", "measure": "forecast_check", "slice": "all", "verdict": "info: nothing yet"}
    reason = json.dumps({"key": "realised_nothing_due", "first": "2012-03-09"})
    reading = reading_of(replace(tiny, quality=table_of("quality", [row | {"reason": reason}])))
    assert realised(reading) is None
    assert "realised" not in page_models(reading)
    assert forecast(reading).not_due == (
        "No earlier forecast has come due yet; the first of this run will on 9 Mar 2012."
    )
    assert forecast(reading_of(with_come_due(tiny))).not_due == ""


@pytest.mark.parametrize(("lang", "said"), [("en", "What came true"), ("zh", "预测兑现了吗")])
def test_the_chapter_stands_behind_the_forecast(tiny, lang, said):
    reading = reading_of(with_come_due(tiny, 2.0), lang)
    names = list(page_models(reading))
    assert names[names.index("forecast") + 1] == "realised"
    assert said in look(render(reading)).text


def test_the_report_s_own_horizon_comes_first(tiny):
    story = with_come_due(tiny, 2.0)
    longer = [row | {"horizon_days": 180} for row in story.realised.to_pylist()]
    rows = [row for row in story.quality.to_pylist() if row["room"] == "realised"]
    more = [row | {"slice": row["slice"].replace("90d", "180d")} for row in rows]
    both = replace(
        story,
        realised=table_of("realised", [*story.realised.to_pylist(), *longer]),
        quality=table_of("quality", [*rows, *more]),
    )
    page = realised(reading_of(both))
    assert ["for 90 days" in one.text for one in page.verdicts] == [True, False]
    assert [row[0] for row in texts(page.totals)] == ["11 Sep 2011, 90 days"] * 2 + ["11 Sep 2011, 180 days"] * 2
