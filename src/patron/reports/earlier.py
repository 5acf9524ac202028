"""Earlier runs' forecasts whose time is over: what they said, what came, and whether they still hold."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from patron.reports.backtest import TARGETS
from patron.reports.reading import Reading
from patron.reports.tenths import Tenths
from patron.reports.voice import Voice

MONEY = "net_revenue"
ROOM, _CHECK = "realised", "forecast_check"
_NOTHING, _AS_PROMISED, _RETRAIN = "realised_nothing_", "realised_as_promised", "realised_retrain_"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One measure of what became of a forecast, beside what its check had promised; `moved` names the part that did."""

    measure: str
    target: str
    value: float | None
    lower: float | None
    upper: float | None
    promised: float | None
    moved: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier run's forecast of one horizon; `verdict` is the key of what is said of it."""

    horizon_days: int
    run_id: str
    origin: date
    until: date
    verdict: str
    tenths: dict[str, Tenths]  # by target, money first
    judgements: tuple[Judgement, ...]

    @property
    def holds(self) -> bool:
        """Whether it came true within what its check had promised."""
        return not self.verdict.startswith(_RETRAIN)

    def of(self, measure: str, target: str) -> Judgement | None:
        """Return one measure of one target; None where it was not measured."""
        return next((one for one in self.judgements if (one.measure, one.target) == (measure, target)), None)


def realised_words(quality: pa.Table, lang: str) -> tuple[str, ...]:
    """Return a sentence for each earlier forecast that has come due; where none has, when the first will."""
    voice = Voice.of(lang, "")
    return tuple(voice.why(row["verdict"], row["reason"]) for row in _checks(quality))


def not_due(reading: Reading) -> str:
    """Say from which day on it can be told what came true; empty where something has come due, or never will."""
    return "".join(
        reading.voice.why(row["verdict"], row["reason"])
        for row in _checks(reading.story.quality)
        if _key(row["reason"]).startswith(_NOTHING)
    )


def come_due(reading: Reading) -> tuple[Earlier, ...]:
    """Return the earlier forecasts that have come due: that of the report's horizon first, then the longest."""
    rows = [row for row in reading.story.quality.to_pylist() if row["room"] == ROOM]
    told = [row for row in rows if row["measure"] == _CHECK and not _key(row["reason"]).startswith(_NOTHING)]
    found = [_earlier(reading, row, rows) for row in told]
    main = reading.customers.horizon_days
    return tuple(sorted(found, key=lambda one: (one.horizon_days != main, -one.horizon_days)))


def opening(reading: Reading, one: Earlier) -> str:
    """Say what was forecast and what came, in the total of the first target."""
    voice, target = reading.voice, next(iter(one.tenths))
    said, came = (total(reading, target, value) for value in (one.tenths[target].told, one.tenths[target].came))
    facts = {"origin": voice.day(one.origin), "days": voice.days(one.horizon_days), "said": said, "came": came}
    return voice.say("realised.opening", **facts)


def total(reading: Reading, target: str, value: float) -> str:
    """Write what all customers of a forecast come to together."""
    voice = reading.voice
    if target == MONEY:
        return voice.money_short(value)
    return voice.counted("order" if target == "orders" else "customer", value)


def _earlier(reading: Reading, check: dict[str, Any], rows: Iterable[dict[str, Any]]) -> Earlier:
    days, said = int(check["slice"].removesuffix("d")), json.loads(check["reason"])
    start = f"{days}d/"
    mine = [row for row in reading.story.realised.to_pylist() if row["horizon_days"] == days]
    tenths = {target: _tenths(mine, target) for target in TARGETS if any(row["target"] == target for row in mine)}
    judged = [_judgement(row, start) for row in rows if row["slice"].startswith(start)]
    origin, until = (date.fromisoformat(said[name]) for name in ("origin", "until"))
    run_id = mine[0]["run_id"] if mine else ""
    return Earlier(days, run_id, origin, until, said["key"], tenths, tuple(judged))


def _tenths(rows: list[dict[str, Any]], target: str) -> Tenths:
    mine = sorted((row for row in rows if row["target"] == target), key=lambda row: row["decile"])
    names = ("decile", "customer_count", "mean_predicted", "mean_actual")
    return Tenths(*([row[name] for row in mine] for name in names))


def _judgement(row: dict[str, Any], start: str) -> Judgement:
    key = _key(row["reason"])
    moved = "" if key == _AS_PROMISED else key.removeprefix("realised_")
    return Judgement(
        row["measure"],
        row["slice"].removeprefix(start),
        row["value"],
        row["lower"],
        row["upper"],
        row["baseline"],
        moved,
    )


def _checks(quality: pa.Table) -> list[dict[str, Any]]:
    return [row for row in quality.to_pylist() if (row["room"], row["measure"]) == (ROOM, _CHECK)]


def _key(reason: str) -> str:
    return str(json.loads(reason)["key"])
