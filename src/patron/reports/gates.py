"""The gates in words: what a run does not publish of its forecasts, what needs care, and why."""

from __future__ import annotations

import json
import re
from typing import Any

import pyarrow as pa

from patron.contracts.gates import MEASURE
from patron.reports.voice import Voice

_SLICE = re.compile(r"^(?P<days>\d+)d/(?P<output>\w+)$")
# Told once by the fitness, not per output; and how far two methods agree about reasons, which no further data mends.
_SAID_ELSEWHERE = ("gate_money_refused", "gate_costed_percent_refused", "gate_same_direction_percent_warned")


def gate_words(quality: pa.Table, lang: str) -> tuple[str, ...]:
    """Return a sentence for each reason that keeps forecasts back or asks for care with them, with its horizons."""
    voice = Voice.of(lang, "")
    told: dict[tuple[str, int, str], list[str]] = {}
    for row in quality.to_pylist():
        found = _SLICE.match(row["slice"]) if row["measure"] == MEASURE else None
        if found is None or json.loads(row["reason"])["key"] in {"gate_allowed", *_SAID_ELSEWHERE}:
            continue
        status = "refused" if row["verdict"].startswith("refused") else "warned"
        told.setdefault((status, int(found["days"]), row["reason"]), []).append(found["output"])
    alike: dict[tuple[str, str, tuple[str, ...]], list[int]] = {}
    for (status, days, reason), outputs in sorted(told.items()):
        alike.setdefault((status, reason, tuple(outputs)), []).append(days)
    return tuple(_sentence(voice, *key, horizons) for key, horizons in alike.items())


def _sentence(voice: Voice, status: str, reason: str, outputs: tuple[str, ...], horizons: list[int]) -> str:
    named = voice.listed([voice.name("output", output) for output in outputs])
    days = voice.listed([voice.days(each) for each in horizons])
    return voice.say(f"gates.{status}", days=days, outputs=named, why=voice.why("", reason))


def is_gate(row: dict[str, Any]) -> bool:
    """Tell whether a row of the `quality` table is a ruling and not a measurement."""
    return bool(row["measure"] == MEASURE)
