"""The shop as its messages make it: seeded from its imports, scored by its current run, followed message by message."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import forecasts, segments, streaming
from patron.contracts.facts import FACTS
from patron.contracts.protocols import Watch
from patron.contracts.published import FORECASTS
from patron.engines.shelf import Shelf
from patron.features import Preparation
from patron.flow.plan import Plan
from patron.flow.run import Place
from patron.flow.stages import earlier
from patron.forecasts import ForecastModel
from patron.ground.dates import stopwatch
from patron.ground.errors import InputError, RunMissing
from patron.segments import SegmentModel
from patron.streaming import Live, Progress, Source, State, StreamSpec

OnChange = Callable[[dict[str, object]], None]
FOLDER = "live"
_SCORED_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Streamed:
    """What a `stream` did."""

    progress: Progress
    scored: int  # customers, each time that one was
    changes: int  # of segments


def stream(
    plan: Plan,
    place: Place,
    sources: Sequence[Source],
    spec: StreamSpec,
    *,
    watch: Watch,
    on_change: OnChange,
    follow: bool = False,
) -> Streamed:
    """Fold sources into a shop's live state; segments and forecasts follow, by the models of its current run.

    The first time, the state begins with the facts of the shop's imports. What should be known later has to come as
    messages. Without a finished run, facts and features follow, and nobody is scored.

    Args:
        plan: how days and money are counted, and which features are left out.
        place: where.
        sources: of messages.
        spec: how often what is read.
        watch: told of the progress.
        on_change: told of every change of a segment, once it is kept.
        follow: wait for more messages at the end, until the process is told to stop.
    """
    with opened(plan, place, watch) as state:
        run = _current(place.home)
        scorer = Scorer(state, run, spec, on_change) if run else None
        live = Live(state, _reading(plan, place, run), spec)

        def told(progress: Progress) -> None:
            watch.note(f"{progress.messages:,} messages, {progress.kept_aside:,} kept aside")
            if scorer:
                scorer.score_when_due()

        watch.begin("stream")
        live.run(
            sources,
            on_read=scorer.read if scorer else None,
            on_progress=told,
            on_settled=scorer.catch_up if scorer else lambda: None,
            follow=follow,
        )
        watch.end(row_count=live.progress.messages)
        return Streamed(live.progress, *((scorer.n_scored, scorer.n_changes) if scorer else (0, 0)))


def opened(plan: Plan, place: Place, watch: Watch) -> State:
    """Open a shop's live state; one that is new is seeded from the facts of the imports, where there are any."""
    state = State(
        place.home / "shelf" / FOLDER,
        leave_out=plan.features.leave_out,
        memory_limit=place.memory_limit,
        threads=place.threads,
    )
    key, facts = _facts(place.home)
    if state.as_of is None and facts:
        watch.begin("seed")
        streaming.seed(state, facts, key)
        settled = streaming.settle(state)
        watch.end(row_count=settled.customers)
    elif facts and state.said("seeded_from") != key:
        watch.tell(
            "The imports are not those that the live shop began with; what is new there is unknown to it.\n"
            f"Next: send it as messages, too, or remove {place.home / 'shelf' / FOLDER} to begin anew from the imports."
        )
    return state


def one_customer(state: State, customer_id: str) -> dict[str, Any]:
    """Return what is known of one customer: features, segments and forecasts.

    Raises:
        InputError: nobody of that pseudonym has bought.
    """
    state.engine.table(pa.table({"customer_id": [customer_id]}), "asked")
    rows = streaming.features_of(state, "asked").to_pylist()
    if not rows:
        raise InputError(
            f"Customer {customer_id!r} has not bought anything that is known.\n"
            "Next: give the pseudonym that stands in the run's tables."
        )
    now = {
        name: state.engine.answer(f"FROM {name}_now WHERE customer_id IN (FROM asked)")
        for name in ("segments", "forecasts")
    }
    return {"features": rows[0]} | {name: table.to_pylist() for name, table in now.items()}


class Scorer:
    """Segments and forecasts of touched customers, by the models of a finished run.

    Args:
        state: the live shop.
        run: the run's folder.
        spec: how often it scores.
        on_change: told of every change of a segment.
    """

    def __init__(self, state: State, run: Path, spec: StreamSpec, on_change: OnChange) -> None:
        self.state, self.run, self.spec, self.on_change = state, run, spec, on_change
        self.n_scored = self.n_changes = 0
        self._waiting: list[pa.Table] = []
        self._last = stopwatch()
        models = run / "models"
        self._segments = SegmentModel.load(models / "segments")
        self._preparation = Preparation.load(models / "preparation")
        horizons = sorted((path for path in models.glob("*d") if path.name[:-1].isdigit()), key=_days)
        self._forecasts = [ForecastModel.load(path) for path in horizons]
        self._begin()

    def _begin(self) -> None:
        said = json.loads((self.run / "manifest.json").read_text(encoding="utf-8"))
        knew = (said["stages"]["facts"], said["as_of"])
        knows = (self.state.said("seeded_from"), str(self.state.settled_as_of))
        tables = [pq.read_table(self.run / "tables" / f"{name}.parquet") for name in ("segments", "forecasts")]
        has_moved = self.state.engine.column("SELECT count(*) FROM positions")[0]
        up_to_date = knew == knows and not has_moved
        streaming.begin_standing(self.state, self.run.name, *tables, is_up_to_date=up_to_date)

    def read(self, rows: pa.Table) -> None:
        """Take the features of touched customers; they are scored when it is time."""
        self._waiting.append(rows.filter(pc.greater(rows["orders_count_lifetime"], 0)))

    def score_when_due(self) -> None:
        """Score whoever was touched, if the last time is long enough ago, and pass changes on."""
        if not self._waiting or stopwatch() - self._last < self.spec.score_seconds:
            return
        self.score(_latest(pa.concat_tables(self._waiting)))
        self._waiting.clear()
        self._last = stopwatch()
        self._pass_on()

    def catch_up(self) -> int:
        """Score everyone who still waits, once what is on disk is settled, and return how many were."""
        self._waiting.clear()
        before = self.n_scored
        while streaming.next_waiting(self.state, _SCORED_ROWS):
            self.score(streaming.features_of(self.state, "next_in_turn"))
            streaming.wait_no_longer(self.state)
        self._pass_on()
        return self.n_scored - before

    def score(self, rows: pa.Table) -> None:
        """Place and forecast customers by their features, one row each, and keep where they stand."""
        if not rows.num_rows:
            return
        said = [FORECASTS.check(forecasts.apply(model, rows)) for model in self._forecasts]
        told = pa.concat_tables([FORECASTS.empty(), *forecasts.agree(said)])
        known = _with_value(rows, told)
        placed = segments.apply(self._segments, known, self._preparation.transform(known))
        streaming.stand(self.state, placed, told)
        self.n_scored += rows.num_rows

    def _pass_on(self) -> None:
        """Tell of the changes that were not told of, and keep up to which they were."""
        told = int(self.state.said("told", 0))
        new = streaming.changes_since(self.state, told)
        for change in new.to_pylist():
            self.on_change({"type": "segment changed", **change})
        if new.num_rows:
            self.n_changes += new.num_rows
            self.state.say("told", told + new.num_rows)


def _latest(rows: pa.Table) -> pa.Table:
    """Return the last row of each customer."""
    numbered = rows.append_column("_turn", pa.array(range(rows.num_rows)))
    last = numbered.group_by("customer_id").aggregate([("_turn", "max")])["_turn_max"]
    return rows.take(last)


def _with_value(rows: pa.Table, told: pa.Table) -> pa.Table:
    """Add the forecast of the longest horizon in money, which some schemes look at."""
    said = told.filter(pc.is_valid(told["predicted_clv"])).select(["customer_id", "horizon_days", "predicted_clv"])
    if not said.num_rows:
        return rows
    longest = said.filter(pc.equal(said["horizon_days"], pc.max(said["horizon_days"]))).drop_columns(["horizon_days"])
    return rows.join(longest, "customer_id", join_type="left outer").sort_by("customer_id")


def _days(path: Path) -> int:
    return int(path.name[:-1])


def _current(home: Path) -> Path | None:
    try:
        return Shelf(home / "shelf").run_folder()
    except RunMissing:
        return None


def _facts(home: Path) -> tuple[str, dict[str, Path]]:
    """Return the key of the facts of the imports so far, and their files by table."""
    shelf = Shelf(home / "shelf")
    key = shelf.pointed(earlier.POINTER) or ""
    files = {name: shelf.root / "facts" / key / f"{name}.parquet" for name in FACTS} if key else {}
    return key, {name: path for name, path in files.items() if path.exists()}


def _reading(plan: Plan, place: Place, run: Path | None) -> streaming.Reading:
    currency = plan.records.currency
    if not currency and run:
        currency = str(json.loads((run / "manifest.json").read_text(encoding="utf-8"))["currency"])
    return streaming.Reading(plan.records.zone, currency, place.pseudonym_key)
