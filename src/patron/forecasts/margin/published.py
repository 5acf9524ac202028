"""What the judgement of the margin says, as rows of the published table `quality`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from patron.contracts.published import QUALITY
from patron.forecasts.grades import POINTS
from patron.forecasts.intervals import Coverage
from patron.forecasts.margin.contenders import FORMULAS
from patron.forecasts.margin.judgement import JudgedMargin

_ROOM = "forecasts"
_WORDS = {"A": "good", "B": "good", "C": "fair", "D": "info"}


def evaluate_margin(judged: JudgedMargin, horizon_days: int) -> pa.Table:
    """Return the judgement as rows of the `quality` table, slice `{horizon}d/margin/{model}`."""
    where = f"{horizon_days}d/margin"
    champion, lead, graded = judged.champion, judged.champion.difference, judged.grade
    rows = [
        _row(
            one.measure,
            f"{where}/{one.model}",
            (one.value, one.lower, one.upper, one.baseline),
            "info: judged" if one.model == champion.model else "info: not used",
        )
        for one in judged.judgements
    ]
    rows += [_covered(one, where) for one in judged.coverage if one.level == judged.coverage[0].level]
    numbers = (lead.value, lead.lower, lead.upper, 0.0) if lead else (None, None, None, 0.0)
    word = "info" if champion.model in FORMULAS else "good"
    why = f"; {graded.reason}" if graded.reason else ""
    rows += [
        _row("champion", where, numbers, f"{word}: {champion.model}. {champion.reason}"),
        _row(
            "grade", where, (POINTS[graded.letter], None, None, None), f"{_WORDS[graded.letter]}: {graded.letter}{why}"
        ),
    ]
    return QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema))


def _covered(it: Coverage, where: str) -> dict[str, Any]:
    part = "all" if it.tier is None else f"quarter {it.tier} of 4 by forecast"
    said = f"info: {it.value:.1%} of outcomes inside {it.level:.0%} intervals ({it.promised:.1%} promised); {it.how}"
    return _row("interval_coverage", f"{where}/{part}", (it.value, it.lower, it.upper, it.level), said)


def _row(measure: str, where: str, numbers: tuple[float | None, ...], verdict: str) -> dict[str, Any]:
    plain = [None if number is None or not np.isfinite(number) else number for number in numbers]
    told = dict(zip(("value", "lower", "upper", "baseline"), plain, strict=True))
    return {"room": _ROOM, "measure": measure, "slice": where, **told, "verdict": verdict}
