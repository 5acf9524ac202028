"""Why the forecast is what it is: what it rests on over all customers, and in words for those it expects most of."""

from __future__ import annotations

from patron.reports import next_order
from patron.reports.blocks import Table, number, table, words
from patron.reports.numbers import percent
from patron.reports.reading import Reading

_MOST_GROUPS = 8
_MOST_CUSTOMERS = 10


def importances(reading: Reading) -> Table | None:
    """Return the groups of features that move the main horizon's forecast, the strongest first."""
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
    cells = [
        [words(voice.pick(row["label"], row["label_zh"])), number(percent(row["importance"] / total))] for row in ranked
    ]
    heads = [voice.say("reasons.group"), voice.say("reasons.share")]
    return table("importances", voice.say("reasons.title"), heads, cells)


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
