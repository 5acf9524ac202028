"""Why the forecast is what it is: what it rests on over all customers, and in words for those it expects most of."""

from __future__ import annotations

from patron.reports import charts, next_order
from patron.reports.blocks import Figure, Table, chart, number, table, words
from patron.reports.gates import is_gate
from patron.reports.numbers import decimal, percent
from patron.reports.reading import Reading

_MOST_GROUPS = 8
_MOST_CUSTOMERS = 10
_AGREEMENT, _OUTPUT = "seed_group_kendall", "reasons"


def importances(reading: Reading) -> Figure | None:
    """Draw the groups of features that move the main horizon's forecast, the strongest first, and how sure that is."""
    voice = reading.voice
    rows = [
        row
        for row in reading.story.importances.to_pylist()
        if row["horizon_days"] == reading.customers.horizon_days and row["kind"] == "group"
    ]
    total = sum(row["importance"] for row in rows)
    if not total > 0:
        return None
    ranked = sorted(rows, key=lambda row: row["rank"])[:_MOST_GROUPS]
    names = [voice.pick(row["label"], row["label_zh"]) for row in ranked]
    shares = [row["importance"] / total for row in ranked]
    spread = [(row["seed_lower"] / total, row["seed_upper"] / total) for row in ranked if row["seed_lower"] is not None]
    ends = [voice.say("reasons.spread", lower=percent(low), upper=percent(high)) for low, high in spread]
    told = [[percent(share), *ends[i : i + 1]] for i, share in enumerate(shares)]
    heads = [voice.say("reasons.group"), voice.say("reasons.share"), *([voice.say("reasons.seeds")] if spread else [])]
    cells = [[words(name), *(number(text) for text in texts)] for name, texts in zip(names, told, strict=True)]
    tips = [_tip(reading, name, *texts) for name, texts in zip(names, told, strict=True)]
    drawn = charts.Series(heads[1], shares, tips, "@c1", spread)
    sentence = voice.say("reasons.sentence", first=names[0], share=percent(shares[0]))
    if spread:
        sentence += voice.say("space") + _over_seeds(reading, ranked[0]["seed_count"], spread[0])
    title = voice.say("reasons.title")
    shown = chart("importances", charts.ranking(names, [drawn], "@percent"), 50 + 38 * len(names), sentence)
    return Figure(title, sentence, shown, table("importances", title, heads, cells))


def refused(reading: Reading) -> str:
    """Say why no reasons are told of the main horizon's forecast; empty where they are."""
    voice, of = reading.voice, f"{reading.customers.horizon_days}d/{_OUTPUT}"
    for row in reading.story.quality.to_pylist():
        if is_gate(row) and row["slice"] == of and row["verdict"].startswith("refused"):
            return voice.say("reasons.refused", why=voice.why(row["verdict"], row["reason"]))
    return ""


def _tip(reading: Reading, name: str, share: str, spread: str = "") -> str:
    said = reading.voice.say("reasons.short", share=share, spread=spread) if spread else share
    return f"{name}{reading.voice.say('colon')}{said}"


def _over_seeds(reading: Reading, seeds: int, spread: tuple[float, float]) -> str:
    """Say between which shares the strongest lay over the seeds, and how far the order of all agreed."""
    start = f"{reading.customers.horizon_days}d/"
    tau = next(
        (
            row["value"]
            for row in reading.story.quality.to_pylist()
            if row["measure"] == _AGREEMENT and row["slice"].startswith(start)
        ),
        None,
    )
    facts = {"lower": percent(spread[0]), "upper": percent(spread[1]), "tau": decimal(tau, 2)}
    return reading.voice.say("reasons.sentence_seeds", seeds=str(seeds), **facts)


def customers(reading: Reading) -> Table | None:
    """Return the reasons, in words, of the customers that the main horizon's forecast expects most of."""
    voice = reading.voice
    rows = [
        row
        for row in reading.story.explanations.to_pylist()
        if row["horizon_days"] == reading.customers.horizon_days and row["predicted_value"] is not None
    ]
    ranked = sorted(rows, key=lambda row: (-row["predicted_value"], row["customer_id"]))[:_MOST_CUSTOMERS]
    if not ranked:
        return None
    dated = next_order.column(reading, [row["customer_id"] for row in ranked])
    cells = [
        [
            words(row["customer_id"]),
            number(reading.worth(row["predicted_value"])),
            *day,
            words(voice.pick(row["reason"], row["reason_zh"])),
        ]
        for row, day in zip(ranked, dated, strict=True)
    ]
    heads = [voice.say("column.customer"), voice.say("column.expected")]
    heads += [*next_order.heads(reading, dated), voice.say("column.why")]
    return table("reasons", voice.say("reasons.customers"), heads, cells)
