"""What the numbers stand on: where every input row went, what the data supports, and what was prepared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from patron.reports import charts
from patron.reports.backtest import ROOM as FORECASTS
from patron.reports.blocks import Figure, Table, chart, number, table, words
from patron.reports.earlier import ROOM as REALISED
from patron.reports.heavy import heavy
from patron.reports.numbers import counted_score, interval, percent, score
from patron.reports.reading import Reading, card_name
from patron.reports.voice import Voice

REJECTS = "rejects"
MOST_REASONS = 10
MOST_ROWS = 40
COUNTS = frozenset(
    {
        "chosen_k",
        "segments_in_use",
        "at_risk_after_days",
        "dormant_after_days",
        "churned_after_days",
        "recency_high_up_to_days",
        "frequency_high_from_orders",
        "moved_to_at_risk_by_own_rhythm",
        "kept_by_own_rhythm",
        "customers",
        "below_floor",
        "gate",
    }
)


@dataclass(frozen=True, slots=True)
class Data:
    """The chapter; each part is None where the run has nothing to say about it."""

    sentence: str
    warning: str
    kept: Table | None
    rejected: Figure | None
    fitness: Table | None
    preparation: Table | None
    judgements: Table | None
    left_out: str


def data(reading: Reading) -> Data:
    """Build the chapter."""
    story, voice = reading.story, reading.voice
    ledger = _sums(reading)
    judged = [row for row in story.quality.to_pylist() if row["room"] not in {FORECASTS, REALISED}]
    more = len(judged) - MOST_ROWS
    return Data(
        sentence=_sentence(reading, ledger),
        warning=heavy(reading),
        kept=_kept(reading, ledger) if ledger else None,
        rejected=_rejected(reading, ledger) if any(one.outcome == REJECTS for one in ledger) else None,
        fitness=_fitness(reading) if story.fitness.num_rows else None,
        preparation=_preparation(reading) if story.preparation.num_rows else None,
        judgements=_judgements(reading, judged[:MOST_ROWS]) if judged else None,
        left_out=voice.say("data.more", n=voice.count(more)) if more > 0 else "",
    )


@dataclass(frozen=True, slots=True)
class _Sum:
    outcome: str
    reason: str
    rows: int
    amount: float


def _sums(reading: Reading) -> list[_Sum]:
    """Add the ledger up over sources and files, most rows first."""
    rows: dict[tuple[str, str], int] = defaultdict(int)
    amounts: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in reading.story.ledger.to_pylist():
        key = (row["outcome"], row["reason"])
        rows[key] += row["row_count"]
        amounts[key] += [] if row["amount"] is None else [float(row["amount"])]
    found = [_Sum(*key, n, float(np.sum(amounts[key])) if amounts[key] else float("nan")) for key, n in rows.items()]
    return sorted(found, key=lambda one: (-one.rows, one.outcome, one.reason))


def _sentence(reading: Reading, ledger: list[_Sum]) -> str:
    voice, total = reading.voice, sum(one.rows for one in ledger)
    if not total:
        return voice.say("data.no_ledger")
    out = [one for one in ledger if one.outcome == REJECTS]
    aside = sum(one.rows for one in out)
    said = voice.say(f"data.read_{_form(total)}", n=voice.counted("row", total), kept=percent((total - aside) / total))
    if not aside:
        return said + voice.say("space") + voice.say("data.all_kept")
    why = voice.name("reject", out[0].reason)
    facts = {"aside": voice.counted("row", aside), "why": why, "n": voice.count(out[0].rows)}
    return said + voice.say("space") + voice.say(f"data.aside_{_form(aside)}", **facts)


def _form(n: int) -> str:
    return "one" if n == 1 else "other"


def _kept(reading: Reading, ledger: list[_Sum]) -> Table:
    voice, total = reading.voice, max(sum(one.rows for one in ledger), 1)
    rows = [
        [
            words(voice.name("outcome", one.outcome)),
            words(voice.name("reject", one.reason)),
            number(voice.count(one.rows)),
            number(percent(one.rows / total)),
            number(voice.money(one.amount)),
        ]
        for one in ledger
        if one.outcome != REJECTS
    ]
    keys = ("outcome", "reason", "rows", "row_share", "amount")
    return table("kept", voice.say("data.kept_title"), [voice.say(f"column.{key}") for key in keys], rows)


def _rejected(reading: Reading, ledger: list[_Sum]) -> Figure:
    voice = reading.voice
    out = [one for one in ledger if one.outcome == REJECTS]
    total = max(sum(one.rows for one in ledger), 1)
    names = [voice.name("reject", one.reason) for one in out]
    label, shown = voice.say("column.rows"), out[:MOST_REASONS]
    tips = [f"{voice.counted('row', one.rows)} ({percent(one.rows / total)})" for one in shown]
    drawn = charts.Series(label, [one.rows for one in shown], tips, "@c5")
    sentence = voice.say("data.rejected", why=names[0], share=percent(out[0].rows / sum(one.rows for one in out)))
    rows = [
        [
            words(name),
            number(voice.count(one.rows)),
            number(percent(one.rows / total)),
            number(voice.money(one.amount)),
        ]
        for name, one in zip(names, out, strict=True)
    ]
    title = voice.say("data.rejected_title")
    head = [voice.say(f"column.{key}") for key in ("reason", "rows", "row_share", "amount")]
    options = charts.ranking(names[:MOST_REASONS], [drawn], "@count")
    return Figure(
        title, sentence, chart("rejects", options, 50 + 40 * len(shown), sentence), table("rejects", title, head, rows)
    )


def _fitness(reading: Reading) -> Table:
    voice = reading.voice
    rows = [
        [
            words(voice.output(row["output"])),
            words(voice.say("data.yes" if row["supported"] else "data.no")),
            words(voice.pick(row["reason"], row["reason_zh"])),
            words(voice.pick(row["next_step"], row["next_step_zh"])),
        ]
        for row in reading.story.fitness.to_pylist()
    ]
    head = [voice.say(f"column.{key}") for key in ("output", "supported", "because", "next")]
    return table("fitness", voice.say("data.fitness_title"), head, rows)


def _preparation(reading: Reading) -> Table:
    voice = reading.voice
    rows = [
        [
            words(voice.name("step", row["step"])),
            words(voice.feature(row["column"]) if row["column"] else voice.say("data.all_columns")),
            words(voice.phrases("choice", row["choice"])),
            words(voice.phrases("because", row["reason"] or "")),
        ]
        for row in reading.story.preparation.to_pylist()[:MOST_ROWS]
    ]
    head = [voice.say(f"column.{key}") for key in ("step", "column", "choice", "because")]
    return table("preparation", voice.say("data.preparation_title"), head, rows)


def _judgements(reading: Reading, judged: list[dict[str, object]]) -> Table:
    voice = reading.voice

    def real(row: dict[str, object], name: str) -> float | None:
        return None if row[name] is None else float(str(row[name]))

    rows = [
        [
            words(voice.name("room", str(row["room"]))),
            words(voice.name("measure", str(row["measure"]))),
            words(_slice(reading, str(row["slice"]))),
            number(_written(row)(real(row, "value"))),
            number(interval(real(row, "lower"), real(row, "upper"))),
            number(_written(row)(real(row, "baseline"))),
            words(_verdict(reading, row)),
        ]
        for row in judged
    ]
    keys = ("room", "measure", "slice", "score", "interval", "baseline", "verdict")
    return table("judgements", voice.say("data.judgements_title"), [voice.say(f"column.{key}") for key in keys], rows)


def _written(row: dict[str, object]) -> Callable[[float | None], str]:
    """Return how a judgement's numbers are written: counts without decimals."""
    measure = str(row["measure"])
    return counted_score if measure in COUNTS or measure.startswith("vote: ") else score


def _verdict(reading: Reading, row: dict[str, object]) -> str:
    reason = row["reason"]
    return reading.voice.verdict(str(row["verdict"]), None if reason is None else str(reason))


def _slice(reading: Reading, said: str) -> str:
    """Name what was judged: everything, an action, a scheme, a reason for setting rows aside, or a code spelled out."""
    voice = reading.voice
    if said in {"all", "all rows"}:
        return voice.say("data.everything")
    action = next((card for card in reading.story.actions if card.key == said), None)
    if action:
        return voice.pick(action.title_en, action.title_zh)
    scheme = next((card for card in (reading.scheme, *reading.others) if card.key == said), None)
    if scheme:
        return card_name(scheme, voice)
    whole, slash, part = said.partition("/")
    if slash:
        return f"{_slice(reading, whole)} {_part(voice, part)}"
    if voice.knows(f"slice.{said}"):
        return voice.name("slice", said)
    return voice.name("reject" if voice.knows(f"reject.{said}") else "output", said)


def _part(voice: Voice, said: str) -> str:
    """Name what a cut is held against, or a feature that it looks at; others, such as K=3, are shown as they are."""
    if voice.knows(f"slice.{said}"):
        return voice.name("slice", said)
    return voice.feature(said) if voice.has_word_for(said) else said
