"""The opening sentences when there is hardly anything to say, and their grammar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from patron.reports.chapters.headline import headline
from reports.conftest import reading_of
from reports.worlds import table_of, tiny_shop


def _story(lang="en", *, rows=None, **changes):
    tiny = tiny_shop()
    kept = tiny.profiles.to_pylist()[:rows]
    story = replace(tiny, profiles=table_of("profiles", kept), **changes)
    return headline(reading_of(story, lang), ()).sentences


def _with_orders(lang="en", *, revenue, orders=1):
    tiny = tiny_shop()
    rows = [
        row | {"net_revenue_sum_lifetime": amount, "orders_count_lifetime": orders}
        for row, amount in zip(tiny.profiles.to_pylist(), revenue, strict=True)
    ]
    return headline(reading_of(replace(tiny, profiles=table_of("profiles", rows)), lang), ()).sentences


def test_one_customer_brings_and_two_bring():
    assert _with_orders(revenue=[5000.0, 1, 1, 1, 1, 1])[0] == "1 of 6 customers brings 80% of the revenue."
    assert _with_orders(revenue=[1000.0, 600, 200, 100, 60, 40])[0] == "2 of 6 customers bring 80% of the revenue."
    assert _with_orders("zh", revenue=[5000.0, 1, 1, 1, 1, 1])[0] == "6 位客户中，1 位带来了 80% 的收入。"


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "There is only one customer, with 10 orders"), ("zh", "只有一位客户")]
)
def test_one_customer_alone_is_no_story(lang, told):
    [sentence] = _story(lang, rows=1)
    assert sentence.startswith(told)


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "All orders are of one day, 1 Mar 2011"), ("zh", "所有订单都在同一天")]
)
def test_one_day_alone_is_no_story(lang, told):
    day = date(2011, 3, 1)
    [sentence] = _story(lang, first_day=day, last_day=day)
    assert sentence.startswith(told)


def test_where_costs_are_known_the_margin_is_told_beside_the_money():
    rows = tiny_shop().forecasts.to_pylist()
    costed = table_of("forecasts", [row | {"predicted_margin": 0.4 * row["predicted_clv"]} for row in rows])
    assert not any("is margin" in said for said in _story())
    assert any("180 of it is margin" in said for said in _story(forecasts=costed))
    assert any("毛利约为" in said and "180" in said for said in _story("zh", forecasts=costed))
