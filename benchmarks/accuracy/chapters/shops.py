"""Real shops: which metrics of champions are worse than the naive formula's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.accuracy import bars
from benchmarks.accuracy.chapters.markdown import made, table


def chapter(said: Mapping[str, Any]) -> Iterator[str]:
    """Write the chapter from what was found; nothing where nothing was."""
    found = said.get("shops", {})
    if not found:
        return
    why = bars.reasons()
    compared = [one for shop in found.values() for one in shop["compared"]]
    worse = [one for one in compared if one["lead"] < 0]
    surely = [one for one in worse if one["upper"] is not None and one["upper"] < 0]
    yield f"## Real shops: is any metric of a champion worse than the naive formula's?\n\n`python -m benchmarks.accuracy shops`; {made(said, 'shops')}.\n"
    yield "`patron init` and `patron run` on each data set, both with exit code 0; every measure that the run reports of its champions on the newest origin."
    yield f"{len(compared)} metrics of {len(found)} shops: {len(worse)} are worse than the naive formula's, {len(surely)} of them by more than luck of the sample"
    yield "(paired 95 % interval). Where the formula is the champion itself, it is as good as itself.\n"
    yield from table(["shop", "as of", "customers", "run, s", "champions", "metrics", "worse"], _shop_rows(found))
    yield "\n### Worse than the naive formula\n"
    yield from table(
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
