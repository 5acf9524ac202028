"""The tournament: who competed for each forecast, how far each was from what came, who is used, and its grade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from patron.reports import backtest
from patron.reports.backtest import FORMULAS, NAIVE, ROOM
from patron.reports.blocks import Cell, Table, number, table, words
from patron.reports.numbers import decimal, is_known, percent, score
from patron.reports.reading import Reading

LETTERS = {4: "A", 3: "B", 2: "C", 1: "D"}
TARGETS = (*backtest.TARGETS, "churn", "next_order")
_AMOUNT = ("deviance", "normalised_gini", "decile_mape")
_EVENT = ("log_loss", "roc_auc", "expected_calibration_error")
_DAY = ("integrated_brier_score", "concordance", "date_calibration_error")
_MEASURES = {"net_revenue": _AMOUNT, "orders": _AMOUNT, "active": _EVENT, "churn": _EVENT, "next_order": _DAY}
ERROR, RANKING, OFF = ({target: said[i] for target, said in _MEASURES.items()} for i in range(3))
_INTERVALS = {"interval_coverage": "80", "wide_interval_coverage": "95"}


@dataclass(frozen=True, slots=True)
class Match:
    """One target at one horizon: the champion, and each contender's measures at the held-out origin."""

    horizon_days: int
    target: str
    champion: str
    grade: str
    measures: dict[str, dict[str, float]]  # by contender, then measure
    coverage: dict[str, dict[str, float]]  # by measure, then slice

    def of(self, measure: str) -> float:
        """Return the champion's value of one measure; NaN where it was not measured."""
        return self.measures.get(self.champion, {}).get(measure, float("nan"))

    def held(self, measure: str, part: str = "all") -> float:
        """Return the share of outcomes inside the intervals, over everyone or one quarter; NaN where not measured."""
        return self.coverage.get(measure, {}).get(part, float("nan"))

    def error(self, model: str) -> float:
        """Return a contender's error in shares of the naive formula's: 0.8 is a fifth less; NaN where unknown."""
        mine, naive = (self.measures.get(name, {}).get(ERROR[self.target], float("nan")) for name in (model, NAIVE))
        return mine / naive if is_known(mine) and is_known(naive) and naive > 0 else float("nan")


def matches(reading: Reading) -> tuple[Match, ...]:
    """Return every target that was judged, shortest horizon first; none where nothing could be judged."""
    rows = [row for row in reading.story.quality.to_pylist() if row["room"] == ROOM and row["value"] is not None]
    played = sorted({_days(row) for row in rows if row["measure"] == "grade"})
    return tuple(match for days in played for target in TARGETS if (match := _match(rows, days, target)))


def _days(row: dict[str, Any]) -> int:
    return int(row["slice"].partition("d/")[0])


def _match(rows: list[dict[str, Any]], horizon_days: int, target: str) -> Match | None:
    prefix = f"{horizon_days}d/{target}"
    mine = [row for row in rows if row["slice"] == prefix or row["slice"].startswith(f"{prefix}/")]
    letter = next((LETTERS[round(row["value"])] for row in mine if row["measure"] == "grade"), "")
    if not letter:
        return None
    found: dict[str, dict[str, float]] = {}
    coverage: dict[str, dict[str, float]] = {}
    used = ""
    for row in mine:
        part = row["slice"].removeprefix(prefix).removeprefix("/")
        if row["measure"] in _INTERVALS:
            coverage.setdefault(row["measure"], {})[part] = row["value"]
        elif row["measure"] in {ERROR[target], RANKING[target], OFF[target], "sum_ratio"} and part:
            found.setdefault(part, {})[row["measure"]] = row["value"]
            used = used if "not used" in row["verdict"] else part
    return Match(horizon_days, target, used, letter, found, coverage)


def scoreboard(reading: Reading, played: tuple[Match, ...]) -> Table | None:
    """Return one row per target and horizon: who is used, how good it was, and the grade."""
    if not played:
        return None
    voice = reading.voice
    keys = ("grade", "target", "horizon", "used", "error", "total", "off", "held", "held_wide")
    rows = [
        [
            words(one.grade),
            words(voice.name("target", one.target)),
            number(voice.days(one.horizon_days)),
            words(voice.name("model", one.champion)),
            *_numbers(one, one.champion),
            *(number(percent(one.held(measure))) for measure in _INTERVALS),
        ]
        for one in played
    ]
    title = voice.say("tournament.scoreboard")
    return table("scoreboard", title, [voice.say(f"tournament.{key}") for key in keys], rows)


def tables(reading: Reading, played: tuple[Match, ...]) -> tuple[Table, ...]:
    """Return one table per target and horizon with every contender, the least error first."""
    return tuple(_contenders(reading, one) for one in played)


def _contenders(reading: Reading, match: Match) -> Table:
    voice, target = reading.voice, voice_target(reading, match)
    ranked = sorted(match.measures, key=lambda model: (not is_known(match.error(model)), match.error(model)))
    keys = ("contender", "error", "total", "off", "ranking", "role")
    rows = [
        [
            words(voice.name("model", model)),
            *_numbers(match, model),
            number(score(match.measures[model].get(RANKING[match.target]))),
            words(voice.say(f"tournament.{_role(match, model)}")),
        ]
        for model in ranked
    ]
    title = voice.say("tournament.title", target=target, days=voice.days(match.horizon_days))
    heads = [voice.say(f"tournament.{key}") for key in keys]
    return table(f"tournament-{match.horizon_days}-{match.target}", title, heads, rows)


def voice_target(reading: Reading, match: Match) -> str:
    """Return the words for what a match forecasts."""
    return reading.voice.name("target", match.target)


def _role(match: Match, model: str) -> str:
    if model == match.champion:
        return "role_used"
    return "role_formula" if model in FORMULAS else "role_judged"


def _numbers(match: Match, model: str) -> Iterator[Cell]:
    found = match.measures.get(model, {})
    yield number(percent(match.error(model)))
    yield number(percent(found.get("sum_ratio")))
    yield number(percent(found.get(OFF[match.target])))


def coverage(reading: Reading, match: Match) -> Table | None:
    """Return how often what came lay inside both ranges: over everyone, and by quarter of the forecast."""
    voice = reading.voice
    parts = [part for part in match.coverage.get("interval_coverage", {}) if part]
    if not parts:
        return None
    rows = [
        [
            words(voice.say("segments.everyone") if part == "all" else voice.name("slice", part)),
            *(number(percent(match.held(measure, part))) for measure in _INTERVALS),
        ]
        for part in parts
    ]
    heads = [voice.say("column.customers"), *(voice.say(f"tournament.{key}") for key in ("held", "held_wide"))]
    return table("coverage", voice.say("tournament.coverage", days=voice.days(match.horizon_days)), heads, rows)


def verdict(reading: Reading, played: tuple[Match, ...]) -> str:
    """Say in a sentence what the grades allow: the money of the main horizon."""
    voice = reading.voice
    main = next((one for one in played if one.horizon_days == reading.customers.horizon_days), None)
    if main is None:
        return ""
    error = main.error(main.champion)
    facts = {
        "grade": main.grade,
        "target": voice_target(reading, main),
        "days": voice.days(main.horizon_days),
        "model": voice.name("model", main.champion),
        "less": percent(1.0 - error) if is_known(error) else decimal(None),
    }
    return voice.say(f"tournament.verdict_{main.grade.lower()}", **facts)
