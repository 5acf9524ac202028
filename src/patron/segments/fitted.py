"""A fitted segmentation, and how it lies on disk: one JSON file, rebuilt field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from patron.contracts.cards import SchemeCard
from patron.ground.errors import PlanError, UnreadableFile
from patron.segments import definitions, rules
from patron.segments.definitions import Ladders
from patron.segments.judgement import Judgement
from patron.segments.learned import LearnedCut
from patron.segments.methods.lifecycle import LifecycleDays
from patron.segments.rules import Rules

FORMAT = 3
_FILE = "segments.json"


@dataclass(frozen=True, slots=True)
class SegmentModel:
    """Everything `apply` needs: score thresholds, schemes, lifecycle days, tier edges, and the learned cut.

    `cut_as_of` is the day the learned cut is from; an earlier one than `learned_as_of` where an earlier cut is kept.
    """

    learned_as_of: date
    cut_as_of: date
    rules: Rules
    ladders: Ladders
    learned: LearnedCut
    judgements: tuple[Judgement, ...]

    @property
    def cards(self) -> tuple[SchemeCard, ...]:
        """Every scheme with its definition in this shop and its segments, in English and Chinese."""
        return (*definitions.cards(self.rules, self.ladders), self.learned.card)

    @property
    def tier_by(self) -> str:
        """What value tiers are made of: "predicted_clv", "net_revenue" or "orders"."""
        return self.ladders.tier_by

    def save(self, folder: Path) -> None:
        """Write the model to `folder`, which is made if needed, as one JSON file; nothing in it is code."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"format": FORMAT, **self._parts()}, indent=1, ensure_ascii=False)
        (folder / _FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> SegmentModel:
        """Read a model written by `save`.

        Raises:
            UnreadableFile: the folder does not hold one, or one of another format.
        """
        try:
            parts = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            if parts["format"] != FORMAT:
                raise UnreadableFile(f"{folder / _FILE} has format {parts['format']}; this Patron reads {FORMAT}.")
            return cls._from_parts(parts)
        except (OSError, KeyError, TypeError, ValueError, PlanError) as error:
            raise UnreadableFile(f"{folder} does not hold a whole segment model: {error}.\nNext: run again.") from error

    def _parts(self) -> dict[str, Any]:
        days = self.ladders.lifecycle
        return {
            "learned_as_of": self.learned_as_of.isoformat(),
            "cut_as_of": self.cut_as_of.isoformat(),
            "rules": rules.to_parts(self.rules),
            "lifecycle_days": [days.at_risk_after_days, days.dormant_after_days, days.churned_after_days],
            "tier_by": self.tier_by,
            "tier_edges": list(self.ladders.tier_edges),
            "percentile_edges": list(self.ladders.percentile_edges),
            "learned": self.learned.to_parts(),
            "judgements": [
                [it.measure, it.slice, it.value, it.verdict, it.lower, it.upper, it.baseline, it.reason]
                for it in self.judgements
            ],
        }

    @classmethod
    def _from_parts(cls, parts: Mapping[str, Any]) -> SegmentModel:
        return cls(
            date.fromisoformat(parts["learned_as_of"]),
            date.fromisoformat(parts.get("cut_as_of", parts["learned_as_of"])),
            rules.from_parts(parts["rules"]),
            Ladders(
                LifecycleDays(*parts["lifecycle_days"]),
                str(parts["tier_by"]),
                tuple(float(edge) for edge in parts["tier_edges"]),
                tuple(float(edge) for edge in parts["percentile_edges"]),
            ),
            LearnedCut.from_parts(parts["learned"]),
            tuple(Judgement(*values) for values in parts["judgements"]),
        )
