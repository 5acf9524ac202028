"""The results as a page: `benchmarks/results/accuracy.md`, written from `accuracy.json` beside it."""

from __future__ import annotations

from benchmarks.accuracy import results
from benchmarks.accuracy.chapters import CHAPTERS

_TOP = """# How accurate forecasts are

Written by `make bench-accuracy DATA=folder` and the commands named below. Each customer is forecast from what was known at the cut, and judged by what
then happened. Learned models, Patron's and the peers', learn from windows that ended by the cut. Published parameters of the purchase models are held by
[tests/golden](../../tests/golden). No model sees the hold-out;
[champions](../../docs/why/champions.md) says what Patron's stack was chosen by, and how far these windows had been seen then.
"""


def write_page() -> None:
    """Write the page from what was found so far."""
    said = results.read()
    lines = [_TOP, *(line for chapter in CHAPTERS for line in chapter(said))]
    (results.RESULTS / "accuracy.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
