"""A finished run as SQL: the same tiles, features and segments where the data already lie."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import features, segments
from patron.contracts.facts import FACTS
from patron.contracts.published import FORECASTS
from patron.engines.dialects import create_table
from patron.features import AS_THEY_ARE, Preparation, Tiles
from patron.ground.errors import PlanError, RunMissing
from patron.segments import SegmentModel

PARTS = ("tiles", "features", "segments")
_TILES, _FEATURES, _SEGMENTS, _FORECASTS = "tiles_{}", "features", "segments", "forecasts"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the facts can answer, as `features.answerable` says it, and which features the Plan leaves out."""

    capabilities: frozenset[str]
    signals: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()


def compile_run(
    run: Path, dialect: str, *, as_of: date | None = None, scheme: str = "", parts: Sequence[str] = PARTS
) -> str:
    """Return a script that makes a run's tables in a warehouse.

    It reads fact tables with the names and columns of docs/dictionary/tables.md, and makes `tiles_…`, `features` and
    `segments`: those columns for which the run's facts held values, and segments by the thresholds and the cut that
    the run has learned. A scheme that looks at the forecast reads the run's table `forecasts` too.

    Args:
        run: the run's folder.
        dialect: one of `patron.engines.dialects.DIALECTS`.
        as_of: facts dated before this local day are known; None: the run's own.
        scheme: whose segments; empty: the one the run speaks of first.
        parts: of `PARTS`, those that are wanted; the script expects the others to be there.

    Raises:
        PlanError: there is no such dialect, part or scheme.
        InputError: the learned cut is not a formula that a database can run.
        RunMissing: what the run was made of is no longer on the shelf.
    """
    if wrong := [part for part in parts if part not in PARTS]:
        raise PlanError.unknown_choice("Part of the script", wrong[0], PARTS)
    said = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    answers = _answers(run, said)
    day = as_of or date.fromisoformat(said["as_of"])
    tables = known_tables(answers, day)
    known = tables[_FEATURES][_FEATURES]
    kept = {name: steps for name, steps in tables.items() if ("features" if name == _FEATURES else "tiles") in parts}
    if "segments" in parts:
        kept[_SEGMENTS] = _placed(run, _standing(_FEATURES, known), scheme or said["scheme"])
    written = [create_table(name, steps, dialect) for name, steps in kept.items()]
    return "\n\n".join([_headed(run, dialect, day), *written])


def known_tables(answers: Answers, as_of: date) -> dict[str, Mapping[str, ir.Table]]:
    """Return the tiles and the features as tables to be made in this order, each of one step that has its name."""
    tiled = _tiled(answers)
    made = {name: table for name, table in tiled.items() if name not in AS_THEY_ARE}
    standing = {name: _standing(_TILES.format(name) if name in made else name, tiled[name]) for name in tiled}
    known = features.build(Tiles(standing, answers.capabilities, answers.signals), as_of, answers.leave_out)
    tiles = {_TILES.format(name): {name: table} for name, table in made.items()}
    return {**tiles, _FEATURES: {_FEATURES: known}}


def _answers(run: Path, said: Mapping[str, Any]) -> Answers:
    folder = run.parent.parent / "tiles" / str(said["stages"]["tiles"])
    if not folder.exists():
        raise RunMissing(f"{folder} is gone: what run {run.name} was made of is not known.\nNext: `patron run` again.")
    capabilities, signals = features.answerable(folder)
    return Answers(capabilities, signals, tuple(said["plan"]["features"]["leave_out"]))


def _tiled(answers: Answers) -> Mapping[str, ir.Table]:
    facts = {name: ibis.table(ibis.schema(contract.types), name=name) for name, contract in FACTS.items()}
    return features.tile(facts, answers.capabilities, answers.signals).tables


def _standing(name: str, table: ir.Table) -> ir.Table:
    """Return a table that an earlier statement has made, or that was there."""
    return ibis.table(table.schema(), name=name)


def _placed(run: Path, known: ir.Table, scheme: str) -> dict[str, ir.Table]:
    model = SegmentModel.load(run / "models" / "segments")
    first = {}
    if segments.reads_forecast(model, scheme):
        first = {"known": _with_forecast(run, known)}
        known = _standing("known", first["known"])

    def prepare(table: ir.Table) -> dict[str, ir.FloatingValue]:
        return features.prepared_columns(Preparation.load(run / "models" / "preparation"), table)

    return first | segments.segment_steps(model, scheme, known, prepare)


def _with_forecast(run: Path, known: ir.Table) -> ir.Table:
    """Join the forecast that the run read: that of the longest horizon that it published in money."""
    said = pq.read_table(run / "tables" / "forecasts.parquet", columns=["horizon_days", "predicted_clv"])
    days = pc.max(said.filter(pc.is_valid(said["predicted_clv"]))["horizon_days"]).as_py()
    forecasts = ibis.table(ibis.schema(FORECASTS.types), name=_FORECASTS)
    longest = forecasts.filter(forecasts.horizon_days == days).select("customer_id", "predicted_clv")
    return known.left_join(longest, "customer_id").drop("customer_id_right")


def _headed(run: Path, dialect: str, day: date) -> str:
    return (
        f"-- Patron, run {run.name}, {dialect}: what was known before {day}.\n"
        "-- Reads the fact tables of docs/dictionary/tables.md; makes its own tables anew."
    )
