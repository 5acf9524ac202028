"""The chapter on who moved: only beside an earlier run, in customers and in money, in words a person can check."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from patron.reports.chapters.moves import moves
from reports.conftest import reading_of
from reports.worlds import with_moves


@pytest.fixture
def chapter(tiny):
    return moves(reading_of(with_moves(tiny)))


def test_without_an_earlier_run_there_is_no_chapter(tiny):
    assert moves(reading_of(tiny)) is None


def test_the_sentences_add_up(chapter):
    first, second = chapter.summary
    assert (
        first == "Since 11 Sep 2011, 1 of 5 customers stayed where they were, 1 moved up and 2 moved down; 1 are new."
    )
    assert "moved down brought £300" in second
    assert "moved up £500" in second


def test_a_picture_in_customers_and_one_in_money_each_with_its_table(chapter):
    customers, money = chapter.figures
    assert customers.sentence.startswith("The largest move: 2 customers went from Champions to At Risk")
    assert money.sentence.startswith("Most money moved from Hibernating to Champions")
    series = json.loads(customers.chart.options)["series"][0]
    ids = [box["name"] for box in series["data"]]
    assert len(ids) == len(set(ids))
    assert {link["source"] for link in series["links"]} | {link["target"] for link in series["links"]} == set(ids)
    assert [link["value"] for link in series["links"]] == [2.0, 1.0, 1.0, 1.0, 1.0]
    assert [box["depth"] for box in series["data"]] == sorted(box["depth"] for box in series["data"])
    assert [cell.text for cell in customers.table.rows[0]] == ["Champions", "At Risk", "2"]


def test_who_joined_and_who_left_stand_on_their_own_side(chapter):
    boxes = json.loads(chapter.figures[0].chart.options)["series"][0]["data"]
    names = {(box["depth"], box["label"]["formatter"]) for box in boxes}
    assert {(0, "New since"), (1, "No longer there")} <= names


def test_a_small_move_is_in_the_table_and_not_in_the_picture(tiny):
    story = with_moves(tiny)
    large = story.segment_moves.to_pylist()
    large[0]["customers"] = 10_000
    table = story.segment_moves.from_pylist(large, schema=story.segment_moves.schema)
    chapter = moves(reading_of(replace(story, segment_moves=table)))
    assert chapter.note.startswith("4 moves with few customers")
    assert len(chapter.every.rows) == 5


def test_a_change_that_waits_says_what_to_write(tiny):
    waiting = moves(reading_of(with_moves(tiny, to_confirm="after 2011-09-11: split group_1 into 2")))
    assert 'confirmed_change = "after 2011-09-11: split group_1 into 2"' in waiting.held
    assert "“Big” (group_1) splits into “Bigger” and “Small”" in waiting.held
    assert [cell.text for cell in waiting.events.rows[0]][:3] == ["split", "Big", "Bigger"]
    assert moves(reading_of(with_moves(tiny))).held == ""


@pytest.mark.parametrize(("lang", "told"), [("en", "neither up nor down"), ("zh", "既非上升也非下降")])
def test_a_cut_that_is_new_is_not_told_as_people_moving(tiny, lang, told):
    story = with_moves(tiny)
    rows = [
        row | {"move": "regrouped" if row["from_segment"] else row["move"]} for row in story.segment_moves.to_pylist()
    ]
    table = story.segment_moves.from_pylist(rows, schema=story.segment_moves.schema)
    chapter = moves(reading_of(replace(story, segment_moves=table), lang))
    [sentence] = chapter.summary
    assert told in sentence
    assert "regrouped" not in " ".join(cell.text for row in chapter.every.rows for cell in row)


def test_a_shop_without_money_has_one_picture(tiny):
    story = with_moves(tiny)
    profiles = story.profiles.to_pylist()
    for row in profiles:
        row["net_revenue_sum_lifetime"] = None
    table = story.profiles.from_pylist(profiles, schema=story.profiles.schema)
    chapter = moves(reading_of(replace(story, profiles=table, currency="")))
    assert len(chapter.figures) == 1
    assert len(chapter.summary) == 1


def test_chinese_speaks_chinese(tiny):
    chapter = moves(reading_of(with_moves(tiny), "zh"))
    assert chapter.summary[0].startswith("自2011年9月11日以来，5 位客户中有 1 位留在原分群")
