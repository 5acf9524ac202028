"""The cut before this one: which run it is read from, and how it places today's customers.

That is the newest finished run as of this day or an earlier one. A run that was made of the same inputs before is not
its own predecessor: it is made after the same run again, so that it comes out the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from patron.contracts.cards import SchemeCard
from patron.features import Preparation
from patron.flow.desk import Desk
from patron.flow.stages import finished_runs
from patron.flow.stages.finished_runs import FinishedRun
from patron.ground.errors import InputError, UnreadableFile
from patron.segments import Before, SegmentModel

_FILE = "succession.json"


@dataclass(frozen=True, slots=True)
class Predecessor:
    """What a refit of segments follows.

    Args:
        inputs_key: key of everything the refit depends on besides this.
        run: the run whose cut is in use so far; None: there is none.
        used_keys: the keys that segments of this shop's runs had by then.
    """

    inputs_key: str
    run: FinishedRun | None
    used_keys: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, tuple[str, ...]]:
        """What of it becomes part of the stage's key."""
        return (self.run.id if self.run else "", self.used_keys)

    def write(self, folder: Path) -> None:
        """Leave a note of it beside the model."""
        said = {"inputs_key": self.inputs_key, "after": self.run and self.run.id, "used_keys": self.used_keys}
        (folder / _FILE).write_text(json.dumps(said, indent=1), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Placed:
    """The cut so far and its own preparation, with today's customers in its prepared units and segments."""

    before: Before
    preparation: Preparation
    prepared: Any


def find(desk: Desk, as_of: date, inputs_key: str) -> Predecessor:
    """Find what a refit follows."""
    runs = finished_runs.up_to(desk, as_of)
    notes = [(run, _note(run)) for run in runs]
    again = next((note for _, note in notes if note.get("inputs_key") == inputs_key), None)
    every = {run.id: run for run in runs}
    if again is not None and (again["after"] is None or again["after"] in every):
        return Predecessor(inputs_key, every.get(again["after"]), tuple(again["used_keys"]))
    return Predecessor(inputs_key, runs[-1] if runs else None, _used_keys(finished_runs.all_of(desk)))


def columns(found: Predecessor) -> Sequence[str]:
    """Return the features that the cut so far reads."""
    try:
        return _preparation(found.run).columns_ if found.run else ()
    except UnreadableFile:
        return ()


def place(found: Predecessor, table: pa.Table) -> tuple[Placed | None, str]:
    """Let the cut so far place today's customers; where it cannot, return why."""
    if found.run is None:
        return None, ""
    try:
        model, preparation = SegmentModel.load(found.run.models / "segments"), _preparation(found.run)
        prepared = preparation.transform(table)
        names = [str(name) for name in preparation.get_feature_names_out()]
        return Placed(Before.place(found.run.id, model, prepared, names), preparation, prepared), ""
    except (UnreadableFile, InputError) as error:
        return None, f"the cut of run {found.run.id} cannot place today's customers: {str(error).splitlines()[0]}"


def _preparation(run: FinishedRun) -> Preparation:
    return Preparation.load(run.models / "preparation")


def _note(run: FinishedRun) -> Mapping[str, Any]:
    path = run.models / "segments" / _FILE
    said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return said


def _used_keys(runs: Sequence[FinishedRun]) -> tuple[str, ...]:
    """Return the keys of every learned segment that these runs published, or were about to."""
    return tuple(sorted({segment.key for run in runs for card in cards_of(run) for segment in card.segments}))


def cards_of(run: FinishedRun) -> tuple[SchemeCard, ...]:
    """Return a run's schemes as people saw them; none where this version cannot read its model."""
    try:
        return SegmentModel.load(run.models / "segments").cards
    except UnreadableFile:
        return ()
