"""The schemes in other tools' styles, cell by cell: Shopify-style, Klaviyo-style, and PyMC-Marketing's lists."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from patron.segments import schemes

SHOPIFY = {  # our documented approximation, R from 5 down, FM from 1 up; the names are Shopify's
    5: ["New", "Active", "Active", "Champions", "Champions"],
    4: ["Promising", "Active", "Active", "Loyal", "Loyal"],
    3: ["Almost Lost", "Needs Attention", "Needs Attention", "Loyal", "Loyal"],
    2: ["Almost Lost", "Almost Lost", "At Risk", "At Risk", "Previously Loyal"],
    1: ["Dormant", "Dormant", "At Risk", "At Risk", "Previously Loyal"],
}
KLAVIYO = {  # per R and F, the segments of M = 1, 2, 3
    (3, 3): ["loyal", "champions", "champions"],
    (3, 2): ["loyal", "loyal", "champions"],
    (3, 1): ["recent", "recent", "recent"],
    (2, 3): ["needs_attention", "loyal", "loyal"],
    (2, 2): ["needs_attention"] * 3,
    (2, 1): ["needs_attention"] * 3,
    (1, 3): ["at_risk"] * 3,
    (1, 2): ["at_risk"] * 3,
    (1, 1): ["inactive", "inactive", "at_risk"],
}
PYMC = {  # PyMC-Marketing, clv/utils.py, defaults of rfm_segments: per R and F, the segments of M = 1, 2, 3, 4
    (4, 4): ["other", "other", "premium", "premium"],
    (4, 3): ["other", "other", "premium", "premium"],
    (4, 2): ["other", "at_risk", "top_spender", "top_spender"],
    (4, 1): ["inactive", "at_risk", "top_spender", "top_spender"],
    (3, 4): ["other", "other", "premium", "premium"],
    (3, 3): ["other", "repeat", "premium", "premium"],
    (3, 2): ["other", "at_risk", "top_spender", "top_spender"],
    (3, 1): ["inactive", "at_risk", "top_spender", "top_spender"],
    (2, 4): ["other", "other", "repeat", "repeat"],
    (2, 3): ["other", "repeat", "repeat", "repeat"],
    (2, 2): ["other", "at_risk", "at_risk", "top_spender"],
    (2, 1): ["inactive", "at_risk", "other", "at_risk"],
    (1, 4): ["other", "other", "repeat", "top_spender"],
    (1, 3): ["other", "at_risk", "top_spender", "top_spender"],
    (1, 2): ["other", "at_risk", "at_risk", "top_spender"],
    (1, 1): ["inactive", "inactive", "inactive", "inactive"],
}


def cells(n):
    return list(itertools.product(range(1, n + 1), repeat=3))


def segment_of(name, cell):
    scheme = schemes.read(name)
    return scheme.card.segments[scheme.table.look_up(*(np.array([score]) for score in cell))[0]]


@pytest.mark.parametrize("cell", cells(5))
def test_shopify11_is_its_table(cell):
    r, f, m = cell
    assert segment_of("shopify11", cell).name_en == SHOPIFY[r][int((f + m) / 2 + 0.5) - 1]


@pytest.mark.parametrize("cell", cells(3))
def test_klaviyo6_is_its_table(cell):
    r, f, m = cell
    assert segment_of("klaviyo6", cell).key == KLAVIYO[r, f][m - 1]


@pytest.mark.parametrize("cell", cells(4))
def test_pymc5_is_the_lists_of_pymc_marketing(cell):
    r, f, m = cell
    assert segment_of("pymc5", cell).key == PYMC[r, f][m - 1]


def test_pymc5_reads_the_mean_order():
    assert schemes.read("pymc5").money == "mean_order"


@pytest.mark.parametrize("name", ["shopify11", "klaviyo6"])
def test_an_approximation_says_so_in_both_languages(name):
    card = schemes.read(name).card
    assert "-style" in card.name_en
    assert "approximation" in card.name_en
    assert "our documented approximation" in card.meaning_en
    assert "近似" in card.name_zh
    assert "近似" in card.meaning_zh


@pytest.mark.parametrize("name", ["shopify11", "klaviyo6"])
def test_a_later_order_never_makes_a_champion_of_somebody_less(name):
    """With the same orders and money, whoever came later is at least as surely a champion."""
    scheme = schemes.read(name)
    is_best = scheme.table.segments == 0
    assert (np.diff(is_best.astype(int), axis=0) >= 0).all()


def test_every_name_of_the_styles_can_be_reached():
    for name in ("shopify11", "klaviyo6", "pymc5"):
        scheme = schemes.read(name)
        assert set(np.unique(scheme.table.segments)) == set(range(len(scheme.card.segments)))
