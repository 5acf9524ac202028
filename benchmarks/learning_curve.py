"""How much data a forecast needs, measured: `python -m benchmarks.learning_curve SHOP …` writes docs/why/learning-curve.md.

Each SHOP is the folder of a shop with a finished run. As of its newest past date whose window has since completed, a
number of its customers is drawn (or all history before some day is forgotten), the forecast is judged, fitted and
applied as a run would do it, and the customers that were *not* drawn tell how good it was: they are the shop's truth.
With whole histories forgotten, everyone is drawn and everyone is judged.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import patron
from patron import features, forecasts, measures
from patron.engines.duck import DuckEngine
from patron.features import Tiles
from patron.forecasts import ForecastSpec
from patron.ground.dates import origins
from patron.ground.errors import NotEnoughData
from patron.ground.seeds import derive

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "why" / "learning-curve.md"
RESULT = HERE / "results" / "learning-curve.json"
HORIZON_DAYS = 90
SIZES = (50, 100, 200, 500, 1000)
HISTORIES_DAYS = (90, 180, 270, 360, 450)
MOST_SPARED = 5_000  # customers who judge
FORMULAS = ("naive", "last_period")
FUTURE = ("future_net_revenue", "future_order_count")


@dataclass(frozen=True, slots=True)
class Try:
    """One draw: how the forecast did on customers it had not seen, in shares of the naive formula's error."""

    shop: str
    customers: int
    history_days: int
    origins: int
    learned: int  # targets of three for which a learned model was used
    error: float  # deviance of net revenue over the naive formula's
    chances: float  # Brier score over the naive formula's
    ratio: float  # predicted over actual net revenue
    coverage: float  # of the interval of 80 %; NaN: none was given


@dataclass(frozen=True, slots=True)
class World:
    """A shop as of a past day: its tiles, the past dates to learn from, and what came after the day."""

    name: str
    tiles: Tiles
    engine: DuckEngine
    as_of: date
    first_day: date

    def labelled(self, days: Sequence[date]) -> pa.Table:
        spines = [features.customers_before(self.tiles, day) for day in days]
        spine = self.engine.keep(ibis.union(*spines, distinct=False) if len(spines) > 1 else spines[0])
        known = features.build(self.tiles, spine)
        whole = known.inner_join(features.label(self.tiles, spine, HORIZON_DAYS), ["customer_id", "as_of"])
        table = pa.Table.from_batches(self.engine.batches(whole.order_by("as_of", "customer_id")))
        self.engine.drop(spine)
        return table


def opened(home: Path, engine: DuckEngine) -> World:
    """Open a shop as of the newest past day whose window has come due."""
    run = patron.open(home).current()
    tiles = features.reopen(home / "shelf" / "tiles" / run.manifest["stages"]["tiles"], engine)
    day, first = (date.fromisoformat(run.manifest[name]) for name in ("as_of", "first_day"))
    return World(run.manifest["shop"], tiles, engine, day - timedelta(days=HORIZON_DAYS), first)


def by_customers(world: World, draws: int) -> Iterator[Try]:
    """Draw customers, oldest history kept."""
    days = origins(world.as_of, world.first_day, HORIZON_DAYS, 3)
    past, now = world.labelled(days), world.labelled([world.as_of])
    ids = pc.unique(now["customer_id"]).to_pylist()
    for size in (size for size in SIZES if 2 * size <= len(ids)):
        for i in range(draws):
            random = np.random.default_rng(derive(7, world.name, str(size), str(i)))
            order = random.permutation(len(ids))
            drawn, spared = (pa.array([ids[j] for j in part]) for part in (order[:size], order[size:][:MOST_SPARED]))
            span = (world.as_of - world.first_day).days
            yield _tried(world.name, _of(past, drawn), _of(now, drawn), _of(now, spared), span)


def by_history(world: World) -> Iterator[Try]:
    """Forget everything before some day, everyone kept."""
    span = (world.as_of - world.first_day).days
    for days in (days for days in HISTORIES_DAYS if days <= span):
        since = world.as_of - timedelta(days=days)
        tables = {name: t.filter(t.day >= since) if "day" in t.columns else t for name, t in world.tiles.tables.items()}
        young = World(
            world.name, Tiles(tables, world.tiles.capabilities, world.tiles.signals), world.engine, world.as_of, since
        )
        past_days = origins(world.as_of, since, HORIZON_DAYS, 3)
        now = young.labelled([world.as_of])
        past = young.labelled(past_days) if past_days else now.slice(0, 0)
        yield _tried(world.name, past, now, now, days)


def _of(table: pa.Table, ids: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table["customer_id"], ids))


def _tried(shop: str, past: pa.Table, now: pa.Table, spared: pa.Table, history_days: int) -> Try:
    spec = ForecastSpec(horizons_days=(HORIZON_DAYS,), threads=2)
    future = [name for name in FUTURE if name in now.column_names]
    snapshot, unseen = now.drop_columns(future), spared.drop_columns(future)
    try:
        judged = forecasts.backtest(past, spec, horizon_days=HORIZON_DAYS, seed=7) if past.num_rows else None
    except NotEnoughData:
        judged = None
    labelled = past if judged else None
    said, plain = (
        forecasts.apply(
            replace(  # what the gates would refuse is what is measured here
                forecasts.fit(rows, snapshot, spec, horizon_days=HORIZON_DAYS, backtest=checked, seed=7), gates=()
            ),
            unseen,
        )
        for rows, checked in ((labelled, judged), (None, None))
    )
    actual = spared["future_net_revenue"].to_numpy()
    bought = (spared["future_order_count"].to_numpy() > 0).astype(float)

    def error(table: pa.Table) -> float:
        return measures.tweedie_deviance(actual, table["predicted_clv"].to_numpy(), power=1.5)

    def chances(table: pa.Table) -> float:
        return measures.brier_score(bought, table["repurchase_probability"].to_numpy())

    lower, upper = (said[f"predicted_clv_{end}"].to_numpy() for end in ("lower", "upper"))
    held = float(((actual >= lower) & (actual <= upper)).mean()) if np.isfinite(lower).any() else float("nan")
    return Try(
        shop,
        now.num_rows,
        history_days,
        len(judged.origins) if judged else 0,
        sum(one.model not in FORMULAS for one in judged.champions) if judged else 0,
        error(said) / error(plain),
        chances(said) / chances(plain),
        measures.sum_ratio(actual, said["predicted_clv"].to_numpy()),
        held,
    )


def page(by_size: Sequence[Try], by_days: Sequence[Try]) -> str:
    """Write both curves as Markdown."""
    head = [
        "# The learning curve: how much data a forecast needs",
        "",
        f"Written by `python -m benchmarks.learning_curve`; a forecast of {HORIZON_DAYS} days of net revenue, the default Plan.",
        "Customers are drawn, the forecast is judged, fitted and applied as a run does it, and the customers who were not",
        "drawn tell how it did. *Learned*: outputs of three that a learned model was trusted with. *Error* and *chances*: deviance",
        "of money and Brier score, in shares of the naive formula's (below 1 is better), mean and worst draw. *Total*: predicted",
        "over actual, lowest and highest draw. *Coverage*: of the 80 % interval, mean, lowest and highest draw.",
        "",
        "| shop | customers | judged | learned | error | chances | total | coverage |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = [_row(list(part)) for part in _grouped(by_size)]
    middle = [
        "",
        "With the history before a day forgotten and everyone kept; the window that tells is never learned from:",
        "",
        "| shop | days of history | origins | learned | error | chances | total | coverage |",
        "|---|---|---|---|---|---|---|---|",
    ]
    more = [
        f"| {t.shop} | {t.history_days} | {t.origins} | {t.learned} | {t.error:.2f} | {t.chances:.2f} | {t.ratio:.2f} | "
        f"{_share(t.coverage)} |"
        for t in by_days
    ]
    return "\n".join([*head, *rows, *middle, *more, ""])


def _grouped(tries: Sequence[Try]) -> Iterator[list[Try]]:
    for shop, size in dict.fromkeys((t.shop, t.customers) for t in tries):
        yield [t for t in tries if (t.shop, t.customers) == (shop, size)]


def _row(part: list[Try]) -> str:
    def spread(name: str) -> str:
        values = np.array([getattr(t, name) for t in part])
        return f"{values.mean():.2f} ({values.max():.2f})"

    held = np.array([t.coverage for t in part if np.isfinite(t.coverage)])
    covered = f"{_share(held.mean())} ({_share(held.min())}-{_share(held.max())})" if held.size else ""
    ratios = [t.ratio for t in part]
    judged = f"{sum(t.origins > 0 for t in part)} of {len(part)}"
    learned = f"{np.mean([t.learned for t in part]):.1f}"
    return (
        f"| {part[0].shop} | {part[0].customers} | {judged} | {learned} | {spread('error')} | {spread('chances')} | "
        f"{min(ratios):.2f}-{max(ratios):.2f} | {covered} |"
    )


def _share(value: float) -> str:
    return f"{value:.0%}" if np.isfinite(value) else ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning_curve", description=__doc__)
    parser.add_argument("shops", nargs="+", type=Path)
    parser.add_argument("--draws", type=int, default=8)
    asked = parser.parse_args()
    by_size: list[Try] = []
    by_days: list[Try] = []
    for home in asked.shops:
        with DuckEngine(threads=2) as engine:
            world = opened(home, engine)
            by_days += by_history(world)
            by_size += by_customers(world, asked.draws)
        PAGE.write_text(page(by_size, by_days), encoding="utf-8")
        print(world.name)
    said = {"by_customers": [asdict(one) for one in by_size], "by_history": [asdict(one) for one in by_days]}
    RESULT.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
