"""The finished run: its tables under public names, its models, its report, its manifest; then it is current."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import reports
from patron.contracts.published import QUALITY
from patron.engines.duck import write_arrow
from patron.engines.shelf import digest, link_or_copy
from patron.flow.desk import Desk, Made, code_of
from patron.flow.stages import cards, gates, known, limits, money
from patron.flow.stages.facts import Facts
from patron.flow.stages.heavy import heavy_orders
from patron.flow.stages.history import History
from patron.ground.dates import now
from patron.ground.version import VERSION
from patron.reports import ReportInput

_PEOPLE_READ = (
    "days_since_last_order",
    "days_since_first_order",
    "orders_count_lifetime",
    "orders_count_365d",
    "net_revenue_sum_lifetime",
    "net_revenue_sum_365d",
    "order_value_mean_lifetime",
    "order_gap_days_mean_lifetime",
    "order_overdue_ratio",
    "items_mean_lifetime",
    "product_distinct_lifetime",
    "category_distinct_lifetime",
    "discounted_order_share_lifetime",
    "coupon_share_lifetime",
    "refund_share_lifetime",
    "weekend_order_share_lifetime",
    "days_since_last_visit",
    "views_count_30d",
    "carts_count_30d",
    "rating_mean_lifetime",
    "open_rate_365d",
    "age_years",
)
_ALWAYS = ("net_revenue_sum_lifetime", "order_gap_days_mean_lifetime")
_LANGUAGES = {"en": "index.html", "zh": "index.zh.html"}


@dataclass(frozen=True, slots=True)
class Stages:
    """Everything a run is put together from."""

    facts: Facts
    tiles: Made
    features: Made
    segments: Made
    segment_stories: Made
    migration: Made
    forecasts: Made
    next_categories: Made
    explanations: Made
    decisions: Made
    realised: Made

    @property
    def keys(self) -> dict[str, str]:
        """The key of every stage."""
        return {"facts": self.facts.made.key} | {
            name: getattr(self, name).key
            for name in (
                "tiles",
                "features",
                "segments",
                "segment_stories",
                "migration",
                "forecasts",
                "next_categories",
                "explanations",
                "decisions",
                "realised",
            )
        }


def make(desk: Desk, made: Stages, history: History) -> Path:
    """Put the run together, give it its name, and make it current."""
    keys = made.keys
    plan = desk.plan.model_dump(mode="json")
    parts = (plan, keys, made.facts.empty_files, code_of("reports", "flow", "contracts"))
    run_id = f"{history.as_of:%Y%m%d}-{digest(*parts)[:8]}"
    home = desk.shelf.root / "runs" / run_id
    desk.watch.begin("report")
    cached = home.exists()
    if not cached:
        desk.shelf.write_whole(home, lambda folder: _fill(desk, made, history, folder, run_id))
    desk.shelf.point("current", run_id)
    desk.watch.end(cached=cached)
    return home


def _fill(desk: Desk, made: Stages, history: History, folder: Path, run_id: str) -> None:
    tables = folder / "tables"
    tables.mkdir()
    for stage, names in _LINKED.items():
        home: Made = getattr(made, stage)
        for name in names:
            link_or_copy(home.folder / f"{name}.parquet", tables / f"{name}.parquet")
    for name in ("ledger", "fitness", "rejects"):
        link_or_copy(made.facts.made.folder / f"{name}.parquet", tables / f"{name}.parquet")
    write_arrow(_profiles(made.features), tables / "profiles.parquet")
    write_arrow(_quality(made, history), tables / "quality.parquet")
    for learned in (made.segments, made.forecasts):
        for path in sorted((learned.folder / "models").rglob("*")):
            if path.is_file():
                link_or_copy(path, folder / "models" / path.relative_to(learned.folder / "models"))
    schemes = cards.schemes(desk.plan, made.segments)
    caveats = limits.limits(limits.read(desk.plan, history, tables, schemes, made.facts.empty_files))
    heavy = heavy_orders(made.facts.tables(desk.engine), desk.engine, history)
    story = replace(_story(desk, made, history, tables, run_id), caveats=caveats, heavy=heavy)
    headlines = {}
    for lang, name in _LANGUAGES.items():
        reports.build(story, folder / "report" / name, lang=lang)
        headlines[lang] = list(reports.headlines(story, lang=lang))
    manifest = _manifest(desk, made, history, tables) | {
        "run_id": run_id,
        "headlines": headlines,
        "realised": {lang: list(reports.realised_words(story.quality, lang)) for lang in _LANGUAGES},
        "limits": {"en": [one.text_en for one in caveats], "zh": [one.text_zh for one in caveats]},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")


_LINKED: Mapping[str, tuple[str, ...]] = {
    "features": ("features", "cohorts"),
    "segments": (
        "segments",
        "segment_definitions",
        "segment_profiles",
        "segment_rules",
        "segment_medoids",
        "segment_events",
        "preparation",
    ),
    "segment_stories": ("segment_categories", "segment_responses"),
    "migration": ("segment_moves",),
    "forecasts": ("forecasts", "calibration"),
    "next_categories": ("next_categories",),
    "explanations": ("explanations", "importances"),
    "decisions": ("decisions",),
    "realised": ("realised",),
}


def _profiles(snapshot: Made) -> pa.Table:
    there = known.columns_of(snapshot, "features")
    names = [name for name in _PEOPLE_READ if name in there]
    table = known.read(snapshot, "features", ["customer_id", *names, "as_of"])
    for name in _ALWAYS:
        if name not in names:
            table = table.append_column(name, pa.nulls(table.num_rows, pa.float64()))
    return table


def _quality(made: Stages, history: History) -> pa.Table:
    judges = (
        made.facts.made,
        made.segments,
        made.forecasts,
        made.next_categories,
        made.explanations,
        made.decisions,
        made.realised,
    )
    judged = pa.concat_tables([QUALITY.check(pq.read_table(judge.folder / "quality.parquet")) for judge in judges])
    return pa.concat_tables([judged, gates.ruled(made.features, judged, history)])


def _story(desk: Desk, made: Stages, history: History, tables: Path, run_id: str) -> ReportInput:
    def table(name: str) -> pa.Table:
        return pq.read_table(tables / f"{name}.parquet")

    return ReportInput(
        shop=desk.plan.name,
        currency=money.currency(desk, made.facts),
        as_of=history.as_of,
        run_id=run_id,
        first_day=history.first_day,
        last_day=_last_day(desk, made.facts, history),
        schemes=cards.schemes(desk.plan, made.segments),
        actions=cards.actions(desk),
        features=cards.features(),
        **{name: table(name) for name in reports.ASKED},
    )


def _manifest(desk: Desk, made: Stages, history: History, tables: Path) -> dict[str, Any]:
    profiles = pq.read_table(tables / "profiles.parquet", columns=["orders_count_lifetime", "net_revenue_sum_lifetime"])
    forecasts = pq.read_table(tables / "forecasts.parquet", columns=["horizon_days", "predicted_clv"])
    imported = made.facts.manifest
    return {
        "patron": VERSION,
        "shop": desk.plan.name,
        "scheme": cards.first_scheme(desk.plan, made.segments),
        "as_of": str(history.as_of),
        "first_day": str(history.first_day),
        "last_day": str(_last_day(desk, made.facts, history)),
        "currency": money.currency(desk, made.facts),
        "finished_at": now().isoformat(timespec="seconds"),
        "customers": profiles.num_rows,
        "orders": int(pc.sum(profiles["orders_count_lifetime"]).as_py() or 0),
        "net_revenue": _rounded(pc.sum(profiles["net_revenue_sum_lifetime"]).as_py()),
        "predicted_clv": _rounded(_forecast_sum(forecasts)),
        "predicted_clv_horizon_days": pc.min(forecasts["horizon_days"]).as_py(),
        "last_import": {name: imported[name] for name in ("imported_at", "rows_read", "identity")},
        "stages": made.keys,
        "tables": {path.stem: pq.ParquetFile(path).metadata.num_rows for path in sorted(tables.glob("*.parquet"))},
        "plan": desk.plan.model_dump(mode="json"),
    }


def _forecast_sum(forecasts: pa.Table) -> float | None:
    if not forecasts.num_rows:
        return None
    first = pc.min(forecasts["horizon_days"])
    total = pc.sum(forecasts.filter(pc.equal(forecasts["horizon_days"], first))["predicted_clv"]).as_py()
    return None if total is None else float(total)


def _rounded(amount: float | None) -> float | None:
    """Return an amount with the four decimals that money has; beyond them a sum of floats is noise."""
    return None if amount is None else round(float(amount), 4)


def _last_day(desk: Desk, facts: Facts, history: History) -> date:
    orders = facts.tables(desk.engine)["orders"]
    past = orders.filter(orders.status == "paid", orders.day < history.as_of)
    last = desk.engine.rows(past.agg(last=ibis._.day.max()))[0]["last"]
    return last if isinstance(last, date) else history.as_of
