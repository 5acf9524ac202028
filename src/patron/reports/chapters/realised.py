"""What came true: earlier runs' forecasts whose time is over, beside what happened."""

from __future__ import annotations

from dataclasses import dataclass

from patron.reports import tenths
from patron.reports.blocks import Cell, Figure, Table, number, table, words
from patron.reports.earlier import MONEY, Earlier, Judgement, come_due, opening, total
from patron.reports.numbers import interval, is_known, percent, score
from patron.reports.reading import Reading

_RANGES = {"interval_coverage": "80%", "wide_interval_coverage": "95%"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one forecast, in a sentence; `holds`: it came true as its check had promised."""

    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Realised:
    """The chapter: the first verdict and the figure are of the report's own horizon, where that has come due."""

    intro: str
    verdicts: tuple[Verdict, ...]
    figure: Figure | None
    totals: Table
    coverage: Table | None
    ranking: Table | None
    note: str


def realised(reading: Reading) -> Realised | None:
    """Build the chapter; None where no earlier forecast has come due."""
    voice, due = reading.voice, come_due(reading)
    told = [one for one in due if one.tenths]
    if not told:
        return None
    return Realised(
        intro=voice.say("realised.intro"),
        verdicts=tuple(Verdict(verdict(reading, one), one.holds) for one in told),
        figure=_figure(reading, told[0]),
        totals=_totals(reading, told),
        coverage=_coverage(reading, told),
        ranking=_ranking(reading, told),
        note=voice.say("realised.note"),
    )


def verdict(reading: Reading, one: Earlier) -> str:
    """Say what was forecast, what came, and what follows from it."""
    voice = reading.voice
    return voice.say("space").join([opening(reading, one), voice.say(_follows(one), parts=_moved(reading, one))])


def _follows(one: Earlier) -> str:
    return f"realised.{one.verdict.removeprefix('realised_')}"


def _moved(reading: Reading, one: Earlier) -> str:
    """Name what moved, and of what: the level (net revenue and orders), the ranges (net revenue)."""
    voice = reading.voice
    parts: dict[str, dict[str, str]] = {}
    for judged in one.judgements:
        if judged.moved:
            parts.setdefault(judged.moved, {})[judged.target] = voice.name("target", judged.target)
    return voice.say("list.semicolon").join(
        voice.say("realised.part", part=voice.name("output", part), targets=voice.listed(list(targets.values())))
        for part, targets in parts.items()
    )


def _figure(reading: Reading, one: Earlier) -> Figure:
    voice, target = reading.voice, next(iter(one.tenths))
    found = one.tenths[target]
    best = {
        name: tenths.amount(reading, target, values[-1])
        for name, values in (("predicted", found.predicted), ("actual", found.actual))
    }
    facts = {"origin": voice.day(one.origin), "until": voice.day(one.until), **best}
    sentence = voice.say("realised.figure", **facts)
    title = voice.say("realised.figure_title", target=voice.name("target", target), days=voice.days(one.horizon_days))
    return tenths.figure(reading, "realised", target, found, (title, sentence))


def _totals(reading: Reading, due: list[Earlier]) -> Table:
    voice = reading.voice

    def written(target: str, value: float) -> str:
        return total(reading, target, value) if target == MONEY else voice.count(value)

    rows = [
        [
            _whose(reading, one),
            words(voice.name("target", target)),
            number(written(target, found.told)),
            number(written(target, found.came)),
            *_judged(reading, one.of("sum_ratio", target)),
        ]
        for one in due
        for target, found in one.tenths.items()
    ]
    keys = ("from", "target", "said", "came", "ratio", "interval", "promised", "verdict")
    return table("realised-totals", voice.say("realised.totals"), [voice.say(f"realised.{key}") for key in keys], rows)


def _coverage(reading: Reading, due: list[Earlier]) -> Table | None:
    voice = reading.voice
    rows = [
        [_whose(reading, one), words(one.run_id), number(name), *_judged(reading, judged)]
        for one in due
        for measure, name in _RANGES.items()
        if (judged := one.of(measure, MONEY)) is not None
    ]
    keys = ("from", "run", "range", "held", "interval", "promised", "verdict")
    title = voice.say("realised.coverage")
    return table("realised-ranges", title, [voice.say(f"realised.{key}") for key in keys], rows) if rows else None


def _ranking(reading: Reading, due: list[Earlier]) -> Table | None:
    """Return how well each forecast told customers apart."""
    voice = reading.voice
    rows = [
        [
            _whose(reading, one),
            words(voice.name("target", judged.target)),
            words(voice.name("measure", judged.measure)),
            number(score(judged.value)),
            number(interval(judged.lower, judged.upper)),
            number(score(judged.promised)),
            _moved_or_not(reading, judged),
        ]
        for one in due
        for judged in one.judgements
        if judged.measure in {"normalised_gini", "brier_score"}
    ]
    keys = ("from", "target", "measure", "score", "interval", "promised", "verdict")
    title = voice.say("realised.ranking")
    return table("realised-ranking", title, [voice.say(f"realised.{key}") for key in keys], rows) if rows else None


def _whose(reading: Reading, one: Earlier) -> Cell:
    voice = reading.voice
    return words(voice.say("realised.window", origin=voice.day(one.origin), days=voice.days(one.horizon_days)))


def _judged(reading: Reading, one: Judgement | None) -> tuple[Cell, ...]:
    """Write a share, its 95 % interval, what the check had found, and whether that still holds."""
    if one is None:
        return (*(number(percent(None)) for _ in range(3)), words(""))
    ends = reading.voice.say("realised.between", lower=percent(one.lower), upper=percent(one.upper))
    shown = ends if is_known(one.lower) and is_known(one.upper) else percent(None)
    return number(percent(one.value)), number(shown), number(percent(one.promised)), _moved_or_not(reading, one)


def _moved_or_not(reading: Reading, one: Judgement) -> Cell:
    return words(reading.voice.say("realised.moved" if one.moved else "realised.as_promised"))
