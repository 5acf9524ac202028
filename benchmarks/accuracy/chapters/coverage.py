"""What intervals covered, rolled over past dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.accuracy.chapters.markdown import made, table

_SHOWN = ((0.8, None), (0.8, 1), (0.8, 2), (0.8, 3), (0.8, 4), (0.95, None), (0.95, 4))


def chapter(said: Mapping[str, Any]) -> Iterator[str]:
    """Write the chapter from what was found; nothing where nothing was."""
    found = said.get("coverage", {})
    if not found:
        return
    most = next(iter(found.values()))["most_customers"]
    yield f"## What intervals covered, rolled over past dates\n\n`python -m benchmarks.accuracy coverage`; {made(said, 'coverage')}.\n"
    yield "Intervals for money of the stack, made at each past date from earlier windows and judged on the next, in percent: covered (promised). Promised is more than the level where"
    yield f"more than that buy nothing. At most {most:,} customers of each date. Windows are counted, not weighted.\n"
    head = [
        "shop, days",
        "windows",
        "80 %",
        *(f"quarter {i}" for i in range(1, 5)),
        "95 %",
        "top quarter",
        "worst 80 %",
    ]
    yield from table(head, _coverage_rows(found))
    yield "\n### Each window\n\nEffect: ln(actual total ÷ said total), what the window did to everyone.\n"
    yield from table(
        ["shop, days", "origin", "effect", "80 %", "top quarter", "95 %", "top quarter"], _window_rows(found)
    )
    yield from _sharpness(found)
    yield ""


def _sharpness(found: Mapping[str, Any]) -> Iterator[str]:
    """Write what knowing the chance of an order is worth."""
    yield "\n### What knowing the chance of an order is worth\n"
    yield "Interval score ÷ mean forecast (less is better; width, and what lies outside times 2 ÷ (1 − level)), of the published intervals and of bands by value alone;"
    yield "and the share of intervals that begin above zero.\n"
    head = [
        "shop, days",
        "80 %: score",
        "by value alone",
        "95 %: score",
        "by value alone",
        "80 %: above zero",
        "by value alone",
    ]
    yield from table(head, _sharpness_rows(found))


def _sharpness_rows(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, shop in found.items():
        for days in sorted({one["horizon_days"] for one in shop["sharpness"]}):
            there = [one for one in shop["sharpness"] if one["horizon_days"] == days]
            usual, wide = ([one for one in there if one["level"] == level] for level in (0.8, 0.95))
            scores = [f"{_mean_of(part, key):.2f}" for part in (usual, wide) for key in ("score", "score_by_value")]
            above = [f"{_mean_of(usual, key):.1%}" for key in ("above_zero", "above_zero_by_value")]
            yield [f"{name}, {days}", *scores, *above]


def _mean_of(rows: Sequence[Mapping[str, Any]], key: str) -> float:
    return sum(row[key] for row in rows) / len(rows)


def _coverage_rows(found: Mapping[str, Any]) -> Iterator[list[str]]:
    means = []
    for name, covered in _by_horizon(found):
        cells = [_mean(covered, level, quarter) for level, quarter in _SHOWN]
        worst = min(one["value"] for one in covered if (one["level"], one["quarter"]) == (0.8, None))
        windows = len({one["origin"] for one in covered})
        means.append(cells)
        yield [name, str(windows), *map(_share_of, cells), f"{worst:.1%}"]
    together = [
        tuple(sum(pair[i] for pair in column) / len(means) for i in (0, 1)) for column in zip(*means, strict=True)
    ]
    yield ["mean", "", *map(_share_of, together), ""]


def _window_rows(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, covered in _by_horizon(found):
        for origin in sorted({one["origin"] for one in covered}):
            there = [one for one in covered if one["origin"] == origin]
            shown = [_share_of(_mean(there, *which)) for which in ((0.8, None), (0.8, 4), (0.95, None), (0.95, 4))]
            effect = there[0]["log_effect"]
            yield [name, origin, "" if effect is None else f"{effect:+.2f}", *shown]


def _by_horizon(found: Mapping[str, Any]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    for name, shop in found.items():
        for days in sorted({one["horizon_days"] for one in shop["covered"]}):
            yield f"{name}, {days}", [one for one in shop["covered"] if one["horizon_days"] == days]


def _mean(covered: Sequence[Mapping[str, Any]], level: float, quarter: int | None) -> tuple[float, float]:
    """Return what was covered and what was promised, each window once; tied forecasts may leave a quarter empty."""
    there = [one for one in covered if (one["level"], one["quarter"]) == (level, quarter)]
    if not there:
        return float("nan"), float("nan")
    return sum(one["value"] for one in there) / len(there), sum(one["promised"] for one in there) / len(there)


def _share_of(pair: tuple[float, float]) -> str:
    return f"{100 * pair[0]:.1f} ({100 * pair[1]:.1f})"
