"""The report's voice: the text catalogue of one language, and numbers written in it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import get_args

from patron.ground.currencies import NO_CURRENCY
from patron.ground.errors import PlanError
from patron.reports import numbers
from patron.reports.numbers import Lang
from patron.reports.wording import full_width, plain

_WINDOW = re.compile(r"^(?P<stem>.+?)_(?:(?P<days>\d+)d|(?P<life>lifetime))$")
_CODED = ("model.", "output.")
_ASKED = re.compile(r"^(?P<stem>forecast) (?P<days>\d+) days$")
_SLICE = re.compile(r"^(?P<days>\d+)d/(?P<stem>.+)$")


@cache
def catalogue(lang: Lang) -> Mapping[str, str]:
    """Read the texts of one language as a flat mapping of dotted keys."""
    text = files("patron.reports").joinpath("texts", f"{lang}.toml").read_text(encoding="utf-8")
    return _flat(tomllib.loads(text))


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things in one language and one currency.

    >>> Voice("en", "GBP").customers(1), Voice("en", "GBP").customers(1021), Voice("zh", "CNY").customers(1021)
    ('1 customer', '1,021 customers', '1,021 位客户')
    """

    lang: Lang
    currency: str

    @classmethod
    def of(cls, lang: str, currency: str) -> Voice:
        """Return the voice of a language, or refuse a language that has no catalogue."""
        for known in get_args(Lang):
            if lang == known:
                return cls(known, "" if currency == NO_CURRENCY else currency)
        raise PlanError.unknown_choice("report language", lang, get_args(Lang))

    def say(self, key: str, **facts: str) -> str:
        """Return the text of that key with its facts filled in."""
        return catalogue(self.lang)[key].format(**facts)

    def name(self, group: str, key: str) -> str:
        """Return the word for a code of the data, or the code itself, spelled out."""
        return catalogue(self.lang).get(f"{group}.{key}", key.replace("_", " "))

    def verdict(self, said: str, reason: str | None = None) -> str:
        """Write a verdict in the report's language: its level, and why where this language has words for it."""
        level, why = self.name("verdict", said.partition(":")[0]), self.why(said, reason)
        return level + self.say("colon") + why if why else level

    def why(self, verdict: str, reason: str | None = None) -> str:
        """Write the word of why behind a verdict's level; empty where this language has no words for it.

        Args:
            verdict: "level: why", the why in English.
            reason: the same why as JSON, a key with its numbers or lists of features; None where there is none.
        """
        if reason:
            numbers = json.loads(reason)
            key = numbers.pop("key")
            return self.say(f"why.{key}", **{name: self._fact(value) for name, value in numbers.items()})
        return self.phrases("why", verdict.partition(":")[2].strip())

    def _fact(self, value: float | str | list[str]) -> str:
        if isinstance(value, str):
            return self.day(date.fromisoformat(value))
        if not isinstance(value, list):
            return self.count(value)
        return self.listed([self.feature(name) if self.has_word_for(name) else self.output(name) for name in value])

    def phrases(self, group: str, english: str) -> str:
        """Write English phrases that came with the data, joined by semicolons, as the catalogue of `group` has them.

        What it lacks is told as it came in English, and left out in any other language: half a sentence in a foreign
        language helps nobody, and the table that it came from has it.
        """
        said = catalogue(self.lang)
        known = [said.get(f"{group}.{phrase}") for phrase in english.split("; ")]
        if self.lang == "en" and None in known:
            return self.told(english)
        return self.say("list.semicolon").join(phrase for phrase in known if phrase)

    def told(self, text: str) -> str:
        """Write a text that came with the data in people's words and the language's punctuation."""
        said = plain(text, _codes(self.lang))
        return full_width(said) if self.lang == "zh" else said

    def knows(self, key: str) -> bool:
        """Tell whether the catalogue has that key."""
        return key in catalogue(self.lang)

    def pick(self, english: str | None, chinese: str | None) -> str:
        """Choose between two texts given with the data; the other language is better than nothing."""
        first, second = (english, chinese) if self.lang == "en" else (chinese, english)
        return self.told(first or second or "")

    def listed(self, items: Sequence[str]) -> str:
        """Join words as a sentence does.

        >>> Voice("en", "").listed(["A", "B", "C"]), Voice("zh", "").listed(["甲", "乙", "丙"])
        ('A, B and C', '甲、乙和丙')
        """
        if len(items) < 2:
            return "".join(items)
        comma, last = self.say("list.comma"), self.say("list.last")
        return f"{comma.join(items[:-1])}{last}{items[-1]}"

    def count(self, value: float | None) -> str:
        """Write a whole number."""
        return numbers.decimal(value)

    def counted(self, noun: str, value: float) -> str:
        """Write a whole number with its noun in the right form."""
        form = "one" if round(value) == 1 else "other"
        return self.say(f"noun.{noun}_{form}", n=self.count(value))

    def customers(self, value: float) -> str:
        """Write a number of customers."""
        return self.counted("customer", value)

    def days(self, value: float | None) -> str:
        """Write a number of days."""
        return self.counted("day", value) if value is not None and numbers.is_known(value) else numbers.NOTHING

    def money(self, value: float | None) -> str:
        """Write an amount in full."""
        return numbers.money(value, self.currency)

    def money_short(self, value: float | None) -> str:
        """Write an amount with about three digits."""
        return numbers.money_short(value, self.currency, self.lang)

    def money_about(self, value: float) -> str:
        """Write an amount with two significant digits."""
        return numbers.money(numbers.about(value), self.currency)

    def day(self, value: date | None) -> str:
        """Write a day."""
        return numbers.day(value, self.lang)

    def month(self, value: date) -> str:
        """Write a month."""
        return numbers.month(value, self.lang)

    def feature(self, name: str) -> str:
        """Spell out a feature's derived name.

        >>> Voice("en", "").feature("orders_count_90d"), Voice("zh", "").feature("orders_count_lifetime")
        ('orders, last 90 days', '订单数（累计）')
        """
        match = _WINDOW.match(name)
        if match is None:
            return self.name("feature", name)
        stem = self.name("feature", match["stem"])
        if match["life"]:
            return self.say("window.lifetime", what=stem)
        return self.say("window.days", what=stem, days=match["days"])

    def has_word_for(self, name: str) -> bool:
        """Tell whether the catalogue has a word for a feature, whatever its window."""
        match = _WINDOW.match(name)
        return self.knows(f"feature.{match['stem'] if match else name}")

    def output(self, name: str) -> str:
        """Spell out an output that fitness or a backtest speaks of, with its horizon if it has one.

        >>> Voice("en", "").output("forecasts_365d"), Voice("en", "").output("90d/predicted_clv")
        ('Forecasts, 365 days', 'Expected revenue, 90 days')
        """
        match = _WINDOW.match(name) or _SLICE.match(name) or _ASKED.match(name)
        if match is None or not match["days"]:
            return self.name("output", name)
        stem = match["stem"]
        what = self.name("model" if self.knows(f"model.{stem}") else "output", stem)
        return self.say("window.horizon", what=what, days=match["days"])

    def measure(self, value: float | None, unit: str) -> str:
        """Write a feature's value in its unit."""
        if unit == "days":
            return self.days(value)
        if unit == "money":
            return self.money(value)
        if unit == "ratio" and value is not None:
            return numbers.times(value)
        if unit == "share" and value is not None and abs(value) <= 1:
            return numbers.percent(value)
        return numbers.compact(value)


@cache
def _codes(lang: Lang) -> Mapping[str, str]:
    """Return the words for the codes of models, outputs and features that texts of the data may hold."""
    said = catalogue(lang)
    return {key.partition(".")[2]: text for key, text in said.items() if key.startswith(_CODED)}


def _flat(nested: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in nested.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat
