from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import patron.reports
from patron.contracts.catalogue import declared, is_plain
from patron.ground.errors import PlanError
from patron.reports.voice import Voice, catalogue

HERE = Path(patron.reports.__file__).parent
NAMED = {
    "noun",
    "why",
    "step",
    "choice",
    "because",
    "owner",
    "slice",
    "target",
    "verdict",
    "model",
    "measure",
    "feature",
    "room",
    "outcome",
    "reject",
    "output",
    "channel",
    "event",
    "move",
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_placeholders():
    english, chinese = catalogue("en"), catalogue("zh")
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert placeholders(text) == placeholders(chinese[key]), key


def test_chinese_is_chinese_and_uses_its_own_punctuation():
    for key, text in catalogue("zh").items():
        assert not re.search(r"[一-鿿][,;:?(]", text), key


@pytest.mark.parametrize("room", ["segments", "decisions", "reports"])
def test_no_chinese_text_mixes_in_half_width_marks(room):
    for path in (HERE.parent / room).rglob("*.toml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"[一-鿿][,;:?!()]|[()][一-鿿]", line), f"{path.name}: {line}"


def test_texts_of_the_data_are_told_in_the_languages_own_marks():
    told = Voice("zh", "").pick("x", "历史 374 天;需要 730 天(约 2 年),请导入")
    assert told == "历史 374 天；需要 730 天（约 2 年），请导入"


def test_codes_and_scientific_numbers_are_put_in_words():
    told = Voice("en", "").told("hurdle needs 50 and has 0; clipped to 0 … 3.392e+04, churn_probability stays")
    assert told == "gradient boosting in two steps needs 50 and has 0; clipped to 0 … 33,920, Chance of no order stays"


def test_every_key_is_used():
    code = "\n".join(path.read_text() for path in HERE.rglob("*") if path.suffix in {".py", ".html"})
    for key in catalogue("en"):
        group, _, rest = key.partition(".")
        stem = rest.rpartition("_")[0]
        whole = f'"{key}"' in code or f"'{key}'" in code
        by_part = f'"{group}.{{' in code and f'"{rest}"' in code
        by_stem = bool(stem) and f'"{group}.{stem}_' in code
        assert group in NAMED or whole or by_part or by_stem or f'"{group}.{{' in code, key


@pytest.mark.parametrize(
    "key", sorted(set(re.findall(r'say\(\s*"([a-z_.]+)"', "\n".join(p.read_text() for p in HERE.rglob("*.py")))))
)
def test_every_key_that_code_says_is_written(key):
    assert key in catalogue("en")


def test_every_feature_that_people_read_has_a_word():
    lacking = [one.name for one in declared() if is_plain(one) and not Voice("zh", "").has_word_for(one.name)]
    assert not lacking


def test_an_unknown_language_is_refused_by_name():
    with pytest.raises(PlanError, match=r"report language: 'fr' is not known.[\s\S]*en, zh"):
        Voice.of("fr", "EUR")


def test_amounts_without_a_currency_carry_no_sign():
    assert Voice.of("en", "XXX").money(1200) == "1,200"


def test_a_code_without_a_word_is_spelled_out():
    assert Voice("en", "").name("reject", "odd_row") == "odd row"


@pytest.mark.parametrize(("count", "said"), [(0, "0 customers"), (1, "1 customer"), (2, "2 customers")])
def test_nouns_agree_with_their_number(count, said):
    assert Voice("en", "").customers(count) == said


def test_a_verdict_is_told_in_the_readers_language_and_keeps_its_reason():
    assert Voice("zh", "").verdict("poor: worse than naive").startswith("差")
    assert Voice("en", "").verdict("good") == "good"
