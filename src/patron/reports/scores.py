"""All checks of the forecast at the held-out origin, and whether the ranges held what they promise."""

from __future__ import annotations

import json
from typing import Any

from patron.contracts.published import SAME_ORIGIN
from patron.reports.backtest import judged
from patron.reports.blocks import Table, number, table, words
from patron.reports.gates import is_gate
from patron.reports.numbers import interval, is_known, percent, score
from patron.reports.reading import Reading

MOST_SCORES = 45
INTERVAL = 0.8
NEAR = 0.05


def coverage(reading: Reading) -> str:
    """Say how often the interval held, from the judgement over all customers at the main horizon."""
    held = [row for row in judged(reading) if "coverage" in row["measure"] and is_known(row["value"])]
    if not held:
        return ""
    whole = next((row for row in held if row["slice"].endswith("/all")), held[0])
    if SAME_ORIGIN in whole["verdict"]:
        return reading.voice.say("forecast.coverage_untested", share=percent(whole["value"]))
    gap = whole["value"] - _promised(whole)
    verdict = "close" if abs(gap) <= NEAR else "narrow" if gap < 0 else "broad"
    return reading.voice.say(f"forecast.coverage_{verdict}", share=percent(whole["value"]))


def _promised(row: dict[str, Any]) -> float:
    """Return what the range itself promises: more than its name where more customers buy nothing than it may miss."""
    said = json.loads(row["reason"]) if row["reason"] else {}
    return float(said.get("promised", INTERVAL))


def scores(reading: Reading) -> Table | None:
    """List the checks of the models in use; the others stay in the table `quality`."""
    voice = reading.voice
    rows = [row for row in judged(reading) if is_known(row["value"]) and _is_used(row)][:MOST_SCORES]
    if not rows:
        return None
    cells = [
        [
            words(voice.name("measure", row["measure"])),
            words(_slice(reading, row["slice"])),
            number(score(row["value"])),
            number(interval(row["lower"], row["upper"])),
            number(score(row["baseline"])),
            words(voice.verdict(row["verdict"], row["reason"])),
        ]
        for row in rows
    ]
    keys = ("measure", "slice", "score", "interval", "naive", "verdict")
    title = voice.say("forecast.scores_title")
    return table("scores", title, [voice.say(f"column.{key}") for key in keys], cells)


def _is_used(row: dict[str, Any]) -> bool:
    return row["measure"] != "champion" and not is_gate(row) and "not used" not in row["verdict"]


def _slice(reading: Reading, said: str) -> str:
    voice, parts = reading.voice, said.split("/")
    if len(parts) < 2:
        return said
    last = [voice.say("segments.everyone") if part == "all" else _part(reading, part) for part in parts[2:]]
    return voice.say("list.comma").join([voice.name("target", parts[1]), *last])


def _part(reading: Reading, said: str) -> str:
    return reading.voice.name("slice" if reading.voice.knows(f"slice.{said}") else "model", said)
