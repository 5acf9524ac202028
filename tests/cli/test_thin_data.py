"""A shop with hardly any data: a completed run whose closing words say what could not be done, and why."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

import patron
from flow import shops

HEADER = "order_id,customer_id,ordered_at,total_amount\n"
CLOSING = "What these data cannot support yet:"


def _rows(n_orders: int, n_customers: int, days_apart: int) -> str:
    start = date(2025, 1, 1)
    rows = [f"A{i},c{i % n_customers},{start + timedelta(days=i * days_apart)},{10 + i}" for i in range(n_orders)]
    return HEADER + "\n".join(rows) + "\n"


THIN = {
    "one order": (_rows(1, 1, 1), "There is only one customer, with 1 order", "No 90-day forecast"),
    "one customer": (_rows(5, 1, 9), "There is only one customer, with 5 orders", "No 90-day forecast"),
    "a single day": (_rows(15, 9, 0), "All orders are of one day, 1 Jan 2025", "No 90-day forecast"),
    "nine customers": (_rows(20, 9, 10), "of 9 customers bring", "It could not be checked on any past date"),
    "nobody twice": (_rows(60, 60, 1), "of 60 customers bring", "Nobody has ordered twice"),
}


def _shop(home, text):
    shops.make(home, shops.orders(n_customers=2, days=30))
    (home / "orders.csv").write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize("case", THIN)
def test_the_closing_words_say_what_could_not_be_done(say, tmp_path, case):
    text, headline, limit = THIN[case]
    said = say("run", "--shop", _shop(tmp_path / "shop", text))
    assert said.code == 0, said.err
    found, _, limits = said.out.partition(CLOSING)
    assert headline in found
    assert limit in limits
    assert "Thin data:" in limits
    assert "later than usual" not in found or case == "nine customers"


def test_a_day_just_after_the_start_is_as_thin_as_what_was_known_then(say, tmp_path):
    home = shops.make(tmp_path / "shop")
    said = json.loads(say("run", "--shop", home, "--as-of", "2025-01-04", "--json").out)
    english, chinese = said["limits"]["en"], said["limits"]["zh"]
    assert len(english) == len(chinese) >= 2
    assert any("there are 3" in line for line in english)
    assert any("现有 3 天" in line for line in chinese)
    assert CLOSING in say("show", "--shop", home).out


def test_a_shop_with_enough_of_everything_closes_without_limits(say, tmp_path):
    home = shops.make(tmp_path / "shop", shops.orders(n_customers=900, days=300))
    said = say("run", "--shop", home, "--json")
    assert json.loads(said.out)["limits"] == {"en": [], "zh": []}
    assert CLOSING not in say("show", "--shop", home).out


def test_one_past_date_is_a_warning_with_what_it_would_take(say, tmp_path):
    home = shops.make(tmp_path / "shop", shops.orders(n_customers=900, days=200))
    said = json.loads(say("run", "--shop", home, "--json").out)["limits"]
    assert any("With care over 90 days" in line and "Only 1 past date" in line for line in said["en"])
    assert len(said["en"]) == len(said["zh"])


def test_the_notebook_says_it_too(tmp_path):
    run = patron.open(_shop(tmp_path / "shop", THIN["one customer"][0])).run()
    assert "No 90-day forecast" in run._repr_html_()
