"""The words of the reasons: what a feature of a certain value is called, in English and in Chinese."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from patron.explanations.groups import group_of, plain_name
from patron.ground.currencies import SYMBOLS

FloatArray = NDArray[np.float64]
Lang = Literal["en", "zh"]
LANGUAGES: tuple[Lang, Lang] = ("en", "zh")
_WINDOW = re.compile(r"^(?P<stem>.+?)_(?:(?P<days>\d+)d|lifetime)$")
_TREND = re.compile(r"^(?P<stem>.+_trend)_(?P<days>\d+)d_over_(?:\d+d|lifetime)$")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What is said of one feature: a text with a place for the value, and the value's unit."""

    text: str
    unit: str

    def of(self, values: FloatArray, lang: Lang, currency: str) -> pa.Array:
        """Return the phrase for each value; null where the value is absent."""
        rounded = _rounded(values, self.unit)
        distinct, back = np.unique(rounded, return_inverse=True, equal_nan=True)
        said = [None if np.isnan(value) else self._one(float(value), lang, currency) for value in distinct]
        return pa.array(said, pa.string()).take(pa.array(back.reshape(-1)))

    def _one(self, value: float, lang: Lang, currency: str) -> str | None:
        if self.unit == "flag":
            return self.text if value else None
        return self.text.replace("{v}", spoken(value, self.unit, lang, currency))


def phrase(name: str, lang: Lang) -> Phrase | None:
    """Return how a feature is told; None for those that people have no words for."""
    plain = plain_name(name)
    found = _TREND.match(plain) or _WINDOW.match(plain)
    entry = _words()["features"].get(found["stem"] if found else plain)
    if entry is None or lang not in entry:
        return None
    return Phrase(_fitted(entry[lang].replace("{w}", _window(found, lang))), entry["unit"])


def label(name: str, lang: Lang) -> str:
    """Return what a feature, or a group of features, is called without a value."""
    groups = _words()["groups"]
    if name in groups:
        return str(groups[name][lang])
    plain = plain_name(name)
    found = _TREND.match(plain) or _WINDOW.match(plain)
    entry = _words()["features"].get(found["stem"] if found else plain)
    if entry is None:
        return str(groups[group_of(name, helped=True)][lang])
    said = entry.get(f"label_{lang}") or re.sub(r"(\{w\}|: \{v\}| \{v\})", "", entry[lang])
    return f"{_window(found, lang)}{said}" if lang == "zh" else f"{said}{_window(found, lang)}"


def _window(found: re.Match[str] | None, lang: Lang) -> str:
    if found is None:
        return ""
    windows, days = _words()["windows"], found.groupdict().get("days")
    return str(windows["days"][lang].format(days=days) if days else windows["lifetime"][lang])


def spoken(value: float, unit: str, lang: Lang, currency: str) -> str:
    """Return a value with its unit as people write it.

    >>> spoken(1.0, "day", "en", ""), spoken(63.0, "day", "zh", ""), spoken(1234.5, "money", "en", "GBP")
    ('1 day', '63 天', '£1,234')
    """
    if unit == "money":
        return money(value, currency)
    if unit == "share":
        return f"{value * 100:,.0f}%"
    number = _number(value)
    if unit not in _words()["nouns"]:
        return number
    noun = _words()["nouns"][unit]
    if lang == "zh":
        return f"{number} {noun['zh']}"
    return f"{number if value or unit == 'expected' else 'no'} {noun['one'] if value == 1 else noun['many']}"


def money(value: float, currency: str) -> str:
    """Return an amount with its currency: cents below ten only."""
    unit = SYMBOLS.get(currency, f"{currency} " if currency else "")
    digits = 2 if 0 < abs(value) < 9.995 else 0
    return f"{'−' if value < 0 else ''}{unit}{abs(value):,.{digits}f}"


def _number(value: float) -> str:
    digits = 0 if abs(value) >= 100 else 2 if round(abs(value), 1) != abs(value) and abs(value) < 1 else 1
    return f"{'−' if value < 0 else ''}{f'{abs(value):,.{digits}f}'.removesuffix('.0')}"


def _rounded(values: FloatArray, unit: str) -> FloatArray:
    digits = {"money": 2, "share": 2, "expected": 2, "day": 0}.get(unit, 1)
    rounded = np.round(np.where(np.isfinite(values), values, np.nan), digits) + 0.0
    return np.asarray(rounded, dtype=np.float64)


def _fitted(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@cache
def _words() -> Mapping[str, Any]:
    said = (resources.files("patron.explanations") / "words.toml").read_text(encoding="utf-8")
    return tomllib.loads(said)
