"""The results as a page: `benchmarks/results/README.md`, with a picture, written from the JSON files beside it."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import growth
from benchmarks.catalogue import BENCHMARKS

RESULTS = Path(__file__).parent / "results"
_TOP = """# What was measured

Written by `make bench`. Seconds are those of the work alone (the median of the runs), memory the peak of the whole
process; sides take turns on the same machine, so ratios can be trusted where seconds cannot. Growth is the exponent b
of seconds = c · size^b: 1 is linear.

How accurate the forecasts are is on a page of its own: [accuracy](accuracy.md), written by `make bench-accuracy DATA=folder`.
"""

_PICTURE = """![Seconds over size, one panel a benchmark](growth.svg)

Every side that was measured at three sizes or more, with its growth.
"""


def write_page() -> None:
    """Write the page and its picture from every benchmark that has results."""
    there = [(name, RESULTS / f"{name}.json") for name in BENCHMARKS]
    parts = [_chapter(name, json.loads(path.read_text(encoding="utf-8"))) for name, path in there if path.exists()]
    picture = [_PICTURE] if growth.draw(BENCHMARKS) else []
    (RESULTS / "README.md").write_text("\n".join([_TOP, *picture, *parts]), encoding="utf-8")


def _chapter(name: str, said: dict[str, Any]) -> str:
    rows = [
        f"| {one['side']} | {one['size']:,} | {statistics.median(one['seconds']):,.2f} | {_number(one['times_patron'])} "
        f"| {one['peak_mib'] * 2**20 / 1e9:.2f} | {len(one['seconds'])} |"
        for one in said["measured"]
    ]
    slopes = ", ".join(f"{side} {slope:.2f}" for side, slope in said["growth"].items() if slope is not None)
    versions = ", ".join(f"{package} {version}" for package, version in said["versions"].items() if version)
    return "\n".join(
        [
            f"## {name}\n",
            f"{said['what']}. `python -m benchmarks {name}`; {said['cores']} cores, Python {said['python']}, {versions}.\n",
            "| side | size | seconds | times Patron | peak GB | runs |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            *([f"Growth: {slopes}.\n"] if slopes else []),
            *([f"Quickest: {quickest}.\n"] if (quickest := _quickest(said["measured"])) else []),
            *(f"Not measured: {side}, because {why}.\n" for side, why in said.get("skipped", {}).items()),
            *(_bar(bar) for bar in said["bars"]),
            "",
        ]
    )


def _quickest(measured: Sequence[dict[str, Any]]) -> str:
    """Return who answered first at each size, where peers were asked."""
    by_size: dict[int, dict[str, float]] = {}
    for one in measured:
        by_size.setdefault(one["size"], {})[one["side"]] = statistics.median(one["seconds"])
    if all(one["side"].startswith("Patron") for one in measured):
        return ""
    return ", ".join(f"{min(sides, key=sides.__getitem__)} at {size:,}" for size, sides in by_size.items())


def _bar(bar: dict[str, Any]) -> str:
    verdict = {True: "kept", False: "**missed**", None: "not measured"}[bar["kept"]]
    return f"- {bar['says']}: {_number(bar['measured'])}, promised {bar['direction']} {bar['limit']:g}: {verdict}"


def _number(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3g}"
