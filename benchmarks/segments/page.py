"""The results as a page: `benchmarks/results/segments.md`, written from `segments.json` beside it."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from benchmarks.segments import suite
from benchmarks.segments.worlds import DRAWS

RESULTS = Path(__file__).parents[1] / "results"
LEAST_FOUND = 28
MOST_SECONDS = 180.0
LEAST_RAND = 0.9
MOST_PLACING = 10.0
_RIVALS = ("rfm_quintiles", "classic11", "value_deciles")
_TOP = """# How well customers are segmented

Written by `python -m benchmarks.segments [worlds] [suite] [keep] [hold] [speed] --data FOLDER`.
"""


def write_page() -> None:
    """Write the page from what was found so far."""
    said = json.loads((RESULTS / "segments.json").read_text(encoding="utf-8"))
    parts = [_TOP, *(chapter(said[name]) for name, chapter in _CHAPTERS.items() if name in said)]
    (RESULTS / "segments.md").write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


def _worlds(said: dict[str, Any]) -> str:
    found = said["found"]
    indices = list(dict.fromkeys(index for one in found for index in one["by_index"]))
    seeds = found[0]["seeds"]
    return "\n".join(
        [
            "## Simulated worlds\n",
            f"Tibshirani, Walther and Hastie (2001), {DRAWS} draws each, seeds {seeds[0]} to {seeds[1]}, K = 1 … 10. The combined choice, "
            f"and each index alone: draws in which it finds the true K. Promised: {LEAST_FOUND} of {DRAWS} in each. {_with(said)}\n",
            f"| world | true K | Patron | {' | '.join(indices)} | |",
            "|---" * (len(indices) + 4) + "|",
            *(_world(one, indices) for one in found),
            "",
        ]
    )


def _world(one: dict[str, Any], indices: list[str]) -> str:
    cells = [str(one["by_index"].get(index, 0)) if one["k"] > 1 or "gap" in index else "cannot" for index in indices]
    kept = "kept" if one["found"] >= LEAST_FOUND else "**missed**"
    return f"| {one['world']} | {one['k']} | {one['found']} | {' | '.join(cells)} | {kept} |"


def _suite(said: dict[str, Any]) -> str:
    found = said["found"]
    names = list(found[0]["rand"])
    means = {name: statistics.fmean(one["rand"][name] for one in found) for name in names}
    alone = [name for name in names if name not in ("Patron", suite.DEFAULT, suite.TRUE)]
    best = max(alone, key=lambda name: means[name])
    right = sum(one["k"] in one["true_k"] for one in found)
    return "\n".join(
        [
            "## A public suite with known labels\n",
            f"Gagolewski's clustering benchmark, {len(found)} sets, z-scores, at most {suite.MOST_ROWS:,} points of each, K = 1 … "
            f"{suite.LIMITS.k_max}, seed {suite.SEED}; noise left out, the best of several reference partitions counts. Many sets hold rings, spirals "
            f"and bands, which no K-Means cut can find: the last column shows the most that K-Means reaches when it is told K. {_with(said)}\n",
            f"K is right in {right} of {len(found)} sets. Mean adjusted Rand: "
            + ", ".join(f"{name} {means[name]:.3f}" for name in names)
            + f". The best single index is {best}.\n",
            f"| set | points | true K | chosen | Patron | {suite.DEFAULT} | {best} | {suite.TRUE} |",
            "|---" * 8 + "|",
            *(_set(one, best) for one in found),
            "",
        ]
    )


def _set(one: dict[str, Any], best: str) -> str:
    rand = [f"{one['rand'][name]:.3f}" for name in ("Patron", suite.DEFAULT, best, suite.TRUE)]
    true_k = ", ".join(map(str, dict.fromkeys(one["true_k"])))
    return f"| {one['set']} | {one['n']:,} | {true_k} | {one['k']} | {' | '.join(rand)} |"


def _keep(said: dict[str, Any]) -> str:
    return "\n".join(
        [
            "## What learned segments add in held-out money\n",
            "On each real shop with two past days a whole forecast window apart: the cut is learned at the first, and ranks customers by what they brought "
            "after the second. Normalised Gini, and the paired gain over the 125 cells of RFM quintiles with its 95 % interval. Where it is not above zero, the run "
            f"says that RFM is enough and withholds the cut. `auto` takes another method only where it beats the value tree beyond luck. {_with(said)}\n",
            "| shop | learned, judged | value tree | RFM quintiles | classic11 | tenths of past money | gain over RFM | keeps | other methods | auto takes |",
            "|---" * 10 + "|",
            *(_kept(one) for one in said["found"]),
            "",
        ]
    )


def _kept(one: dict[str, Any]) -> str:
    default, auto = one["default"], one["auto"]
    gini = [f"{default['gini'][name]:.3f}" for name in ("judged", "rfm_quintiles", "classic11", "value_deciles")]
    value, lower, upper = default["gain"]["rfm_quintiles"]
    rivals = (*_RIVALS, "one_segment", "judged", auto["method"])
    others = ", ".join(f"{name} {value:.3f}" for name, value in auto["gini"].items() if name not in rivals)
    told = f"{value:+.3f} ({lower:+.3f} … {upper:+.3f})"
    keeps = "yes" if default["keeps"] else "RFM is enough"
    when = " and ".join(default["when"])
    return f"| {one['shop']} | {when} | {' | '.join(gini)} | {told} | {keeps} | {others} | {auto['method']} |"


def _hold(said: dict[str, Any]) -> str:
    return "\n".join(
        [
            "## Other seeds\n",
            "The published kind of cut learned from the Plan's seeds 0 to 9, every two compared on all of today's customers. Promised: adjusted Rand of 0.9 between "
            f"any two, or the cut is refused. {_with(said)}\n",
            "| shop | segments | least adjusted Rand | mean | |",
            "|---|---|---|---|---|",
            *(
                f"| {one['shop']} | {', '.join(map(str, sorted(set(one['k']))))} | {one['least_rand']:.3f} | {one['mean_rand']:.3f} | "
                f"{'kept' if one['least_rand'] >= LEAST_RAND else '**missed**'} |"
                for one in said["found"]
            ),
            "",
        ]
    )


def _speed(said: dict[str, Any]) -> str:
    return "\n".join(
        [
            "## What judging costs\n",
            "100,000 customers of 30 features, K = 2 … 12, every index, up to 50 resamples of 5,000 customers for each K (fewer where a segment is "
            "lost for sure), the chosen cut from ten starts. Beside it the fits, silhouettes of a sample of 20,000, two indices and 50 resamples written with scikit-learn "
            f"alone, without gap statistic, separation or choice; and a million customers placed. Promised: {MOST_SECONDS:.0f} s on two cores, placing in {MOST_PLACING:.0f} s. {_with(said)}\n",
            "| data | seconds | scikit-learn alone | placing | K | resamples per K | |",
            "|---|---|---|---|---|---|---|",
            *(
                f"| {one['world']} | {one['seconds']:.0f} | {one['scikit_learn_seconds']:.0f} ({one['scikit_learn_seconds'] / one['seconds']:.1f} ×) | "
                f"{one['placing_seconds']:.1f} | {one['k']} | {', '.join(map(str, one['resamples']))} | "
                f"{'kept' if one['seconds'] <= MOST_SECONDS and one['placing_seconds'] <= MOST_PLACING else '**missed**'} |"
                for one in said["found"]
            ),
            "",
        ]
    )


def _with(said: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in said["versions"].items())
    return f"{said['cores']} cores, Python {said['python']}, {versions}."


_CHAPTERS = {"worlds": _worlds, "suite": _suite, "keep": _keep, "hold": _hold, "speed": _speed}
