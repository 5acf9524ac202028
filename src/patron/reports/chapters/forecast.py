"""How far the forecast can be trusted: calibration and lift against the naive formula, in a past it had not seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pyarrow.compute as pc

from patron.reports import charts, earlier, reasons, scores, tenths, tournament
from patron.reports.backtest import ROOM, Check, checked_horizons, checks, level
from patron.reports.blocks import Figure, Table, chart, number, table
from patron.reports.gates import is_gate
from patron.reports.next_category import next_category
from patron.reports.numbers import is_known, percent
from patron.reports.reading import Reading
from patron.reports.season import unlike

CLOSE = 0.01
_ORIGIN = re.compile(r"^(?P<days>\d+)d/origin (?P<day>\d{4}-\d\d-\d\d)$")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One output that the data does not support, and what to do about it."""

    output: str
    reason: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """The chapter; figures are None where nothing was forecast or checked, `refusals` then say why."""

    intro: str
    champion: str
    calibration: Figure | None
    lift: Figure | None
    coverage: str
    verdict: str
    scoreboard: Table | None
    rule: str
    held: Table | None
    tournament: tuple[Table, ...]
    importances: Figure | None
    reasons: Table | None
    no_reasons: str
    scores: Table | None
    not_due: str
    next_category: Figure | None
    refusals: tuple[Refusal, ...]


def forecast(reading: Reading) -> Forecast:
    """Build the chapter."""
    voice = reading.voice
    target, champion, naive = checks(reading)
    refused = _refusals(reading)
    made = reading.customers.horizon_days > 0
    played = tournament.matches(reading)
    return Forecast(
        intro=_intro(reading) if made else voice.say("forecast.none"),
        champion=_champion(reading) if made else "",
        calibration=_calibration(reading, target, champion, naive) if champion else None,
        lift=_lift(reading, target, champion, naive) if champion else None,
        coverage=scores.coverage(reading) if made else "",
        verdict=tournament.verdict(reading, played),
        scoreboard=tournament.scoreboard(reading, played),
        rule=voice.say("tournament.rule") if played else "",
        held=tournament.coverage(reading, played[0]) if played else None,
        tournament=tournament.tables(reading, played),
        importances=reasons.importances(reading),
        reasons=reasons.customers(reading),
        no_reasons=reasons.refused(reading),
        scores=scores.scores(reading),
        not_due=earlier.not_due(reading),
        next_category=next_category(reading),
        refusals=refused,
    )


def _intro(reading: Reading) -> str:
    """Say what was forecast, and of which of it a check on a past date can be told."""
    voice, checked = reading.voice, checked_horizons(reading)
    made = sorted(pc.unique(reading.story.forecasts["horizon_days"]).to_pylist())

    def told(horizons: list[int]) -> str:
        return voice.listed([voice.days(days) for days in horizons])

    judged, unjudged = [days for days in made if days in checked], [days for days in made if days not in checked]
    if not judged:
        return voice.say("forecast.intro_unchecked", days=told(made))
    said = [voice.say("forecast.intro", days=told(judged))]
    said += [voice.say("forecast.intro_partly", days=told(unjudged))] if unjudged else []
    return voice.say("space").join(said)


def _champion(reading: Reading) -> str:
    voice, model = reading.voice, reading.customers.model
    days = voice.days(reading.customers.horizon_days)
    if reading.customers.horizon_days not in checked_horizons(reading):
        return voice.say("forecast.champion_unchecked", model=voice.name("model", model), days=days)
    key = f"model_story.{model}"
    story = voice.say(key) if voice.knows(key) else ""
    said = voice.say("forecast.champion", model=voice.name("model", model), days=days)
    return voice.say("space").join(part for part in (said, story) if part)


def _calibration(reading: Reading, target: str, best: Check, naive: Check | None) -> Figure:
    voice = reading.voice
    sentence = voice.say(
        "forecast.calibration",
        day=voice.day(best.origin),
        predicted=tenths.amount(reading, target, best.predicted[-1]),
        actual=tenths.amount(reading, target, best.actual[-1]),
        ratio=percent(best.sum_ratio),
    )
    if naive:
        sentence += voice.say("space") + voice.say("forecast.naive_sum", ratio=percent(naive.sum_ratio))
    sentence += _level(reading, best)
    title = voice.say("forecast.calibration_title", target=voice.say(f"target.{target}"))
    return tenths.figure(reading, "calibration", target, best, (title, sentence))


def _level(reading: Reading, best: Check) -> str:
    """Judge the level, and say where it says nothing sure about the months ahead."""
    voice, season = reading.voice, unlike(reading, best)
    if not is_known(best.sum_ratio):
        return ""
    off = percent(abs(1.0 / best.sum_ratio - 1.0)) if best.sum_ratio > 0 else percent(None)
    said = [voice.say(f"forecast.level_{level(best.sum_ratio)}", off=off)]
    if season:
        said.append(voice.say("forecast.season_drawn" if season.is_drawn else "forecast.season", ahead=season.ahead))
    return "".join(voice.say("space") + one for one in said)


def _lift(reading: Reading, target: str, best: Check, naive: Check | None) -> Figure:
    voice = reading.voice
    n = len(best.deciles)
    names = [percent((i + 1) / n) for i in range(n)]
    curves = [(voice.name("model", best.model), best.share[::-1], "@c1")]
    if naive and len(naive.share) == n:
        curves.append((voice.name("model", naive.model), naive.share[::-1], "@c6"))
    curves.append((voice.say("forecast.chance"), [(i + 1) / n for i in range(n)], "@muted"))
    drawn = [
        charts.Series(name, values, [f"{name}: {percent(value)}" for value in values], colour)
        for name, values, colour in curves
    ]
    axis = voice.say("forecast.best_customers")
    sentence = _lift_sentence(reading, target, best, naive if len(curves) > 2 else None)
    rows = [[number(names[i]), *(number(percent(values[i])) for _, values, _ in curves)] for i in range(n)]
    title = voice.say("forecast.lift_title")
    head = [axis, *(name for name, _, _ in curves)]
    options = charts.lines(names, drawn, "@percent", axis, top=1.0)
    return Figure(title, sentence, chart("lift", options, 330, sentence), table("lift", title, head, rows))


def _lift_sentence(reading: Reading, target: str, best: Check, naive: Check | None) -> str:
    voice, own = reading.voice, best.share[-1]
    share = percent(1 / len(best.deciles))
    said = voice.say("forecast.lift", own=percent(own), share=share, target=voice.say(f"target.{target}"))
    if naive is None:
        return said
    gap = own - naive.share[-1]
    verdict = "same" if abs(gap) < CLOSE else "better" if gap > 0 else "worse"
    return said + voice.say("space") + voice.say(f"forecast.lift_{verdict}", naive=percent(naive.share[-1]))


def _refusals(reading: Reading) -> tuple[Refusal, ...]:
    """Gather what the data does not carry: the fitness report's word, then the backtest's."""
    voice = reading.voice
    unfit = [
        Refusal(
            voice.output(row["output"]),
            voice.pick(row["reason"], row["reason_zh"]),
            voice.pick(row["next_step"], row["next_step_zh"]),
        )
        for row in reading.story.fitness.to_pylist()
        if not row["supported"] and ROOM[:-1] in row["output"]
    ]
    judged = [row for row in reading.story.quality.to_pylist() if row["room"] == ROOM]
    said = [row for row in judged if row["verdict"].startswith("refused")]
    gated = [row for row in said if is_gate(row)]
    shut = {row["slice"] for row in gated}
    refused = [*gated, *(row for row in said if row["slice"] not in shut)]
    return (
        *unfit,
        *(Refusal(_what(reading, row["slice"]), voice.why(row["verdict"], row["reason"]), "") for row in refused),
    )


def _what(reading: Reading, said: str) -> str:
    """Name what was refused: an output, a model, or the check from one past date."""
    voice, origin = reading.voice, _ORIGIN.match(said)
    if origin is None:
        return voice.output(said)
    day = voice.day(date.fromisoformat(origin["day"]))
    return voice.say("forecast.origin", days=voice.days(int(origin["days"])), day=day)
