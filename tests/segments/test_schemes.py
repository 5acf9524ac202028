"""The rule schemes: total over all cells, and exactly the published tables."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from patron.ground.errors import PlanError
from patron.segments import schemes

CLASSIC11 = {  # reference table, R from 5 down, FM from 1 up
    5: ["New Customers", "Potential Loyalist", "Potential Loyalist", "Champions", "Champions"],
    4: ["Promising", "Potential Loyalist", "Potential Loyalist", "Loyal", "Loyal"],
    3: ["About to Sleep", "About to Sleep", "Need Attention", "Loyal", "Loyal"],
    2: ["Hibernating", "Hibernating", "At Risk", "At Risk", "Can't Lose Them"],
    1: ["Lost", "Lost", "At Risk", "At Risk", "Can't Lose Them"],
}
CN8 = {  # (R, F, M) high = 1, R high = bought recently
    (1, 1, 1): "重要价值客户",
    (1, 0, 1): "重要发展客户",
    (0, 1, 1): "重要保持客户",
    (0, 0, 1): "重要挽留客户",
    (1, 1, 0): "一般价值客户",
    (1, 0, 0): "一般发展客户",
    (0, 1, 0): "一般保持客户",
    (0, 0, 0): "一般挽留客户",
}
COMMUNITY10 = {  # the regular expressions on R followed by F
    r"[1-2][1-2]": "hibernating",
    r"[1-2][3-4]": "at_risk",
    r"[1-2]5": "cant_loose",
    r"3[1-2]": "about_to_sleep",
    r"33": "need_attention",
    r"[3-4][4-5]": "loyal_customers",
    r"41": "promising",
    r"51": "new_customers",
    r"[4-5][2-3]": "potential_loyalists",
    r"5[4-5]": "champions",
}
PUTLER11 = [  # in listed order: R from, R to, FM from, FM to
    ("champions", 4, 5, 4, 5),
    ("loyal", 2, 5, 3, 5),
    ("potential_loyalist", 3, 5, 1, 3),
    ("recent_customers", 4, 5, 0, 1),
    ("promising", 3, 4, 0, 1),
    ("need_attention", 2, 3, 2, 3),
    ("about_to_sleep", 2, 3, 0, 2),
    ("at_risk", 0, 2, 2, 5),
    ("cant_lose", 0, 1, 4, 5),
    ("hibernating", 1, 2, 1, 2),
    ("lost", 0, 2, 0, 2),
]
GRIDS = [name for name in schemes.SCHEMES if isinstance(schemes.read(name), schemes.GridScheme)]
CELLS = list(itertools.product(range(1, 6), repeat=3))


def read_cell(scheme, *cell, lowest=1):
    position = scheme.table.look_up(*(np.array([value]) for value in cell), lowest=lowest)[0]
    return scheme.card.segments[position]


@pytest.mark.parametrize("cell", CELLS)
def test_classic11_is_the_reference_table_with_the_mean_of_f_and_m_rounded_half_up(cell):
    r, f, m = cell
    fm = int((f + m) / 2 + 0.5)
    assert read_cell(schemes.read("classic11"), *cell).name_en == CLASSIC11[r][fm - 1]


@pytest.mark.parametrize("cell", CELLS)
def test_community10_is_the_copied_table_and_ignores_money(cell):
    r, f, _ = cell
    found = [key for pattern, key in COMMUNITY10.items() if re.fullmatch(pattern, f"{r}{f}")]
    assert found == [read_cell(schemes.read("community10"), *cell).key]


@pytest.mark.parametrize("cell", CELLS)
def test_putler11_takes_the_first_interval_that_holds(cell):
    r, f, m = cell
    fm = int((f + m) / 2 + 0.5)
    first = next((key for key, r0, r1, f0, f1 in PUTLER11 if r0 <= r <= r1 and f0 <= fm <= f1), "others")
    assert read_cell(schemes.read("putler11"), *cell).key == first


@pytest.mark.parametrize("bits", CN8)
def test_cn8_is_the_golden_truth_table(bits):
    assert read_cell(schemes.read("cn8"), *bits, lowest=0).name_zh == CN8[bits]


def test_cn8_words_mean_what_they_say():
    """The mistakes seen in the wild: 重要 tied to R instead of M, 保持 and 发展 swapped."""
    for (r, f, m), name in CN8.items():
        assert name.startswith("重要") == bool(m)
        assert name[2:4] == {(1, 1): "价值", (1, 0): "发展", (0, 1): "保持", (0, 0): "挽留"}[r, f]


@pytest.mark.parametrize("name", GRIDS)
def test_every_grid_is_total(name):
    scheme = schemes.read(name)
    assert scheme.table.segments.shape == (2 if scheme.reads == "high_low" else scheme.n_scores,) * 3
    assert scheme.table.segments.min() >= 0
    assert scheme.table.segments.max() < len(scheme.card.segments)


@pytest.mark.parametrize("name", schemes.SCHEMES)
def test_every_scheme_is_named_in_both_languages(name):
    scheme = schemes.read(name)
    assert scheme.card.key == f"{name}-1"
    keys = [segment.key for segment in scheme.card.segments]
    assert len(set(keys)) == len(keys) == len(set(scheme.export_names))
    for segment in scheme.card.segments:
        assert segment.name_en
        assert re.search(r"[\u4e00-\u9fff]", segment.name_zh)
        assert re.search(r"[\u4e00-\u9fff]", segment.meaning_zh)
        assert segment.meaning_en.endswith(".")
        assert re.fullmatch(r"#[0-9a-f]{6}", segment.colour)
    assert [segment.order for segment in scheme.card.segments] == list(range(len(keys)))


@pytest.mark.parametrize("name", schemes.SCHEMES)
def test_export_names_say_nothing_about_a_persons_means(name):
    for export_name in schemes.read(name).export_names:
        assert re.fullmatch(rf"{name}_[a-m]", export_name)


def said(**changes):
    segment = {
        "key": "a",
        "name_en": "A",
        "name_zh": "甲",
        "meaning_en": "A.",
        "meaning_zh": "甲。",
        "colour": "#000000",
    }
    whole = {
        "key": "mine",
        "version": 3,
        "name_en": "Mine",
        "name_zh": "我的",
        "meaning_en": "m",
        "meaning_zh": "m",
        "reads": "scores",
        "match": "only",
        "segments": [segment | {"export_name": "mine_a", "rules": [{"r": [1, 5]}]}],
    }
    return whole | changes


def test_a_scheme_of_ones_own_carries_its_version():
    assert schemes.parse(said(), where="my.toml").card.key == "mine-3"


def test_a_scheme_with_a_hole_is_refused_by_cell():
    hole = [said()["segments"][0] | {"rules": [{"r": [2, 5]}]}]
    with pytest.raises(PlanError, match=r"my.toml .* R1 F1 M1"):
        schemes.parse(said(segments=hole), where="my.toml")


def test_a_scheme_that_overlaps_must_say_that_the_first_wins():
    twice = [said()["segments"][0], said()["segments"][0] | {"key": "b", "rules": [{"fm": [5, 5]}]}]
    with pytest.raises(PlanError, match="two segments"):
        schemes.parse(said(segments=twice), where="my.toml")
    assert schemes.parse(said(segments=twice, match="first"), where="my.toml").table.segments.max() == 0


def test_an_unknown_axis_is_refused():
    wrong = [said()["segments"][0] | {"rules": [{"recency": [1, 5]}]}]
    with pytest.raises(PlanError, match="recency"):
        schemes.parse(said(segments=wrong), where="my.toml")


def test_an_unknown_scheme_is_refused_with_the_known_ones():
    with pytest.raises(PlanError, match="Did you mean 'classic11'"):
        schemes.read("clasic11")
