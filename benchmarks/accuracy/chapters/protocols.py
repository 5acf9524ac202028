"""The four protocols: the bars, what was missed and why, and every model's figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.accuracy import bars
from benchmarks.accuracy.bars import BARS, Bar
from benchmarks.accuracy.chapters.markdown import made, table
from benchmarks.accuracy.metrics import METRICS, TARGETS, Metric
from benchmarks.accuracy.peers import PEERS
from benchmarks.accuracy.product import CHAMPION, PLAN
from benchmarks.accuracy.protocols import PROTOCOLS

_LEGEND = """**Bold** is best among the champion and the peers. *Ratio* is predicted over actual total; *top 10 %* the share of the total held by the tenth ranked highest;
*decile MAPE* the mean error of the means of ten equal groups by forecast; *ECE* the same for chances, in points. *Reference*: the best fair peer of each
metric when the protocols were drawn up.
"""


def chapter(said: Mapping[str, Any]) -> Iterator[str]:
    """Write the chapter from what was found; nothing where nothing was."""
    found = {name: said.get("protocols", {}).get(name) for name in PROTOCOLS}
    found = {name: one for name, one in found.items() if one}
    if not found:
        return
    yield f"## The bars\n\n`python -m benchmarks.accuracy`; {made(said, 'protocols')}; Plan: the default, seed {PLAN.seed}.\n"
    yield "Met or missed by how much, in the metric's unit, against the best peer of this run on that very metric; in brackets the paired 95 % interval over"
    yield "customers. Met means beyond the reference, too; where that alone was missed, it is named. The best of eight peers on each metric is a hard bar: part of its lead is luck.\n"
    yield from table(["bar", "target", *found, "needed", "verdict", "by the reference alone"], _bar_rows(found))
    if absent := [name for name in PROTOCOLS if name not in found]:
        yield f"\nNot run here: {', '.join(absent)}."
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
        yield f"{title}\n"
        there = {it: metric for it, metric in METRICS[target].items() if it in one["patron"][target][CHAMPION]}
        yield from table(["model", *(metric.short for metric in there.values())], _rows(one, target, there, reference))
        yield ""
    yield from (f"- {who} did not take part: {why}" for who, why in one["absent"].items())
    yield ""


def _rows(
    one: Mapping[str, Any], target: str, metrics: Mapping[str, Metric], reference: Mapping[str, Any]
) -> Iterator[list[str]]:
    ours, theirs = one["patron"][target], one["peers"][target]
    rivals = {CHAMPION: ours[CHAMPION], **theirs}
    best = {it: bars.best_of(metrics[it], {who: values[it] for who, values in rivals.items()}) for it in metrics}
    for who, values in (*ours.items(), *theirs.items()):
        label = f"Patron: {who}" if who in ours else who
        cells = [f"{values[it]:.4g}" for it in metrics]
        yield [label, *(f"**{cell}**" if best[it] == who else cell for it, cell in zip(metrics, cells, strict=True))]
    known = reference[target]
    yield ["*reference*", *(f"*{known[it]['value']:.4g}*" if it in known else "" for it in metrics)]
