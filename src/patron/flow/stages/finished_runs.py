"""Finished runs of this shop: what they published and learned, for the runs after them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from patron.flow.desk import Desk


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """One finished run, wherever it is in time."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its id."""
        return self.folder.name

    @property
    def as_of(self) -> date:
        """The day it is as of."""
        return date.fromisoformat(self.manifest["as_of"])

    @property
    def tables(self) -> Path:
        """The folder of its tables."""
        return self.folder / "tables"

    @property
    def models(self) -> Path:
        """The folder of what it learned."""
        return self.folder / "models"


def all_of(desk: Desk) -> tuple[FinishedRun, ...]:
    """Return every finished run, the earliest as_of first; of one day, the one made first."""
    folders = [desk.shelf.root / "runs" / name for name in desk.shelf.run_ids()]
    runs = [FinishedRun(path, json.loads((path / "manifest.json").read_text(encoding="utf-8"))) for path in folders]
    return tuple(sorted(runs, key=lambda run: run.as_of))


def up_to(desk: Desk, day: date) -> Sequence[FinishedRun]:
    """Return the runs as of that day or an earlier one whose amounts are in this Plan's currency."""
    mine = desk.plan.records.currency
    alike = [run for run in all_of(desk) if run.manifest["plan"]["records"].get("currency") == mine]
    return [run for run in alike if run.as_of <= day]
