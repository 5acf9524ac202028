"""What the judgement of the next category says, as rows of the published table `quality`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from patron.contracts.gates import gates, rule
from patron.contracts.published import QUALITY
from patron.forecasts.contenders import NAIVE
from patron.forecasts.grades import POINTS
from patron.forecasts.next_category.contenders import FORMULAS
from patron.forecasts.next_category.judgement import BETTER, JudgedCategories, Judgement
from patron.ground.errors import NotEnoughData

_ROOM = "forecasts"
_TARGET = "next_category"
_WORDS = {"A": "good", "B": "good", "C": "fair", "D": "info"}


def evaluate_categories(judged: JudgedCategories) -> pa.Table:
    """Return the judgement as rows of the `quality` table.

    One row per measure × contender at the held-out origin, slice `{horizon}d/next_category/{model}`, `baseline` the
    naive formula's; one for the champion, one for its grade, and its gate.
    """
    where, lead = f"{judged.horizon_days}d/{_TARGET}", judged.crowned.difference
    numbers = (lead.value, lead.lower, lead.upper) if lead else (None, None, None)
    word = "info" if judged.crowned.model in FORMULAS else "good"
    graded, why = judged.grade, f"; {judged.grade.reason}" if judged.grade.reason else ""
    facts = {"origins": float(judged.origins), "origin_customers": float(judged.customers)}
    rows = [
        *(_measured(one, where, used=one.model == judged.crowned.model) for one in judged.judgements),
        _row("champion", where, (*numbers, 0.0), f"{word}: {judged.crowned.model}. {judged.crowned.reason}"),
        _row(
            "grade", where, (POINTS[graded.letter], None, None, None), f"{_WORDS[graded.letter]}: {graded.letter}{why}"
        ),
        rule(gates()["next_categories"], facts).row(_ROOM, f"{judged.horizon_days}d/"),
    ]
    return QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema))


def refuse_categories(horizon_days: int, error: NotEnoughData) -> pa.Table:
    """Return the row of the `quality` table that says why no category was forecast."""
    row = _row("refused", f"{horizon_days}d/next_categories", (None,) * 4, f"refused: {error}")
    reason = json.dumps({"key": error.key, **error.numbers})
    return QUALITY.check(pa.Table.from_pylist([{**row, "reason": reason}], schema=QUALITY.schema))


def _measured(one: Judgement, where: str, *, used: bool) -> Mapping[str, Any]:
    numbers = (one.it.value, one.it.lower, one.it.upper, one.naive)
    return _row(one.measure, f"{where}/{one.model}", numbers, _verdict(one, used=used))


def _verdict(one: Judgement, *, used: bool) -> str:
    if not used:
        return "info: not used"
    if one.model == NAIVE:
        return "fair: the naive formula itself is used"
    lead = (one.it.value - one.naive) * BETTER.get(one.measure, -1)
    if lead > 0:
        return "good: better than the naive formula"
    return "fair: as good as the naive formula" if lead == 0 else "poor: worse than the naive formula"


def _row(measure: str, where: str, numbers: tuple[float | None, ...], verdict: str) -> dict[str, Any]:
    names = ("value", "lower", "upper", "baseline")
    return {
        "room": _ROOM,
        "measure": measure,
        "slice": where,
        "verdict": verdict,
        **dict(zip(names, numbers, strict=True)),
    }
