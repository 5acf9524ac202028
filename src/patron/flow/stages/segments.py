"""What is known to segments: prepare, learn, place everyone in every scheme, and say what sets each segment apart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from patron import segments
from patron.contracts.cards import SchemeCard, SegmentCard
from patron.contracts.catalogue import declared, is_plain
from patron.features import Preparation
from patron.flow.desk import Desk, Made
from patron.flow.own_schemes import own_schemes
from patron.flow.stages import known, segment_worth, succession
from patron.flow.stages.known import Past
from patron.flow.stages.segment_worth import Judging
from patron.flow.stages.succession import Predecessor
from patron.ground.seeds import derive
from patron.reports import PREPARATION
from patron.segments import HeldOutWorth, Scheme, SegmentModel, SegmentSpec, Succession, Taught

FloatArray = NDArray[np.float64]

_READ = (
    "customer_id",
    "as_of",
    "days_since_last_order",
    "days_since_first_order",
    "orders_count_lifetime",
    "net_revenue_sum_lifetime",
    "order_gap_days_mean_lifetime",
    "order_gap_days_max_lifetime",
    "order_value_mean_lifetime",
    *segments.NAMED_BY,
)
_NAME, _ROOMS = "stages/segments", ("segments", "features")
_CARDS = "cards.json"
_PROFILED_CUSTOMERS = 50_000
_POSITION = "position"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the Plan asks for, the choices and the shop's own schemes; and the past that answers are judged by."""

    spec: SegmentSpec
    own: tuple[Scheme, ...]
    trained: Mapping[int, Past]
    forecast: Made


def make(desk: Desk, snapshot: Made, trained: Mapping[int, Past], forecast: Made, as_of: date) -> Made:
    """Segment every customer; the preparation and the cut are learned from a sample, everyone is placed.

    Where a refit changes the learned segments and the Plan does not confirm it, the cut so far places everyone.

    Args:
        desk: the run's.
        snapshot: today's features.
        trained: by horizon, past customers with what they then did, which the learned cut is judged by.
        forecast: the forecasts.
        as_of: today.
    """
    spec = _with_first(desk.plan.segments, desk.plan.scheme)
    own = own_schemes(spec.rules, desk.home)
    inputs = (
        snapshot.key,
        forecast.key,
        [past.made.key for past in trained.values()],
        spec.model_dump(mode="json"),
        [scheme.said for scheme in own],
        desk.plan.confirmed_change,
        desk.plan.features.fewest_present,
        desk.plan.seed,
    )
    after = succession.find(desk, as_of, desk.key(_NAME, _ROOMS, inputs))

    def fill(folder: Path) -> int:
        table = _read(desk, snapshot, forecast, succession.columns(after))
        cut, preparation, prepared = _learned(desk, snapshot, table, after, _Asked(spec, own, trained, forecast))
        desk.watch.note("placing every customer")
        placed = segments.apply(cut.model, table, prepared)
        pq.write_table(placed, folder / "segments.parquet", compression="zstd")
        pq.write_table(cut.events, folder / "segment_events.parquet")
        plain = _plain(snapshot)
        drawn = derive(desk.plan.seed, "segments", "profiles")
        profiled = segments.build_profiles(placed, plain, cut.model.cards, seed=drawn)
        pq.write_table(profiled, folder / "segment_profiles.parquet")
        pq.write_table(segments.build_medoids(placed, plain, cut.model.cards), folder / "segment_medoids.parquet")
        rules = _rules(placed, table, cut, preparation, derive(desk.plan.seed, "segments", "rules"))
        pq.write_table(rules, folder / "segment_rules.parquet")
        pq.write_table(segments.evaluate(cut.model, placed), folder / "quality.parquet")
        pq.write_table(_choices(preparation), folder / "preparation.parquet")
        told = [segments.with_rules(card, rules) for card in cut.model.cards]
        pq.write_table(segments.build_definitions(told, as_of), folder / "segment_definitions.parquet")
        _save(folder, cut.model, preparation, told)
        after.write(folder / "models" / "segments")
        return int(placed.num_rows)

    return desk.stage(_NAME, _ROOMS, (*inputs, after.inputs), fill)


def _read(desk: Desk, snapshot: Made, forecast: Made, before: Sequence[str]) -> pa.Table:
    """Read what the rules, the cut to be learned and the cut so far look at."""
    there = known.columns_of(snapshot, "features")
    wanted = [name for name in dict.fromkeys((*_READ, *desk.plan.segments.features, *before)) if name in there]
    return _with_forecast(known.read(snapshot, "features", wanted), forecast)


def _learned(
    desk: Desk, snapshot: Made, table: pa.Table, after: Predecessor, asked: _Asked
) -> tuple[Succession, Preparation, FloatArray]:
    """Learn a preparation and a cut, and give its segments their identity; return what is to place everyone."""
    spec, seed = asked.spec, derive(desk.plan.seed, "segments")
    there = known.columns_of(snapshot, "features")
    looked_at = [name for name in spec.features if name in there]

    def learn(known_then: pa.Table) -> Preparation:
        part = _at_least_two(_drawn(known_then, spec.learning_customers))
        fewest = desk.plan.features.fewest_present
        return Preparation(columns=looked_at, fewest_present=fewest, random_state=seed).fit(part)

    gap_days = _gaps(snapshot)
    judging = Judging(asked.trained, asked.forecast, asked.own, gap_days)
    past = segment_worth.read(desk, judging, (*_READ, *looked_at))

    def judged(how: SegmentSpec, k: int | None = None) -> HeldOutWorth | None:
        return segment_worth.judge(desk, judging, past, how, lambda then: learn(then).transform, k)

    best = judged(spec) if spec.method == "auto" else None
    spec = spec if best is None else spec.model_copy(update={"method": best.method})
    preparation = learn(table)
    prepared = preparation.transform(table)
    desk.watch.note("choosing the number of segments")
    taught = _taught(past.latest, preparation)
    refit = segments.fit(table, prepared, spec, gap_days=gap_days, own_schemes=asked.own, taught=taught)
    if refit.learned.segmenter is not None:
        made = spec.model_copy(update={"method": refit.learned.method})
        held = judged(made, len(refit.learned.card.segments))
        refit = segments.prove(refit, spec, held if held is None or best is None else held.chosen_by(best))
    so_far, why_not = succession.place(after, table)
    cut = segments.succeed(
        refit,
        prepared,
        so_far.before if so_far else None,
        used_keys=after.used_keys,
        confirmed=desk.plan.confirmed_change,
        why_not=why_not,
        names=[str(name) for name in preparation.get_feature_names_out()],
    )
    if cut.is_held and so_far is not None:
        return cut, so_far.preparation, so_far.prepared
    return cut, preparation, prepared


def _taught(latest: pa.Table | None, preparation: Preparation) -> Taught | None:
    return None if latest is None else Taught(preparation.transform(latest), segments.future_value(latest))


def cards(made: Made) -> tuple[SchemeCard, ...]:
    """Return the schemes as people see them."""
    said: list[dict[str, Any]] = json.loads((made.folder / _CARDS).read_text(encoding="utf-8"))
    return tuple(
        SchemeCard(**{**card, "segments": tuple(SegmentCard(**each) for each in card["segments"])}) for card in said
    )


def _with_first(spec: SegmentSpec, scheme: str) -> SegmentSpec:
    """Add the scheme that the Plan speaks of first to those that are read, where it is a shipped one."""
    shipped = {name: it.name for it in segments.shipped_schemes() for name in (it.name, it.card.key)}
    wanted = (*spec.rules.schemes, *([shipped[scheme]] if scheme in shipped else []))
    rules = spec.rules.model_copy(update={"schemes": tuple(dict.fromkeys(wanted))})
    return spec.model_copy(update={"rules": rules})


def _with_forecast(table: pa.Table, forecast: Made) -> pa.Table:
    """Add the forecast for the longest horizon that is published in money, where there is one."""
    said = pq.read_table(
        forecast.folder / "forecasts.parquet", columns=["customer_id", "horizon_days", "predicted_clv"]
    )
    said = said.filter(pc.is_valid(said["predicted_clv"]))
    if not said.num_rows:
        return table
    longest = said.filter(pc.equal(said["horizon_days"], pc.max(said["horizon_days"]))).drop_columns(["horizon_days"])
    return table.join(longest, "customer_id", join_type="left outer").sort_by("customer_id")


def _drawn(table: pa.Table, most: int) -> pa.Table:
    """Take every n-th customer: pseudonyms are random, so that any regular draw is a random one."""
    step = max(1, table.num_rows // most)
    return table.take(pa.array(range(0, table.num_rows, step)))


def _at_least_two(table: pa.Table) -> pa.Table:
    """Show a single customer twice: spread cannot be learned from one row, and it is none either way."""
    return pa.concat_tables([table, table]) if table.num_rows == 1 else table


def _gaps(snapshot: Made) -> tuple[float, float, float] | None:
    row = known.read(snapshot, "gaps").to_pylist()[0]
    found = tuple(row[name] for name in ("gap_days_p50", "gap_days_p80", "gap_days_p95"))
    return None if None in found else (float(found[0]), float(found[1]), float(found[2]))


def _plain(snapshot: Made) -> pa.Table:
    """Read the features that speak for themselves; a draw of the customers says as much as all of them."""
    there = known.columns_of(snapshot, "features")
    plain = [feature.name for feature in declared() if is_plain(feature) and feature.name in there]
    return _drawn(known.read(snapshot, "features", ["customer_id", *plain]), _PROFILED_CUSTOMERS)


def _rules(placed: pa.Table, table: pa.Table, cut: Succession, preparation: Preparation, seed: int) -> pa.Table:
    """Say the learned segments as rules on what the cut looks at, from a draw of the customers."""
    card = cut.model.learned.card
    mine = placed.filter(pc.equal(placed["scheme"], card.key))
    positions = pc.index_in(mine["segment_key"], pa.array([segment.key for segment in card.segments]))
    told = _drawn(table.append_column(_POSITION, positions), _PROFILED_CUSTOMERS)
    return segments.build_rules(told, preparation.columns_, told[_POSITION].to_numpy(), card, seed=seed)


def _choices(preparation: Preparation) -> pa.Table:
    rows = [choice._asdict() for choice in preparation.decisions_]
    return PREPARATION.check(pa.Table.from_pylist(rows, schema=PREPARATION.schema))


def _save(folder: Path, model: SegmentModel, preparation: Preparation, told: Sequence[SchemeCard]) -> None:
    home = folder / "models"
    home.mkdir()
    model.save(home / "segments")
    preparation.save(home / "preparation")
    (folder / _CARDS).write_text(json.dumps([asdict(card) for card in told], ensure_ascii=False), encoding="utf-8")
