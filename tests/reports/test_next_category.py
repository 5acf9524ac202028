"""What the report says of the next order: the category named first per segment, beside the best sellers."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from patron.contracts.published import NEXT_CATEGORIES
from patron.reports.next_category import next_category
from patron.reports.reading import read
from patron.reports.voice import Voice
from reports.worlds import AS_OF, HORIZON, tiny_shop


def story(champion="beta_binomial"):
    base = tiny_shop()
    ids = base.profiles["customer_id"].to_pylist()
    named = [
        {"customer_id": who, "rank": rank, "category": category, "probability": 0.9 - 0.2 * rank}
        for i, who in enumerate(ids)
        for rank, category in ((1, "tea" if i < 4 else "cups"), (2, "pots"))
    ]
    same = {"horizon_days": HORIZON, "model": champion, "as_of": AS_OF}
    judged = [
        {
            "room": "forecasts",
            "measure": "hit_rate_at_3",
            "slice": f"{HORIZON}d/next_category/{model}",
            "value": value,
            "baseline": 0.5,
            "verdict": "good: better than the naive formula" if model == champion else "info: not used",
        }
        for model, value in (("naive", 0.5), ("own_share", 0.7), ("beta_binomial", 0.75))
    ]
    return replace(
        base,
        next_categories=NEXT_CATEGORIES.check(pa.Table.from_pylist([{**row, **same} for row in named])),
        quality=pa.concat_tables([base.quality, pa.Table.from_pylist(judged, schema=base.quality.schema)]),
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everyone_and_each_segment_have_a_row_that_adds_up(lang):
    figure = next_category(read(story(), Voice(lang, "EUR")))
    first = [cell.text for cell in figure.table.rows[0]]
    assert first[1] == "6"
    assert "tea" in first[2]
    assert "67%" in first[2]
    assert sum(int(row[1].text) for row in figure.table.rows[1:]) == 6
    assert "pots" not in str(figure.table)  # only what is named first is told


def test_the_sentence_stands_beside_the_best_sellers_and_the_own_shares():
    said = next_category(read(story(), Voice("en", "EUR"))).sentence
    assert ["75%" in said, "50%" in said, "70%" in said] == [True, True, True]
    assert "best sellers are named" in next_category(read(story("naive"), Voice("en", "EUR"))).sentence


def test_a_shop_without_categories_is_told_nothing():
    assert next_category(read(tiny_shop(), Voice("en", "EUR"))) is None
