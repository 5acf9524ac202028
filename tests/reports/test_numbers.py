from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.reports import numbers


@pytest.mark.parametrize("write", [numbers.decimal, numbers.percent, numbers.times, numbers.compact, numbers.score])
@pytest.mark.parametrize("gap", [None, math.nan, math.inf])
def test_a_gap_is_a_dash_everywhere(write, gap):
    assert write(gap) == "–"


@given(st.floats(-1e12, 1e12))
def test_money_reads_back_to_the_cent_or_the_unit(value):
    text = numbers.money(value, "GBP")
    back = float(text.replace("−", "-").replace("£", "").replace(",", ""))
    assert abs(back - value) <= (0.005 if abs(value) < 9.995 else 0.5) + abs(value) * 1e-12


@given(st.floats(0, 1e9))
def test_no_percentage_beyond_a_thousand(share):
    text = numbers.percent(share)
    assert text.endswith("×") if share > 10.0 else float(text.strip("<>%").replace(",", "")) <= 1000


@given(st.floats(1e-9, 1))
def test_a_positive_share_never_reads_as_zero_nor_a_missing_rest_as_all(share):
    text = numbers.percent(share)
    assert text != "0%"
    assert text != "100%" or share > 0.99999999


@pytest.mark.parametrize(
    ("value", "lang", "said"),
    [
        (999.4, "en", "£999"),
        (999_999, "en", "£1M"),
        (12_345, "zh", "£1.23万"),
        (-2500, "en", "−£2.5k"),
        (0.4, "en", "£0.40"),
    ],
)
def test_short_money_has_about_three_digits(value, lang, said):
    assert numbers.money_short(value, "GBP", lang) == said


@given(st.floats(1, 1e12))
def test_about_keeps_two_digits(value):
    rounded = numbers.about(value)
    assert abs(rounded - value) <= 0.05 * value
    assert len(f"{rounded:.0f}".rstrip("0")) <= 2
