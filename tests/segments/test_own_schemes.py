"""A grid of a shop's own: one TOML file, checked whole, its faults told with place, value and expectation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from patron import segments
from patron.ground.errors import PlanError
from patron.segments import RuleSpec, SegmentModel, SegmentSpec
from segments.worlds import prepared, snapshot

GRID = """
key = "mine"
version = 4
name_en = "Ours"
name_zh = "我们的"
meaning_en = "What our team treats differently."
meaning_zh = "团队区别对待的客户。"
reads = "scores"
scores = 3

[[segments]]
key = "vip"
name_en = "VIP"
name_zh = "贵宾"
meaning_en = "Recent and best."
meaning_zh = "近期且最好。"
rules = [{ r = [3, 3], fm = [2, 3] }]

[[segments]]
key = "plain"
name_en = "Plain"
name_zh = "普通"
meaning_en = "Recent, small."
meaning_zh = "近期、金额小。"
rules = [{ r = [3, 3], fm = [1, 1] }, { r = [2, 2] }]

[[segments]]
key = "away"
name_en = "Away"
name_zh = "久未来"
meaning_en = "Long ago."
meaning_zh = "很久以前。"
rules = [{ r = [1, 1] }]
"""


@pytest.fixture
def write(tmp_path):
    def written(text=GRID):
        path = tmp_path / "grid.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


FAULTS = {
    "gap": (("{ r = [2, 2] }", "{ r = [2, 2], f = [2, 3] }"), "no segment covers the cell R2 F1 M1 (and 2 others)"),
    "overlap": (("{ r = [2, 2] }", "{ r = [2, 3] }"), "belongs to two segments, 'vip' and 'plain'"),
    "unknown axis": (("fm = [1, 1]", "money = [1, 1]"), '"money" came; expected one of r, f, m, fm'),
    "unknown key": (("version = 4", "verson = 4"), "verson: this key is not known. Did you mean 'version'?"),
    "missing": (("version = 4", ""), "version: this key is missing"),
    "no translation": (('name_zh = "贵宾"', ""), "segments[1].name_zh: this key is missing"),
    "empty translation": (('"贵宾"', '""'), 'segments[1].name_zh: "" came; expected text of 1 letter or more'),
    "score too high": (("r = [3, 3], fm = [2, 3]", "r = [3, 5]"), "r = [3, 5] came; expected scores up to 3"),
    "upside down": (("fm = [2, 3]", "fm = [3, 2]"), "fm = [3, 2] came; expected the lowest score first"),
    "no number": (("fm = [2, 3]", 'fm = ["a", 3]'), '"a" came; expected a whole number'),
    "code": (("rules = [{ r = [1, 1] }]", 'codes = ["14"]'), "'away', code \"14\" came; expected R, F and M from 1"),
    "twice": (('key = "away"', 'key = "vip"'), "two segments have the key 'vip'"),
    "fallback": (("scores = 3", 'scores = 3\nfallback = "vipp"'), "fallback: \"vipp\" came; expected the key of"),
    "at risk": (("scores = 3", 'scores = 3\nat_risk = "gone"'), 'at_risk: "gone" came'),
    "no rules": (("rules = [{ r = [1, 1] }]", ""), "'away' has no rules and no codes"),
    "empty rule": (("{ r = [1, 1] }", "{}"), "a rule without scores came"),
    "key": (('key = "mine"', 'key = "My Grid"'), 'key: "My Grid" came; expected small letters'),
    "colour": (('key = "vip"', 'key = "vip"\ncolour = "red"'), 'colour: "red" came; expected six digits'),
    "reads": (('reads = "scores"', 'reads = "score"'), "Did you mean 'scores'?"),
    "a shipped name": (('key = "mine"', 'key = "cn8"'), "key = 'cn8', reads = 'scores' came; expected a key"),
    "the learned cut": (('key = "mine"', 'key = "learned"'), "expected a key of your own"),
    "not toml": (("version = 4", "version ="), "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_says_where_what_came_what_was_expected_and_what_next(write, case):
    (old, new), told = FAULTS[case]
    assert old in GRID
    path = write(GRID.replace(old, new, 1))
    with pytest.raises(PlanError) as refused:
        segments.load_scheme(path)
    said = str(refused.value)
    assert str(path) in said
    assert told in said
    assert "xpected" in said or "known" in said or "missing" in said
    assert "Next:" in said
    assert "Input should be" not in said


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(PlanError, match="is not there"):
        segments.load_scheme(tmp_path / "none.toml")


def test_stages_and_tiers_are_not_for_own_files(write):
    rules = "rules = [{ r = [1, 1] }]"
    with pytest.raises(PlanError, match=r"expected a key of your own .* and scores or high_low"):
        segments.load_scheme(write(GRID.replace('reads = "scores"', 'reads = "lifecycle"').replace(rules, "")))


def test_the_upper_one_wins_where_the_scheme_says_so(write):
    text = GRID.replace("{ r = [2, 2] }", "{ r = [2, 3] }").replace("scores = 3", 'scores = 3\nmatch = "first"')
    scheme = segments.load_scheme(write(text))
    assert scheme.table.segments[2, 2, 2] == 0
    assert scheme.table.segments.min() >= 0


@pytest.mark.parametrize("seed", range(20))
def test_any_partition_of_the_cells_written_as_codes_is_read_back(write, seed):
    """A property: whatever the user draws, cell by cell, is what customers get."""
    drawn = np.random.default_rng(seed).integers(0, 3, (3, 3, 3))
    drawn.flat[:3] = [0, 1, 2]
    text = GRID
    for position, rules in enumerate(line for line in GRID.splitlines() if line.startswith("rules")):
        mine = [
            f'"{r}{f}{m}"'
            for r, f, m in itertools.product((1, 2, 3), repeat=3)
            if drawn[r - 1, f - 1, m - 1] == position
        ]
        text = text.replace(rules, f"codes = [{', '.join(mine)}]")
    assert (segments.load_scheme(write(text)).table.segments == drawn).all()


def test_an_own_scheme_is_placed_published_and_survives_the_shelf(write, tmp_path):
    shop = snapshot()
    own = segments.load_scheme(write())
    spec = SegmentSpec(k_max=3, rules=RuleSpec(schemes=("lifecycle",)))
    model = segments.fit(shop, prepared(shop), spec, own_schemes=(own,), gap_days=(20.0, 40.0, 80.0))
    placed = segments.apply(model, shop, prepared(shop))
    assert list(dict.fromkeys(placed["scheme"].to_pylist())) == ["lifecycle-1", "mine-4", "learned"]
    card = next(card for card in model.cards if card.key == "mine-4")
    assert [segment.rule_en for segment in card.segments] == ["R3 · FM2–3", "R3 · FM1 / R2", "R1", "no order"]
    model.save(tmp_path / "model")
    (tmp_path / "grid.toml").unlink()
    again = SegmentModel.load(tmp_path / "model")
    assert again.cards == model.cards
    assert segments.apply(again, shop, prepared(shop)).equals(placed)
