"""What features are called where a segment is told: in English and Chinese, with their units."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from patron.contracts.cards import SchemeCard


def feature_words(name: str) -> Mapping[str, str]:
    """Return `en`, `zh` and `unit` of a feature; one that no sentence speaks of goes by its name."""
    return told().get(name, {"en": name, "zh": name, "unit": ""})


@cache
def told() -> dict[str, dict[str, str]]:
    """Return the features that a segment's sentence may speak of."""
    text = (resources.files("patron.segments") / "words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def said_number(value: float, unit: str) -> str:
    """Return a number as a sentence says it.

    >>> said_number(0.254, "share"), said_number(1234.4, "money"), said_number(3.25, "orders")
    ('25%', '1,234', '3.2')
    """
    if unit == "share":
        return f"{value:.0%}"
    return f"{value:,.0f}" if abs(value) >= 20 or value == round(value) else f"{value:.1f}"


def named(
    counted: Sequence[Mapping[str, Any]], cards: Sequence[SchemeCard]
) -> list[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Put each count beside its segment's names; counts of schemes without a card are left out."""
    names = {(card.key, one.key): (one.name_en, one.name_zh) for card in cards for one in card.segments}
    found = []
    for row in counted:
        key = (row["scheme"], row["segment_key"])
        if key in names:
            en, zh = names[key]
            said = {"scheme": key[0], "segment_key": key[1], "segment_name": en, "segment_name_zh": zh}
            found.append((row, said))
    return found
