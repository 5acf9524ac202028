"""What the year before is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.accuracy.chapters.markdown import made, table

_SIDES = ("year_before", "without", "drawn")
_TARGETS = ("orders", "net_revenue")


def chapter(said: Mapping[str, Any]) -> Iterator[str]:
    """Write the chapter from what was found; nothing where nothing was."""
    found = said.get("seasons", {})
    if not found:
        return
    yield f"## What the year before is worth\n\n`python -m benchmarks.accuracy seasons`; {made(said, 'seasons')}.\n"
    yield "Totals over everyone known, said ÷ came, in orders; money: what the same window of the year before leads to expect, and the stack without it and drawn to it"
    yield "([season](../../docs/why/season.md)). Only dates at which the shop was steady, every 30 days.\n"
    head = ["shop, days", "as of", "year before", "without", "drawn"]
    yield from table(head, _rows(found))
    yield "\nRoot mean square of the logs:\n"
    yield from table(["shop, days", "dates", "steady", "year before", "without", "drawn"], _errors(found))
    yield ""


def _rows(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, days, looked in _by_horizon(found):
        for one in looked:
            if one["drawn"]:
                yield [f"{name}, {days}", one["as_of"], *(_pair(one[side]) for side in _SIDES)]


def _errors(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, days, looked in _by_horizon(found):
        steady = [one for one in looked if one["drawn"]]
        yield [f"{name}, {days}", str(len(looked)), str(len(steady)), *(_pair(_rms(steady, side)) for side in _SIDES)]


def _rms(looked: Sequence[Mapping[str, Any]], side: str) -> dict[str, float]:
    there = {target: [one[side][target] for one in looked if target in one[side]] for target in _TARGETS}
    return {
        target: math.sqrt(sum(math.log(ratio) ** 2 for ratio in ratios) / len(ratios))
        for target, ratios in there.items()
        if ratios
    }


def _by_horizon(found: Mapping[str, Any]) -> Iterator[tuple[str, int, list[Mapping[str, Any]]]]:
    for name, shop in found.items():
        for days in sorted({one["horizon_days"] for one in shop["looked"]}):
            yield name, days, [one for one in shop["looked"] if one["horizon_days"] == days]


def _pair(ratios: Mapping[str, float]) -> str:
    return "; ".join(f"{ratios[target]:.2f}" for target in _TARGETS if target in ratios)
