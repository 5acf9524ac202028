"""Fields of text to typed columns of one fact table, each row with the reason why it is no fact, if it is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from patron.contracts.facts import EVENT_TYPES, FACTS, ORDER_STATUSES
from patron.contracts.tables import IBIS, Column
from patron.engines.duck_functions import (
    clock_to_instant,
    digest_64,
    hash_64,
    instant_from_microseconds,
    instant_to_local,
    parsed_json,
    trimmed,
)
from patron.records import PLACEHOLDERS, TOO_MUCH, pseudonym_column
from patron.streaming import order_lines
from patron.streaming.shapes import Shape

_WITH_OFFSET = r":\d{2}(\.\d+)?\s*(Z|UTC|GMT|[+-]\d{2}(:\d{2})?)$"
_DATE_LENGTH = 10
_EPOCH_DIGITS = {10: 1_000_000, 13: 1_000, 16: 1}  # seconds, milliseconds, microseconds since 1970
_EVENT_SAYS = ("customer_id", "anonymous_id", "occurred_at", "type", "product_id", "session_id")
Rule = tuple[ir.Value, ir.Value | str]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a shop's messages are understood."""

    zone: str
    currency: str
    pseudonym_key: bytes
    earliest: date = date(1990, 1, 1)

    def instant(self, text: ir.StringValue) -> ir.Value:
        """Return the instant that a text names: with an offset, on the shop's clock, or since 1970."""
        length = text.length()  # known before any digit is looked at
        absolute = text.try_cast("timestamp('UTC', 6)")
        local = clock_to_instant(self.zone, text.try_cast("timestamp"))
        number = text.try_cast("int64")
        since_1970 = [
            ((length == digits) & text.re_search(r"^\d+$"), instant_from_microseconds(number * unit))
            for digits, unit in _EPOCH_DIGITS.items()
        ]
        return ibis.cases(*since_1970, (text.re_search(_WITH_OFFSET), absolute), else_=local)

    def day(self, at: ir.Value) -> ir.Value:
        """Return the local day of an instant."""
        return instant_to_local(self.zone, at).date()


def texts(told: ir.Table, shape: Shape) -> ir.Table:
    """Return every field that messages about one fact table say: a column `_said_` and its name, empty where blank."""
    rows = told.filter(told.reason.isnull(), told.about == shape.name)
    opened = rows.select(
        "place", "_limit", _said=parsed_json(rows.line, _names(shape)), _content=content_digest(rows.line)
    )
    cells = {f"_said_{name}": trimmed(opened._said[name]).nullif("") for name in _names(shape)}
    return opened.select("place", "_limit", "_content", **cells)


def typed(texts: ir.Table, shape: Shape, reading: Reading) -> ir.Table:
    """Return the columns of the fact table, `_key`, `_content`, `reason`, and for orders `_lines`."""
    rows = _named(texts, shape, reading)
    cells = {field.name: _cell(rows, field, shape, reading) for field in shape.fields}
    lines = {"_lines": order_lines.parsed(rows._said_lines)} if shape.name == "orders" else {}
    table = _completed(rows.select(*texts.columns, **lines, **cells), shape, reading)
    reason = ibis.cases(*_rules(table, shape, reading), else_=ibis.null("string"))
    key = key_digest(table, shape.name)
    return table.select("place", *shape.contract.names, *lines, "_content", _key=key, reason=reason)


def _names(shape: Shape) -> list[str]:
    return [*(field.name for field in shape.fields), *(("lines",) if shape.name == "orders" else ())]


def _named(texts: ir.Table, shape: Shape, reading: Reading) -> ir.Table:
    """Add the pseudonyms of whom the messages name, each worked out once."""
    for field in shape.people:
        said = texts[f"_said_{field}"]
        names = texts.select(_who=said).distinct()
        names = names.mutate(**{f"_is_{field}": pseudonym_column(_person(names._who), reading.pseudonym_key)})
        texts = texts.left_join(names, said == names._who).drop("_who")
    return texts


def key_digest(table: ir.Table, name: str) -> ir.IntegerValue:
    """Return 64 bits that stand for a fact's key, over all tables."""
    parts = [part for column in FACTS[name].key for part in ("\x1f", table[column].cast("string"))]
    return digest_64(ibis.literal(name).concat(*parts))


def content_digest(line: ir.StringValue) -> ir.IntegerValue:
    """Return 32 bits that tell a message from its correction; only within one version of DuckDB, which does no harm."""
    return (hash_64(line) % (1 << 32)).cast("uint32")


def _cell(rows: ir.Table, field: Column, shape: Shape, reading: Reading) -> ir.Value:
    text = rows[f"_said_{field.name}"]
    if field.name in shape.people:
        return rows[f"_is_{field.name}"]
    if field.kind == "instant":
        return reading.instant(text)
    return text if IBIS[field.kind] == "string" else text.try_cast(IBIS[field.kind])


def _person(text: ir.StringValue) -> ir.StringValue:
    """Return the shop's own id of a customer as imports tidy it; absent where it stands for nobody."""
    tidy = ibis.ifelse(text.contains("@"), text.lower(), text)
    return ibis.ifelse(tidy.lower().isin(PLACEHOLDERS), None, tidy)


def _completed(table: ir.Table, shape: Shape, reading: Reading) -> ir.Table:
    """Work out what messages need not say: local days, hours, statuses, names of unnamed events, sums of an order."""
    more: dict[str, ir.Value] = {"source": ibis.literal("stream")}
    if "row_no" in shape.contract.names:
        more |= {"file": ibis.null("string"), "row_no": ibis.null("int64")}
    for name in shape.days:
        more[name] = reading.day(table[shape.at if name == "day" else name.replace("_day", "_at")])
    if "hour" in shape.contract.names:
        said = table[f"_said_{shape.at}"]
        is_date = (said.length() == _DATE_LENGTH) & said.re_search(r"^\d{4}-\d{2}-\d{2}$")
        hour = instant_to_local(reading.zone, table[shape.at]).hour().cast("int64")
        more["hour"] = ibis.ifelse(is_date, None, hour)
    match shape.name:
        case "orders":
            more |= order_lines.head(table, reading.currency)
        case "events":
            kind = table.type.lower()
            more["type"] = ibis.ifelse(kind.isin(EVENT_TYPES) | kind.isnull(), kind, "other")
            said = ibis.literal("|").join([table[name].cast("string").fill_null("") for name in _EVENT_SAYS])
            more["event_id"] = ibis.coalesce(table.event_id, ibis.literal("e_").concat(said.hexdigest("md5")))
        case _:
            pass
    return table.mutate(**more)


def _rules(table: ir.Table, shape: Shape, reading: Reading) -> Iterator[Rule]:
    """Yield what a message must not be, the plainest fault first."""
    for field in shape.fields:
        if field.required:
            yield table[f"_said_{field.name}"].isnull() & table[field.name].isnull(), f"missing {field.name}"
    for name in shape.people:
        if shape.contract.column(name).required:
            yield table[name].isnull(), f"{name}: a placeholder that names nobody"
    if shape.name == "events":
        yield table.customer_id.isnull() & table.anonymous_id.isnull(), "missing customer_id or anonymous_id"
    for field in shape.fields:
        if IBIS[field.kind] != "string":
            told = ibis.literal(f"{field.name}: ").concat(table[f"_said_{field.name}"], f" is no {field.kind}")
            yield table[f"_said_{field.name}"].notnull() & table[field.name].isnull(), told
    yield from _dates(table, shape, reading)
    if shape.name == "orders":
        yield from _orders(table, reading)
    yield from _amounts(table, shape)


def _dates(table: ir.Table, shape: Shape, reading: Reading) -> Iterator[Rule]:
    first = clock_to_instant(reading.zone, ibis.literal(reading.earliest).cast("timestamp"))
    for field in shape.fields:
        if field.kind == "instant":
            yield table[field.name] < first, f"{field.name}: impossible date"
            yield table[field.name] >= table._limit, f"{field.name}: date in the future"


def _amounts(table: ir.Table, shape: Shape) -> Iterator[Rule]:
    for field in shape.fields:
        value = table[field.name]
        if field.kind == "real":
            yield value.isnan() | value.isinf(), f"{field.name}: not a number"
        if field.kind in ("real", "money"):
            yield value.cast("float64").abs() >= TOO_MUCH, f"{field.name}: too large to be real"
    for name in ("price", "amount"):
        if name in table.columns:
            yield table[name] < 0, f"{name}: negative"


def _orders(table: ir.Table, reading: Reading) -> Iterator[Rule]:
    yield table.status.notin(ORDER_STATUSES), ibis.literal("unknown status ").concat(table.status)
    if reading.currency:
        told = ibis.literal("currency ").concat(table.currency, f", the shop counts in {reading.currency}")
        yield table.currency != reading.currency, told
    yield from order_lines.rules(table)
