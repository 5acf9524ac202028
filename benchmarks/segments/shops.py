"""Learned segments on real shops: what they add in held-out money, and whether other seeds give the same cut.

The shops are those of `benchmarks.accuracy`, made and run as anyone would; what the run keeps is read from their shelves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from benchmarks.accuracy.shops import SHOPS, home_of, make, opened
from patron import segments
from patron.engines.duck import DuckEngine
from patron.features import Preparation
from patron.flow.stages import known
from patron.segments import HeldOutWorth, SegmentSpec, Taught

FloatArray = NDArray[np.float64]

SEED, SEEDS = 7, range(10)
HELD = ("online_retail_ii", "complete_journey", "cdnow_master")


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop's customers today, and its past: the rows of the longest horizon that can be held out."""

    now: pa.Table
    labelled: pa.Table
    columns: tuple[str, ...]

    def prepare(self, seed: int) -> Callable[[pa.Table], Preparation]:
        """Return what learns a preparation with a seed."""
        return lambda table: Preparation(columns=list(self.columns), random_state=seed).fit(table)


def keep(data: Path) -> list[dict[str, Any]]:
    """Judge the cuts of every method that "auto" compares, and the default one, on each shop that has a past."""
    found = []
    for name in SHOPS:
        print(name, flush=True)
        shop = _shop(name, data)
        if shop is not None:
            parts = [_judged(shop, SegmentSpec(method=method)) for method in ("value_tree", "auto")]
            found.append({"shop": name} | dict(zip(("default", "auto"), parts, strict=True)))
    return found


def hold(data: Path) -> list[dict[str, Any]]:
    """Learn the default cut from ten seeds, and compare every two."""
    found = []
    for name in HELD:
        print(name, flush=True)
        shop = _shop(name, data)
        if shop is None:
            raise SystemExit(f"{name} has no past to learn from")
        cuts = list(_cuts(shop))
        pairs = [float(adjusted_rand_score(one, other)) for one, other in combinations(cuts, 2)]
        sizes = [int(np.unique(cut).size) for cut in cuts]
        found.append({"shop": name, "k": sizes, "least_rand": min(pairs), "mean_rand": float(np.mean(pairs))})
    return found


def _shop(name: str, data: Path) -> Shop | None:
    home = home_of(name)
    if not (home / "shelf" / "current").exists():
        make(name, data)
    with DuckEngine(threads=2) as engine:
        desk, tiled, history = opened(home, engine)
        now = known.read(known.snapshot(desk, tiled, history.as_of), "features")
        pasts = known.past(desk, tiled, history)
        tables = (known.read(past.made, "labelled") for _, past in sorted(pasts.items(), reverse=True))
        labelled = next((table for table in tables if segments.held_out_origins(table) is not None), None)
    if labelled is None:
        return None
    columns = tuple(name for name in SegmentSpec().features if name in labelled.column_names)
    return Shop(now.sort_by("customer_id"), labelled, columns)


def _judged(shop: Shop, spec: SegmentSpec) -> dict[str, Any]:
    prepare = shop.prepare(SEED)
    found = segments.judge_on_held_out(shop.labelled, spec, lambda then: prepare(then).transform, seed=SEED)
    if found is None:
        raise SystemExit("a past that could be held out could not be judged")
    return _told(found)


def _told(found: HeldOutWorth) -> dict[str, Any]:
    gini = {name: it.value for (measure, name), it in found.worth.scores.items() if measure == "gini"}
    gains = {name: [it.value, it.lower, it.upper] for (m, name), it in found.worth.gains.items() if m == "gini"}
    when = [str(found.learned_at), str(found.judged_at)]
    return {
        "method": found.method,
        "keeps": found.keeps,
        "when": when,
        "gini": gini,
        "gain": gains,
        "why": found.why_en,
    }


def _cuts(shop: Shop) -> Iterator[NDArray[np.int64]]:
    origins = segments.held_out_origins(shop.labelled)
    if origins is None:
        raise SystemExit("there is no past to learn from")
    latest = segments.at_origin(shop.labelled, origins[1])
    spec = SegmentSpec(unproven="publish")
    for seed in SEEDS:
        preparation = shop.prepare(seed)(shop.now)
        taught = Taught(preparation.transform(latest), segments.future_value(latest))
        prepared = preparation.transform(shop.now)
        model = segments.fit(shop.now, prepared, spec, gap_days=(20.0, 40.0, 80.0), taught=taught)
        yield model.learned.assign(prepared)[0]
