"""When a customer's next order is expected, as a cell: the day, and the range it lies in four times out of five."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from patron.reports.blocks import Cell, words
from patron.reports.numbers import NOTHING
from patron.reports.reading import Reading

_COLUMNS = ("expected_date_of_next_order", "next_order_date_lower", "next_order_date_upper")


def column(reading: Reading, ids: Sequence[str]) -> list[list[Cell]]:
    """Return one cell for each customer; no cells at all where nobody's next order is expected in the horizon."""
    said = reading.story.forecasts
    said = said.filter(pc.equal(said["horizon_days"], reading.customers.horizon_days)).select(
        ["customer_id", *_COLUMNS]
    )
    place = pc.index_in(pa.array(ids, pa.string()), value_set=said["customer_id"].combine_chunks())
    rows = said.take(place).to_pylist()
    if not any(row[_COLUMNS[0]] for row in rows):
        return [[] for _ in ids]
    return [[words(_told(reading, *(row[name] for name in _COLUMNS)))] for row in rows]


def heads(reading: Reading, cells: list[list[Cell]]) -> list[str]:
    """Return the head of the column, if there is one."""
    return [reading.voice.say("column.next_order")] if any(cells) else []


def _told(reading: Reading, expected: date | None, lower: date | None, upper: date | None) -> str:
    voice = reading.voice
    if expected is None or lower is None:
        return NOTHING
    days = {"day": voice.day(expected), "low": voice.day(lower)}
    if upper is None:
        return voice.say("forecast.next_order_open", **days)
    return voice.say("forecast.next_order", **days, high=voice.day(upper))
