from __future__ import annotations

import pytest

from patron.ground.currencies import CODES, NO_CURRENCY, currency
from patron.ground.errors import InputError


def test_the_list_holds_codes_of_three_letters():
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in CODES)
    assert {"EUR", "USD", "GBP", "CNY", "JPY", "BRL", "DEM", NO_CURRENCY} <= CODES
    assert len(CODES) > 170


@pytest.mark.parametrize(("said", "code"), [("EUR", "EUR"), (" usd ", "USD"), ("", ""), ("xxx", "XXX")])
def test_a_code_is_written_in_capitals(said, code):
    assert currency(said) == code


@pytest.mark.parametrize(
    ("said", "meant"), [("EURO", "EUR"), ("$", "USD"), ("£", "GBP"), ("RMB", "CNY"), ("元", "CNY"), ("GBPP", "GBP")]
)
def test_what_people_write_instead_is_understood_and_refused(said, meant):
    with pytest.raises(InputError, match=f"Did you mean '{meant}'"):
        currency(said)


def test_nonsense_is_refused_without_a_guess():
    with pytest.raises(InputError) as refused:
        currency("QQQQ")
    assert "Did you mean" not in str(refused.value)
    assert "ISO 4217" in str(refused.value)
