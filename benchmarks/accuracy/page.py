"""The results as a page: `benchmarks/results/accuracy.md`, written from `accuracy.json` beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.accuracy import bars, results
from benchmarks.accuracy.bars import BARS, Bar
from benchmarks.accuracy.metrics import METRICS, TARGETS
from benchmarks.accuracy.peers import PEERS
from benchmarks.accuracy.product import CHAMPION, PLAN
from benchmarks.accuracy.protocols import PROTOCOLS

_TOP = """# How accurate forecasts are

Written by `make bench-accuracy DATA=folder` and the commands named below. Each customer is forecast from what was known at the cut, and judged by what
then happened. Learned models, Patron's and the peers', learn from windows that ended by the cut. Published parameters of the purchase models are held by
[tests/golden](../../tests/golden). Nobody, Patron included, may see the hold-out; [champions](../../docs/why/champions.md) says what Patron's stack was chosen by.
"""
_LEGEND = """**Bold** is best among the champion and the peers. *Ratio* is predicted over actual total; *top 10 %* the share of the total held by the tenth ranked highest;
*decile MAPE* the mean error of the means of ten equal groups by forecast; *ECE* the same for chances, in points. *Reference*: the best fair peer of each
metric when the protocols were drawn up.
"""


def write_page() -> None:
    """Write the page from what was found so far."""
    said = results.read()
    parts = [_TOP, *_protocols(said), *_shops(said), *_coverage(said)]
    (results.RESULTS / "accuracy.md").write_text("\n".join(parts), encoding="utf-8")


def _protocols(said: Mapping[str, Any]) -> Iterator[str]:
    found = {name: said.get("protocols", {}).get(name) for name in PROTOCOLS}
    found = {name: one for name, one in found.items() if one}
    if not found:
        return
    yield f"## The bars\n\n`python -m benchmarks.accuracy`; {_made(said, 'protocols')}; Plan: the default, seed {PLAN.seed}.\n"
    yield "Met or missed by how much, in the metric's unit, against the best peer of this run on that very metric; in brackets the paired 95 % interval over"
    yield "customers. Met means beyond the reference, too; where that alone was missed, it is named. The best of eight peers on each metric is a hard bar: part of its lead is luck.\n"
    yield from _table(["bar", "target", *found, "needed", "verdict", "by the reference alone"], _bar_rows(found))
    yield from _misses(found)
    yield f"## The protocols\n\n{_LEGEND}"
    for name, one in found.items():
        yield from _protocol(name, one)
    yield "### The peers\n\nOne fixed setting each, chosen without a look at a hold-out.\n"
    yield from (f"- {name}: {peer.setting}" for name, peer in PEERS.items())
    yield ""


def _bar_rows(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for bar in BARS:
        for target in bar.targets:
            cells = [_verdict(one["bars"], bar, target) for one in found.values()]
            judged = [verdict["met"] for verdict in cells]
            kept = bars.kept(bar, judged)
            word = {True: "kept", False: "**missed**", None: "not decided"}[kept]
            alone = sum(bar.met(verdict["margin_of_reference"]) for verdict in cells)
            yield [bar.says, target, *map(_margin, cells), f"{bar.needed} of 4", word, f"{alone} of {len(cells)}"]


def _verdict(verdicts: Sequence[Mapping[str, Any]], bar: Bar, target: str) -> Mapping[str, Any]:
    return next(one for one in verdicts if (one["bar"], one["target"]) == (bar.name, target))


def _margin(one: Mapping[str, Any]) -> str:
    bar = next(bar for bar in BARS if bar.name == one["bar"])
    said = f"{one['margin']:+.2g} [{one['lower']:+.2g}, {one['upper']:+.2g}]"
    if bar.met(one["margin"]) and not bar.met(one["margin_of_reference"]):
        said += f", reference {one['margin_of_reference']:+.2g}"
    return f"met {said}" if one["met"] else f"**missed** {said}"


def _misses(found: Mapping[str, Any]) -> Iterator[str]:
    why = bars.reasons()
    says = {bar.name: bar.says for bar in BARS}
    missed = [(name, one) for name, part in found.items() for one in part["bars"] if not one["met"]]
    if not missed:
        return
    yield "\n### What was missed, and why\n"
    for name, one in missed:
        by = f"{one['value']:.4g}; {one['peer']} {one['peer_value']:.4g}; reference {one['reference_value']:.4g} ({one['reference']})"
        lucky = "within luck of the sample" if one["upper"] > 0 else "more than luck"
        said = why.get(f"{name}.{one['target']}", {}).get(one["bar"], "")
        yield f"- **{name}, {one['target']}**: {says[one['bar']]}: {by}; {lucky}.{' ' + said if said else ''}"
    yield ""


def _protocol(name: str, one: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    judged = f"{len(one['judged_origins'])} past dates of {one['judged_days']} days"
    champions = ", ".join(f"{target} {found['model']}" for target, found in one["champions"].items())
    yield f"{one['customers']:,} customers as of {one['as_of']}, {one['horizon_days']} days of hold-out: {one['orders']:,} orders, {one['money']:,.2f} of money, "
    yield f"{one['share_active']:.1%} bought. Champions, by {judged}: {champions}.\n"
    reference = bars.reference()[name]
    for target, title in TARGETS.items():
        yield f"{title}:\n"
        yield from _table(
            ["model", *(metric.short for metric in METRICS[target].values())], _rows(one, target, reference)
        )
        yield ""
    yield from (f"- {who} did not take part: {why}" for who, why in one["absent"].items())
    yield ""


def _rows(one: Mapping[str, Any], target: str, reference: Mapping[str, Any]) -> Iterator[list[str]]:
    metrics = METRICS[target]
    ours, theirs = one["patron"][target], one["peers"][target]
    rivals = {CHAMPION: ours[CHAMPION], **theirs}
    best = {it: bars.best_of(metrics[it], {who: values[it] for who, values in rivals.items()}) for it in metrics}
    for who, values in (*ours.items(), *theirs.items()):
        label = f"Patron: {who}" if who in ours else who
        cells = [f"{values[it]:.4g}" for it in metrics]
        yield [label, *(f"**{cell}**" if best[it] == who else cell for it, cell in zip(metrics, cells, strict=True))]
    known = reference[target]
    yield ["*reference*", *(f"*{known[it]['value']:.4g}*" for it in metrics)]


def _shops(said: Mapping[str, Any]) -> Iterator[str]:
    found = said.get("shops", {})
    if not found:
        return
    why = bars.reasons()
    compared = [one for shop in found.values() for one in shop["compared"]]
    worse = [one for one in compared if one["lead"] < 0]
    surely = [one for one in worse if one["upper"] is not None and one["upper"] < 0]
    yield f"## Real shops: is any metric of a champion worse than the naive formula's?\n\n`python -m benchmarks.accuracy shops`; {_made(said, 'shops')}.\n"
    yield "`patron init` and `patron run` on each data set, both with exit code 0; every measure that the run reports of its champions on the newest origin."
    yield f"{len(compared)} metrics of {len(found)} shops: {len(worse)} are worse than the naive formula's, {len(surely)} of them by more than luck of the sample"
    yield "(paired 95 % interval). Where the formula is the champion itself, it is as good as itself.\n"
    yield from _table(["shop", "as of", "customers", "run, s", "champions", "metrics", "worse"], _shop_rows(found))
    yield "\n### Worse than the naive formula\n"
    yield from _table(
        ["shop", "horizon", "target", "model", "metric", "champion", "naive", "lead (95 %)"], _worse_rows(found)
    )
    yield ""
    reasons = [(name, text) for name in found for text in why.get(f"shops.{name}", {}).values()]
    yield from (f"- **{name}**: {text}" for name, text in reasons)
    yield ""


def _shop_rows(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, shop in found.items():
        said = sorted({(one["horizon_days"], one["target"], one["model"]) for one in shop["compared"]})
        champions = ", ".join(f"{days} d {target} {model}" for days, target, model in said) or "; ".join(
            shop["refused"]
        )
        worse = sum(one["lead"] < 0 for one in shop["compared"])
        run = shop["run"]
        yield [
            name,
            run["as_of"],
            f"{run['customers']:,}",
            str(shop["seconds"]),
            champions,
            str(len(shop["compared"])),
            str(worse),
        ]


def _worse_rows(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, shop in found.items():
        for one in (one for one in shop["compared"] if one["lead"] < 0):
            lead = f"{one['lead']:+.3g} [{one['lower']:+.2g}, {one['upper']:+.2g}]"
            where = [name, f"{one['horizon_days']} d", one["target"], one["model"], one["measure"]]
            yield [*where, f"{one['value']:.4g}", f"{one['baseline']:.4g}", lead]


def _coverage(said: Mapping[str, Any]) -> Iterator[str]:
    found = said.get("coverage", {})
    if not found:
        return
    most = next(iter(found.values()))["most_customers"]
    yield f"## What intervals covered, rolled over past dates\n\n`python -m benchmarks.accuracy coverage`; {_made(said, 'coverage')}.\n"
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
    yield from _table(head, _coverage_rows(found))
    yield "\n### Each window\n\nEffect: ln(actual total ÷ said total), what the window did to everyone.\n"
    yield from _table(
        ["shop, days", "origin", "effect", "80 %", "top quarter", "95 %", "top quarter"], _window_rows(found)
    )
    yield ""


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


_SHOWN = ((0.8, None), (0.8, 1), (0.8, 2), (0.8, 3), (0.8, 4), (0.95, None), (0.95, 4))


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


def _table(head: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _made(said: Mapping[str, Any], part: str) -> str:
    made = said["made"][part]
    versions = ", ".join(f"{package} {version}" for package, version in made["versions"].items())
    return f"{made['day']}, {made['cores']} cores, Python {made['python']}, {versions}"
